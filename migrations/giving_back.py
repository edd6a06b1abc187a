"""The way back: `admin.db` and `user_dbs/` of the Flask version, written from the live system."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from chalicelib.errors import NotFoundError, StorageUnavailableError
from migrations.flask.files import SIDES
from migrations.flask.install import Row
from migrations.parallel import each_of
from migrations.returning import Returned, plan_return
from migrations.target import Target
from migrations.wording import sentence_of
from migrations.writing_back import empty_folder, whole_file

_USERS = """
CREATE TABLE users (
    user_id INTEGER PRIMARY KEY, username TEXT UNIQUE, name TEXT, password_hash TEXT
)"""


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Everybody that was written, how many files, and what a person has to be told."""

    people: list[Returned]
    files: int
    told: list[str]


@dataclass(frozen=True, slots=True)
class _Written:
    """What came of one: `told` of it, whether there `is_file`, or is nobody any more."""

    is_file: bool = False
    is_gone: bool = False
    failed: bool = False
    told: str = ""


def give_back_all(
    target: Target, admin_db: Path, user_dbs: Path, jobs: int, done: Callable[[int], None]
) -> GivenBack:
    """Write both anew, for their owner only; everybody that was written.

    `admin.db` comes last. A collection that cannot be read stops nobody else: it is told of, and
    the original is written where there is one. Raises ConfigurationError where something lies
    there already that no earlier run of this has written, and StorageUnavailableError when most
    of the collections cannot be read.
    """
    with empty_folder(admin_db, user_dbs):
        plan = plan_return(target, jobs)
        wanted = [*plan.people, *plan.loose]
        written = each_of(wanted, lambda one: _write(target, one, user_dbs), jobs, done)
        _check_most(written)
        people = [one for one, what in zip(plan.people, written, strict=False) if not what.is_gone]
        _write_admin(admin_db, people, plan.nameless)
    told = [*plan.told, *(what.told for what in written if what.told)]
    return GivenBack(people, sum(what.is_file for what in written), told)


def _write(target: Target, one: Returned, user_dbs: Path) -> _Written:
    if not one.file:
        return _Written()
    path, scratch = user_dbs / one.file, user_dbs / f".{one.row.user_id}.part"
    if one.owner is None:
        _write_original(target, one.key, path, scratch)
        return _Written(is_file=True)
    try:
        with whole_file(path, scratch):
            target.storage.image_to(one.owner, scratch)
            _check(scratch)
        return _Written(is_file=True)
    except NotFoundError as error:
        user = target.users.get(one.owner.username)
        if user is None or user.ending or user.generation != one.owner.generation:
            return _Written(is_gone=True)  # deleted just now
        return _write_instead(target, one, path, scratch, sentence_of(error))
    except (StorageUnavailableError, sqlite3.DatabaseError) as error:
        return _write_instead(target, one, path, scratch, sentence_of(error))


def _write_instead(
    target: Target, one: Returned, path: Path, scratch: Path, reason: str
) -> _Written:
    """The original for a collection that cannot be read, and a word of it."""
    if one.key:
        _write_original(target, one.key, path, scratch)
    instead = "the file is the one of the old install" if one.key else "there is no file"
    told = f"{one.row.username}: the collection could not be read ({reason}); {instead}"
    return _Written(is_file=bool(one.key), failed=True, told=told)


def _write_original(target: Target, key: str, path: Path, scratch: Path) -> None:
    for suffix in ("", *SIDES):
        if target.base.head(key + suffix):
            with whole_file(path.with_name(path.name + suffix), scratch):
                target.base.download(key + suffix, scratch)


def _check(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        if conn.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("it is damaged")


def _check_most(written: Sequence[_Written]) -> None:
    failed = [what for what in written if what.failed]
    if 2 * len(failed) > sum(what.is_file or what.failed for what in written):
        raise StorageUnavailableError(
            f"{len(failed)} collections cannot be read, so there is no admin.db yet; the first:"
            f" {failed[0].told}."
        )


def _write_admin(admin_db: Path, people: Iterable[Returned], nameless: Iterable[Row]) -> None:
    rows = [_row(one) for one in people]
    scratch = admin_db.with_name(f".{admin_db.name}.part")
    with whole_file(admin_db, scratch), closing(sqlite3.connect(scratch)) as conn, conn:
        conn.execute(_USERS)
        conn.executemany("INSERT INTO users VALUES (?, ?, ?, ?)", [*rows, *nameless])


def _row(one: Returned) -> Row:
    row = one.row
    return row.user_id, row.username, row.name, row.password_hash
