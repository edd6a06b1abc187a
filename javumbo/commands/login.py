"""`javumbo login`: exchange a password for a token, and keep that."""

import argparse
import getpass
import os
import sys
from datetime import datetime

from javumbo.client import WrongUsageError, config_folder, default_server, log_in, save_login
from javumbo.client.http import checked_address, is_private_way
from javumbo.commands.output import remark, say
from javumbo.commands.running import describe, guarded

_PASSWORD_VARIABLE = "JAVUMBO_PASSWORD"  # noqa: S105
_NOTE = f"""\
The password is asked for, or taken from ${_PASSWORD_VARIABLE}. The token is kept in a file that
only you can read, in $JAVUMBO_CONFIG_DIR, else in javumbo/ in $XDG_CONFIG_HOME or ~/.config."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "server",
        nargs="?",
        default=default_server(),
        help="the address of the service (default: %(default)s)",
    )
    parser.add_argument("-u", "--username", help="who you are (default: asked for)")
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from the first line of standard input",
    )
    describe(parser, _NOTE)


@guarded
def run(arguments: argparse.Namespace) -> int:
    server = checked_address(arguments.server)
    username = arguments.username or _asked_username()
    if not is_private_way(server):
        remark(f"warning: the password goes to {server} unencrypted.")
    login = log_in(server, username, _password(from_stdin=arguments.password_stdin))
    save_login(login, config_folder())
    until = datetime.fromtimestamp(login.expires_at / 1000).astimezone().strftime("%Y-%m-%d %H:%M")
    say(f"Logged in at {login.server} as {login.username} until {until}.")
    return 0


def _asked_username() -> str:
    if not sys.stdin.isatty():
        raise WrongUsageError("There is no terminal to ask at: use --username.")
    print("Username: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    given = os.environ.get(_PASSWORD_VARIABLE)
    if given:
        return given
    if not sys.stdin.isatty():
        raise WrongUsageError(
            f"There is no terminal to ask at: use --password-stdin or ${_PASSWORD_VARIABLE}."
        )
    try:
        return getpass.getpass()
    except EOFError:
        raise WrongUsageError("No password was given.") from None
