"""The `--data` argument, which several commands take."""

import argparse
import os
from pathlib import Path


def add_data_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="where users and collections are kept (default: $JAVUMBO_DATA, else ./data)",
    )


def use_data_argument(arguments: argparse.Namespace) -> None:
    """Let the services of this process work on the folder that was named, if one was."""
    if arguments.data:
        os.environ["JAVUMBO_DATA"] = str(arguments.data.resolve())
