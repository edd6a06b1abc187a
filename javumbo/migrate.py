"""`javumbo migrate`: people of the Flask version taken over, checked, and given back."""

import argparse
import os
import random
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chalicelib.errors import ConfigurationError, JavumboError
from chalicelib.settings import Settings
from javumbo.data import add_data_argument, use_data_argument
from javumbo.migration.opening import open_sample
from migrations.backup import back_up, open_places
from migrations.copying import Move, everybody, plan_all, take_all
from migrations.examining import Options
from migrations.flask.install import OldInstall, read_install
from migrations.forgetting import forget_all, forget_the_gone
from migrations.giving_back import give_back_all
from migrations.naming import read_mapping, write_mapping
from migrations.outcomes import Outcome
from migrations.reports import Report, summary, write_report
from migrations.runner import Runner
from migrations.stage import check_apart, use_stage
from migrations.target import Target, is_there, open_target
from migrations.verifying import verify_all

EXIT_PROBLEMS = 1
_ACTIONS = ("copy", "verify", "backup", "forget", "version")
_MAX_PAUSE_S = 0.4
_GENERATION_BYTES = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        choices=_ACTIONS,
        default="copy",
        help="copy people (the default), verify that all are there, back the old install up,"
        " forget what was kept of it, or show and change the version of the data",
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
        default=0,
        metavar="N",
        help="where people live whose collection does not say, minutes east of UTC (default: 0)",
    )
    parser.add_argument(
        "--sample",
        type=int,
        default=10,
        metavar="N",
        help="how many people `verify` opens through the API (default: %(default)s)",
    )
    parser.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="PLACE",
        help="of backup, given twice: a folder or s3://BUCKET; of version: the number",
    )
    parser.add_argument(
        "--all", action="store_true", help="of forget: not only of deleted accounts"
    )
    add_data_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 when all is well, 1 when there is something to look at; the report says what.

    Raises ConfigurationError when something is missing or cannot be.
    """
    use_data_argument(arguments)
    if arguments.jobs < 1:
        raise ConfigurationError("--jobs must be at least 1.")
    action = _reverse if arguments.reverse else _RUN[arguments.action]
    try:
        return action(arguments)
    except ConfigurationError:
        raise
    except JavumboError as error:
        print(f"javumbo: {error.message}", file=sys.stderr)
        return EXIT_PROBLEMS


def _copy(arguments: argparse.Namespace) -> int:
    settings, install = _settings(arguments), _install(arguments)
    check_apart(settings, arguments.admin_db, arguments.user_dbs)
    mapping, began_ms = read_mapping(arguments.mapping), _now_ms()
    there = not arguments.dry_run or is_there(settings)
    target = open_target(settings, _pause) if there else None
    move = everybody(install, target, mapping, arguments.jobs)
    outcomes = _outcomes(arguments, target, move)
    report = Report(
        "plan" if arguments.dry_run else "copy",
        arguments.stage,
        began_ms,
        _now_ms(),
        people=tuple(outcomes),
        unclaimed=tuple(file.path.name for file in install.unclaimed),
        nameless=install.nameless,
    )
    code = _reported(arguments, report)
    write_mapping(arguments.report / "mapping.json", move.people, mapping)
    if target and not arguments.dry_run and all(one.status != "failed" for one in outcomes):
        Runner(target, _now_ms).note(1)
    return code


def _outcomes(arguments: argparse.Namespace, target: Target | None, move: Move) -> list[Outcome]:
    total = len(move.people)
    with _options(arguments) as options:
        if arguments.dry_run or target is None:
            with _progress("Looking", total) as done:
                return plan_all(target, move, options, done)
        with _progress("Copying", total) as done:
            return take_all(target, move, options, done)


def _verify(arguments: argparse.Namespace) -> int:
    settings, install = _settings(arguments), _install(arguments)
    target, began_ms = _existing_target(settings), _now_ms()
    move = everybody(install, target, read_mapping(arguments.mapping), arguments.jobs)
    with _options(arguments) as options, _progress("Comparing", len(move.people)) as done:
        findings = verify_all(target, move, options, done)
    findings += open_sample(settings, target, arguments.sample)
    report = Report("verify", arguments.stage, began_ms, _now_ms(), findings=tuple(findings))
    return _reported(arguments, report)


def _backup(arguments: argparse.Namespace) -> int:
    install, stores = _install(arguments), open_places(arguments.to)
    total = 1 + sum(1 for path in install.user_dbs.iterdir() if path.is_file())
    with _progress("Copying", total) as done:
        name, held = back_up(install, stores, _now_ms() // 1000, arguments.jobs, done)
    size = sum(each.size for each in held)
    print(f"{name}: {len(held)} files, {size:,} bytes, read back and equal in each of")
    print("\n".join(f"  {place}" for place in arguments.to))
    return 0


def _reverse(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    if not arguments.admin_db or not arguments.user_dbs:
        raise ConfigurationError("Say where to write: --admin-db PATH and --user-dbs DIR.")
    target, began_ms = _existing_target(settings), _now_ms()
    total = len(target.usernames())
    with _progress("Writing", total) as done:
        returned = give_back_all(
            target, arguments.admin_db, arguments.user_dbs, arguments.jobs, done
        )
    files = sum(1 for one in returned if one.file)
    seconds = (_now_ms() - began_ms) / 1000
    print(f"{len(returned)} users and {files} collections written in {seconds:.1f} seconds")
    return 0


def _forget(arguments: argparse.Namespace) -> int:
    target = _existing_target(_settings(arguments))
    forget = forget_all if arguments.all else forget_the_gone
    print(f"{forget(target, arguments.jobs)} objects of the old install removed")
    return 0


def _version(arguments: argparse.Namespace) -> int:
    target = _existing_target(_settings(arguments))
    runner = Runner(target, _now_ms, jobs=arguments.jobs)
    if arguments.to:
        wanted = arguments.to[-1]
        if not wanted.isdecimal():
            raise ConfigurationError("Of version, --to takes a number.")
        with _progress("Changing", None) as done:
            runner.run(int(wanted), lambda _step, number: done(number))
    found = runner.current()
    print(f"version {found.version} of the data; this program knows up to {runner.latest}")
    for passage in found.passages:
        way = "back from" if passage.is_backward else "to"
        at = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(passage.at_ms // 1000))
        print(f"  {at}  {way} {passage.number}: {passage.name}")
    return 0


_RUN: dict[str, Callable[[argparse.Namespace], int]] = {
    "copy": _copy,
    "verify": _verify,
    "backup": _backup,
    "forget": _forget,
    "version": _version,
}


def _reported(arguments: argparse.Namespace, report: Report) -> int:
    readable = write_report(arguments.report, report)
    print("\n".join(summary(report)))
    print(f"The whole report: {readable}")
    return 0 if report.is_well else EXIT_PROBLEMS


def _settings(arguments: argparse.Namespace) -> Settings:
    if not arguments.stage:
        raise ConfigurationError("Say which stage: --stage local, or the name of one on AWS.")
    return use_stage(arguments.stage, os.environ)


def _existing_target(settings: Settings) -> Target:
    if not is_there(settings):
        raise ConfigurationError(f"There is no data of JAVUMBO in {settings.data_dir}.")
    return open_target(settings, _pause)


def _install(arguments: argparse.Namespace) -> OldInstall:
    if not arguments.admin_db or not arguments.user_dbs:
        raise ConfigurationError("Say where the old install is: --admin-db PATH, --user-dbs DIR.")
    return read_install(arguments.admin_db, arguments.user_dbs)


@contextmanager
def _options(arguments: argparse.Namespace) -> Iterator[Options]:
    with TemporaryDirectory(prefix="javumbo-migrate-") as folder:
        yield Options(
            work_dir=Path(folder),
            now_ms=_now_ms,
            generation=lambda: secrets.token_hex(_GENERATION_BYTES),
            offset=-arguments.utc_offset_minutes,
            jobs=arguments.jobs,
        )


@contextmanager
def _progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, where that is a terminal."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda number: progress.update(task, completed=number)


def _pause(attempt: int) -> None:
    time.sleep(min(_MAX_PAUSE_S, 0.1 * attempt) * random.random())  # noqa: S311


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
