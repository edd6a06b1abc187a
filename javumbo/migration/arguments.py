"""What `javumbo migrate` can be told, and what makes no sense together."""

import argparse
import os
from pathlib import Path

from chalicelib.errors import ConfigurationError
from javumbo.data import add_data_argument

COPY, REVERSE = "copy", "reverse"
_ACTIONS = (COPY, "verify", "backup", "restore", "forget", "version")
# Of which actions an argument is; with any other one it would be passed over in silence.
_ONLY_OF = {
    "dry_run": (COPY,),
    "mapping": (COPY, "verify"),
    "to": ("backup", "version"),
    "from": ("restore",),
    "all": ("forget",),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        choices=_ACTIONS,
        help="copy people (the default), verify that all are there, back the old install up or"
        " restore it, forget what was kept of it, or show and change the version of the data",
    )
    parser.add_argument("--admin-db", type=Path, metavar="PATH", help="the old admin.db")
    parser.add_argument("--user-dbs", type=Path, metavar="DIR", help="the old folder user_dbs")
    parser.add_argument("--stage", metavar="NAME", help="'local', or a stage on AWS")
    parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
    parser.add_argument("--reverse", action="store_true", help="write the old install anew")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="decisions, edited")
    parser.add_argument(
        "--report",
        type=Path,
        default=Path("migration-report"),
        metavar="DIR",
        help="where reports are written (default: %(default)s)",
    )
    _add_numbers(parser)
    _add_places(parser)
    add_data_argument(parser)


def action_of(arguments: argparse.Namespace) -> str:
    """The one thing to be done. Raises ConfigurationError for what it would not look at."""
    if arguments.reverse and arguments.action:
        raise ConfigurationError(f"Either --reverse or {arguments.action}, not both.")
    action: str = REVERSE if arguments.reverse else arguments.action or COPY
    for name, actions in _ONLY_OF.items():
        if getattr(arguments, name) and action not in actions:
            flag = name.replace("_", "-")
            raise ConfigurationError(f"--{flag} is of {' and '.join(actions)}, not of {action}.")
    if arguments.jobs < 1:
        raise ConfigurationError("--jobs must be at least 1.")
    return action


def _add_numbers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="how many people at a time (default: %(default)s)",
    )
    parser.add_argument(
        "--utc-offset-minutes",
        type=int,
        metavar="N",
        help="where people live whose collection does not say, minutes east of UTC"
        " (default: what was said before, else 0)",
    )
    parser.add_argument(
        "--sample",
        type=int,
        default=10,
        metavar="N",
        help="how many people `verify` opens through the API (default: %(default)s)",
    )


def _add_places(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="PLACE",
        help="of backup, given twice: a folder or s3://BUCKET; of version: the number",
    )
    parser.add_argument("--from", metavar="PLACE/NAME", help="of restore: which backup")
    parser.add_argument(
        "--all", action="store_true", help="of forget: not only of deleted accounts"
    )
