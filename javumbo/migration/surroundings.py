"""What the commands of `javumbo migrate` take from where they run."""

import argparse
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chalicelib.errors import ConfigurationError
from chalicelib.settings import Settings
from migrations.flask.install import OldInstall, read_install
from migrations.stage import use_stage
from migrations.target import Target, is_there, open_target

_MAX_PAUSE_S = 0.4


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Of the stage that was named. Raises ConfigurationError."""
    if not arguments.stage:
        raise ConfigurationError("Say which stage: --stage local, or the name of one on AWS.")
    return use_stage(arguments.stage, os.environ)


def existing_target(settings: Settings) -> Target:
    """Raises ConfigurationError where nothing was ever put."""
    if not is_there(settings):
        raise ConfigurationError(f"There is no data of JAVUMBO in {settings.data_dir}.")
    return open_target(settings, pause)


def old_install(arguments: argparse.Namespace) -> OldInstall:
    """Raises ConfigurationError."""
    check_places_given(arguments)
    return read_install(arguments.admin_db, arguments.user_dbs)


def check_places_given(arguments: argparse.Namespace) -> None:
    """Raises ConfigurationError when it is not said where the old install is, or is to be."""
    if not arguments.admin_db or not arguments.user_dbs:
        raise ConfigurationError("Say where the old install is: --admin-db PATH, --user-dbs DIR.")


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, where that is a terminal."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as shown:
        task = shown.add_task(what, total=total)
        yield lambda number: shown.update(task, completed=number)


def pause(attempt: int) -> None:
    """Before the next of many attempts, a little longer each time."""
    time.sleep(min(_MAX_PAUSE_S, 0.1 * attempt) * random.random())  # noqa: S311


def now_ms() -> int:
    return time.time_ns() // 1_000_000
