"""`javumbo logout`: revoke the token, and forget it."""

import argparse

from javumbo.client import Javumbo, config_folder, forget_login
from javumbo.commands.output import remark, say
from javumbo.commands.running import describe, guarded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    describe(parser, "The token is forgotten here even if the service cannot be told.")


@guarded
def run(_: argparse.Namespace) -> int:
    folder = config_folder()
    try:
        with Javumbo.from_saved_login(folder) as javumbo:
            revoked = javumbo.log_out()
    finally:
        forget_login(folder)
    if not revoked:
        remark("this service revokes no tokens; a copy of yours would work until it expires.")
    say("Logged out.")
    return 0
