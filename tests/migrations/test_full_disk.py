"""A disk without room says nothing of anybody's file: it failed, and goes well with more room."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

from chalicelib.errors import StorageUnavailableError, UnusableFileError
from migrations.examining import Options
from migrations.flask.conversion import Moment, convert
from migrations.flask.files import OldFile
from tests.migrations.conftest import Place
from tests.migrations.install import NOW_MS, NOW_S, build_install
from tests.migrations.moving import move_of, state_of, take_everybody
from tests.migrations.old_program import DAY_S, Shape, write_collection
from tests.support.full_disk import no_file_larger_than

_PAGE = 4096
_INDEXES = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"


def test_a_conversion_without_room_is_never_the_files_fault(tmp_path: Path) -> None:
    old = tmp_path / "old.anki2"
    write_collection(old, Shape(NOW_S - 40 * DAY_S, 300), NOW_S, random.Random(1))
    with closing(sqlite3.connect(old, isolation_level=None)) as conn:
        # Smaller than what is made of it, so that the room ends at every step there is.
        for (name,) in conn.execute(_INDEXES).fetchall():
            conn.execute(f"DROP INDEX {name}")
        conn.execute("VACUUM")
    failed, pages = 0, old.stat().st_size // _PAGE
    for number in (*range(0, pages, 16), *range(pages, 2 * pages, 2)):
        target = tmp_path / f"new-{number}.anki2"
        try:
            with no_file_larger_than(number * _PAGE):
                assert convert(OldFile(old), target, Moment(NOW_MS, 0))
        except UnusableFileError as error:
            raise AssertionError(error.message) from error
        except (StorageUnavailableError, OSError):
            failed += 1
    assert pages // 16 + 3 < failed


def test_whoever_had_no_room_is_taken_when_there_is_some(
    local: Place, options: Options, tmp_path: Path
) -> None:
    """Both here and where people go to."""
    old = build_install(tmp_path / "old", 10)
    target = local.open()
    move = move_of(old, target)
    sizes = sorted(user.file.stat().st_size for user in old.users if user.file)
    failed = []
    for size in (sizes[0] // 2, sizes[0] - _PAGE, sizes[-1]):
        with no_file_larger_than(size):
            outcomes = list(take_everybody(target, move, options).values())
        assert {one.status for one in outcomes} <= {"failed", "taken", "already"}
        assert all(one.reason for one in outcomes if not one.is_well)
        failed.append(sum(1 for one in outcomes if not one.is_well))
    assert failed[0] == len(old.users)
    again = take_everybody(target, move_of(old, target), options)
    assert {one.status for one in again.values()} <= {"taken", "already"}
    reference = Place("local", {"JAVUMBO_DATA": str(tmp_path / "reference")}).open()
    take_everybody(reference, move_of(old, reference), options)
    assert state_of(target) == state_of(reference)
