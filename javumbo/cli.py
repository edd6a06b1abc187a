"""The `javumbo` command, for the people who run the service."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from chalicelib import __version__
from chalicelib.errors import ConfigurationError

EXIT_MISUSED = 2

# Each is a module of this package with `add_arguments(parser)` and `run(arguments)`.
COMMANDS = {
    "serve": "run the service on this machine",
    "storage": "look at how collections are stored, and fold them",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code, 2 with one sentence when it is not set up right."""
    arguments = sys.argv[1:] if argv is None else argv
    parsed = _parser(arguments).parse_args(arguments)
    try:
        code: int = parsed.run(parsed)
    except ConfigurationError as error:
        print(f"javumbo: {error.message}", file=sys.stderr)
        return EXIT_MISUSED
    return code


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """The parser; of the commands, only the one asked for is imported."""
    parser = argparse.ArgumentParser(prog="javumbo", description=__doc__)
    parser.add_argument("--version", action="version", version=f"javumbo {__version__}")
    commands = parser.add_subparsers(metavar="command", required=True)
    for name, purpose in COMMANDS.items():
        subparser = commands.add_parser(name, help=purpose, description=purpose)
        if name in arguments:
            command = importlib.import_module(f"javumbo.{name}")
            command.add_arguments(subparser)
            subparser.set_defaults(run=command.run)
    return parser
