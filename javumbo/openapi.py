"""`javumbo openapi`: the API's description, as `/openapi.json` has it."""

import argparse
import os

from chalicelib.api.openapi import document_json
from chalicelib.settings import load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(_: argparse.Namespace) -> int:
    """Print the document under the present settings."""
    print(document_json(load_settings(os.environ)))
    return 0
