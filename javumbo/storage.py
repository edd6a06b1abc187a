"""`javumbo storage`: look at how a collection is stored, and bring base files up to date."""

import argparse
import json
import os
import sys

import msgspec

from chalicelib.errors import ConfigurationError, JavumboError
from chalicelib.services import default_services
from chalicelib.settings import load_settings
from chalicelib.storage import CollectionStorage
from chalicelib.storage.inspecting import Inspection
from javumbo.data import add_data_argument, use_data_argument

EXIT_PROBLEMS = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="action", required=True)
    inspect = actions.add_parser("inspect", help="show how a collection is stored, and check it")
    inspect.add_argument("username")
    inspect.add_argument("--json", action="store_true", help="everything, each commit included")
    inspect.set_defaults(action=_inspect)
    fold = actions.add_parser("fold", help="bring base files up to date with the commit log")
    who = fold.add_mutually_exclusive_group(required=True)
    who.add_argument("username", nargs="?")
    who.add_argument("--all", action="store_true", help="every collection")
    fold.set_defaults(action=_fold)
    for action in (inspect, fold):
        add_data_argument(action)


def run(arguments: argparse.Namespace) -> int:
    """0, or 1 with a sentence when something is wrong with what is stored.

    Raises ConfigurationError when there is nothing stored at all where the settings point to.
    """
    use_data_argument(arguments)
    _check_data()
    try:
        code: int = arguments.action(default_services().storage, arguments)
    except JavumboError as error:
        print(f"javumbo: {error.message}", file=sys.stderr)
        return EXIT_PROBLEMS
    return code


def _check_data() -> None:
    """Looking into a wrong folder must not make a new one of it."""
    settings = load_settings(os.environ)
    if settings.backend == "local" and not (settings.data_dir / "admin.db").exists():
        raise ConfigurationError(f"There is no data of JAVUMBO in {settings.data_dir}.")


def _inspect(storage: CollectionStorage, arguments: argparse.Namespace) -> int:
    found = storage.inspect(arguments.username)
    if arguments.json:
        print(json.dumps(msgspec.to_builtins(found), indent=2))
    else:
        print("\n".join(_described(found)))
    return EXIT_PROBLEMS if found.problems else 0


def _described(found: Inspection) -> list[str]:
    first = found.commits[0].seq if found.commits else None
    ring = f"commits {first} to {found.head}" if first else "empty"
    base = "foreign" if found.base_seq is None else f"commit {found.base_seq}"
    return [
        f"user        {found.username} (generation {found.generation or 'none'})",
        f"base file   {base}, {found.base_size} bytes, etag {found.base_etag}",
        f"ring        {ring}, {len(found.commits)} of {found.slots} slots",
        f"head        commit {found.head}",
        f"unfolded    {found.unfolded} commits, {found.unfolded_size} bytes",
        *(f"spilled     {key}" for key in found.spilled),
        *(f"conflict    {key}" for key in found.conflicts),
        *(f"problem     {problem}" for problem in found.problems),
        *(
            []
            if found.problems
            else ["checked     every unfolded commit fits, the result is sound"]
        ),
    ]


def _fold(storage: CollectionStorage, arguments: argparse.Namespace) -> int:
    if not arguments.all:
        print(f"{arguments.username}: folded up to commit {storage.fold(arguments.username)}")
        return 0
    failed = 0
    for owner in storage.everybody():
        try:
            print(f"{owner.username}: folded up to commit {storage.fold(owner)}")
        except JavumboError as error:
            failed += 1
            print(f"{owner.username}: {error.message}", file=sys.stderr)
    return EXIT_PROBLEMS if failed else 0
