"""`javumbo migrate`: people of the Flask version taken over, checked, and given back."""

import argparse
import secrets
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from chalicelib.errors import ConfigurationError, JavumboError
from javumbo.data import use_data_argument
from javumbo.migration.arguments import REVERSE, action_of, add_arguments
from javumbo.migration.opening import open_sample
from javumbo.migration.surroundings import (
    existing_target,
    now_ms,
    old_install,
    pause,
    progress,
    settings_of,
)
from javumbo.migration.whole_installs import EXIT_PROBLEMS, run_backup, run_restore, run_reverse
from migrations.copying import Move, everybody, plan_all, take_all
from migrations.examining import Options
from migrations.flask.install import OldInstall
from migrations.forgetting import forget_all, forget_the_gone
from migrations.mapping import check_edits_given, check_mapping, read_mapping, write_mapping
from migrations.naming import MappingFile
from migrations.noted import note, noted
from migrations.outcomes import Outcome
from migrations.reports import Report, summary, try_folder, write_report
from migrations.runner import Runner
from migrations.stage import check_apart
from migrations.target import Target, is_there, open_target
from migrations.verifying import verify_all
from migrations.wording import plain, sentence_of
from migrations.workspace import workspace

__all__ = ["add_arguments", "run"]

_GENERATION_BYTES = 16


def run(arguments: argparse.Namespace) -> int:
    """0 when all is well, 1 when there is something to look at; the report says what.

    Raises ConfigurationError when something is missing or cannot be.
    """
    action = action_of(arguments)
    use_data_argument(arguments)
    try:
        with workspace() as work_dir:
            return _RUN[action](arguments, work_dir)
    except ConfigurationError:
        raise
    except (JavumboError, OSError, sqlite3.Error) as error:
        print(f"javumbo: {sentence_of(error)}", file=sys.stderr)
        return EXIT_PROBLEMS


def _copy(arguments: argparse.Namespace, work_dir: Path) -> int:
    settings = settings_of(arguments)
    try_folder(arguments.report)
    check_edits_given(arguments.report, arguments.mapping)
    mapping, install = read_mapping(arguments.mapping), old_install(arguments)
    check_apart(settings, arguments.admin_db, arguments.user_dbs)
    check_mapping(install, mapping)
    began_ms, there = now_ms(), not arguments.dry_run or is_there(settings)
    target = open_target(settings, pause) if there else None
    install = _without_rows_left_out(install, target, mapping)
    move = everybody(install, target, mapping.users, arguments.jobs)
    if target and not arguments.dry_run:
        note(target.base, install, mapping.skipped_rows)
    outcomes = _outcomes(arguments, target, move, _options(arguments, work_dir))
    what = "plan" if arguments.dry_run else "copy"
    code = _reported(arguments, _report(what, arguments.stage, began_ms, outcomes, install))
    write_mapping(arguments.report, move.people, install.nameless, mapping, arguments.mapping)
    if target and not arguments.dry_run and all(one.status != "failed" for one in outcomes):
        Runner(target, now_ms).note(1)
    return code


def _without_rows_left_out(
    install: OldInstall, target: Target | None, mapping: MappingFile
) -> OldInstall:
    """Without the rows that have no username and were decided on, now or before."""
    before = noted(target.base) if target else None
    left_out = mapping.skipped_rows.union(before.rows_left_out if before else ())
    return replace(install, nameless=tuple(row for row in install.nameless if row not in left_out))


def _outcomes(
    arguments: argparse.Namespace, target: Target | None, move: Move, options: Options
) -> list[Outcome]:
    total = len(move.people)
    if arguments.dry_run or target is None:
        with progress("Looking", total) as done:
            return plan_all(target, move, options, done)
    with progress("Copying", total) as done:
        return take_all(target, move, options, done)


def _report(
    what: str, stage: str, began_ms: int, outcomes: list[Outcome], install: OldInstall
) -> Report:
    return Report(
        what,
        stage,
        began_ms,
        now_ms(),
        people=tuple(outcomes),
        unclaimed=tuple(plain(file.path.name) for file in install.unclaimed),
        nameless=install.nameless,
        left=tuple(plain(name) for name in install.left),
    )


def _verify(arguments: argparse.Namespace, work_dir: Path) -> int:
    settings = settings_of(arguments)
    try_folder(arguments.report)
    mapping, install = read_mapping(arguments.mapping), old_install(arguments)
    check_mapping(install, mapping)
    target, began_ms = existing_target(settings), now_ms()
    install = _without_rows_left_out(install, target, mapping)
    move = everybody(install, target, mapping.users, arguments.jobs)
    with progress("Comparing", len(move.people)) as done:
        findings = verify_all(target, move, _options(arguments, work_dir), done)
    findings += open_sample(settings, target, arguments.sample)
    report = Report("verify", arguments.stage, began_ms, now_ms(), findings=tuple(findings))
    return _reported(arguments, report)


def _forget(arguments: argparse.Namespace) -> int:
    target = existing_target(settings_of(arguments))
    forget = forget_all if arguments.all else forget_the_gone
    print(f"{forget(target, arguments.jobs)} objects of the old install removed")
    return 0


def _version(arguments: argparse.Namespace) -> int:
    target = existing_target(settings_of(arguments))
    runner = Runner(target, now_ms, jobs=arguments.jobs)
    if arguments.to:
        wanted = arguments.to[-1]
        if not wanted.isdecimal():
            raise ConfigurationError("Of version, --to takes a number.")
        with progress("Changing", None) as done:
            runner.run(int(wanted), lambda _step, number: done(number))
    found = runner.current()
    print(f"version {found.version} of the data; this program knows up to {runner.latest}")
    for passage in found.passages:
        way = "back from" if passage.is_backward else "to"
        at = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(passage.at_ms // 1000))
        print(f"  {at}  {way} {passage.number}: {passage.name}")
    return 0


_RUN: dict[str, Callable[[argparse.Namespace, Path], int]] = {
    "copy": _copy,
    "verify": _verify,
    "backup": lambda arguments, _: run_backup(arguments),
    "restore": lambda arguments, _: run_restore(arguments),
    REVERSE: lambda arguments, _: run_reverse(arguments),
    "forget": lambda arguments, _: _forget(arguments),
    "version": lambda arguments, _: _version(arguments),
}


def _reported(arguments: argparse.Namespace, report: Report) -> int:
    readable = write_report(arguments.report, report)
    print("\n".join(summary(report)))
    print(f"The whole report: {readable}")
    return 0 if report.is_well else EXIT_PROBLEMS


def _options(arguments: argparse.Namespace, work_dir: Path) -> Options:
    minutes: int | None = arguments.utc_offset_minutes
    return Options(
        work_dir=work_dir,
        now_ms=now_ms,
        generation=lambda: secrets.token_hex(_GENERATION_BYTES),
        offset=None if minutes is None else -minutes,
        jobs=arguments.jobs,
    )
