"""The `javumbo` command: for the people who run the service, and for those who use one."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from chalicelib import __version__
from chalicelib.errors import ConfigurationError

EXIT_MISUSED = 2
# As shells have it for what Ctrl-C has ended.
EXIT_INTERRUPTED = 130

# What each is for, and its module of this package, with `add_arguments(parser)` and
# `run(arguments)`.
COMMANDS = {
    "serve": ("run the service on this machine", "serve"),
    "storage": ("look at how collections are stored, and fold them", "storage"),
    "deploy": ("bring the service to AWS, or back to the release before", "deploy.command"),
    "destroy": ("take a stage away from AWS", "deploy.destroy_command"),
    "migrate": ("take over people of the Flask version, and back", "migrate"),
    "openapi": ("print the description of the API", "openapi"),
    "login": ("log in to a service, for the commands below", "commands.login"),
    "logout": ("log out", "commands.logout"),
    "decks": ("list the decks, with what there is to study", "commands.decks"),
    "add": ("add a note, or many from standard input", "commands.add"),
    "import": ("bring a file into the collection", "commands.import_file"),
    "export": ("take the collection out, or a part of it", "commands.export"),
    "site": ("send the web client to a deployed stage", "deploy.site_command"),
    "smoke": ("try out a deployed service", "deploy.smoke"),
    "alarm-test": ("make an alarm fire on purpose", "deploy.alarm_test"),
    "stats": ("show how studying goes", "commands.stats"),
    "cost": ("predict what a month on AWS costs, or look at the bill", "cost.command"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code, 2 with one sentence when it is not set up right.

    130 for Ctrl-C.
    """
    arguments = sys.argv[1:] if argv is None else argv
    try:
        parsed = _parser(arguments).parse_args(arguments)
        code: int = parsed.run(parsed)
    except ConfigurationError as error:
        print(f"javumbo: {error.message}", file=sys.stderr)
        return EXIT_MISUSED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return code


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """The parser; of the commands, only the one asked for is imported."""
    parser = argparse.ArgumentParser(prog="javumbo", description=__doc__)
    parser.add_argument("--version", action="version", version=f"javumbo {__version__}")
    commands = parser.add_subparsers(metavar="command", required=True)
    wanted = next((word for word in arguments if not word.startswith("-")), None)
    for name, (purpose, module) in COMMANDS.items():
        subparser = commands.add_parser(name, help=purpose, description=purpose)
        if name == wanted:
            command = importlib.import_module(f"javumbo.{module}")
            command.add_arguments(subparser)
            subparser.set_defaults(run=command.run)
    return parser
