"""A whole collection in the place of another one: what real Anki keeps of it, and hostile files."""

import json
import random
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.collection.day import timing_at
from chalicelib.packages import ImportReport, Predecessor, make_replacement
from tests.packages import mutations
from tests.packages.judge import DATA, contents, reopen, run_anki
from tests.packages.sources import collection_file, edit, opened
from tests.support.anki import assert_clean
from tests.support.collections import NOW_MS, make_note

STUDIED = DATA / "jlpt-n5-studied.anki2"
# Without those that leave something behind that is put right here, and not in Anki.
SOUND_CHANGES: list[mutations.Change] = [
    change
    for change in mutations.CHANGES
    if change
    not in {
        mutations.first_scheduler,
        mutations.other_text,
        mutations.other_tags,
        mutations.other_schedules,
        mutations.other_card_data,
        mutations.lent_cards_without_home,
        mutations.fewer_reviews,
        mutations.own_options,
        mutations.other_sort_field,
    }
]
BEFORE = Predecessor(local_offset=0, modified_ms=NOW_MS, schema_ms=NOW_MS)


def replaced(data: bytes, path: Path, *, now_ms: int = NOW_MS) -> ImportReport:
    with opened(data) as source:
        return make_replacement(path, source, BEFORE, now_ms=now_ms, media=0)


def packed(collection: Path) -> Path:
    target = collection.with_suffix(".colpkg")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(collection, "collection.anki2")
        archive.writestr("media", "{}")
    return target


def compared(package: Path, work_dir: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is there after our replacement, and after Anki's."""
    theirs, ours = work_dir / "theirs.anki2", work_dir / "ours.anki2"
    job = {"collection": str(theirs), "packages": [], "replacement": str(package)}
    (result,) = run_anki([job])
    assert result["error"] is None
    replaced(package.read_bytes(), ours, now_ms=result["now_ms"])
    reopen([ours])
    began_s = result["now_ms"] // 1000
    return everything(ours, began_s), everything(theirs, began_s)


def everything(path: Path, began_s: int) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as conn:
        crt, usn, ls, conf = conn.execute("SELECT crt, usn, ls, conf FROM col").fetchone()
    settings = {
        key: value
        for key, value in json.loads(conf).items()
        if key not in {"lastUnburied", "localOffset"}
    }
    found = contents(path, began_s)
    graves = sorted(found["graves"])
    return found | {"graves": graves, "crt": crt, "usn": usn, "ls": ls, "conf": settings}


@pytest.mark.parametrize("name", ["jlpt-n5-studied.colpkg", "jlpt-n5-studied-legacy.colpkg"])
def test_a_package_takes_the_place_of_a_collection_as_in_anki(name: str, tmp_path: Path) -> None:
    ours, theirs = compared(DATA / name, tmp_path)
    assert ours["notes"]
    for part in theirs:
        assert ours[part] == theirs[part], part


@pytest.mark.parametrize("seed", range(3))
def test_any_sound_collection_takes_the_place_as_in_anki(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    source = Path(shutil.copy(STUDIED, tmp_path / "source.anki2"))
    with closing(sqlite3.connect(source)) as conn, conn:
        for change in rng.sample(SOUND_CHANGES, 5):
            change(conn, rng)
        conn.execute("INSERT INTO graves VALUES (5, 1, 0), (0, 2, 1), (-1, 3, 2)")
        conn.execute("UPDATE col SET usn = 12, ls = 34")
        edit(conn, "conf", lambda conf: conf.update(addon={"any": ["thing", 1]}))
    run_anki([{"collection": str(source), "packages": [], "check": True}])
    ours, theirs = compared(packed(source), tmp_path)
    for part in theirs:
        assert ours[part] == theirs[part], part


def test_members_of_documents_that_nobody_knows_survive(tmp_path: Path) -> None:
    def mark(objects: dict[str, Any]) -> None:
        for each in objects.values():
            each["own"] = 1

    def change(conn: sqlite3.Connection) -> None:
        for document in ("models", "decks", "dconf"):
            edit(conn, document, mark)
        edit(conn, "models", lambda models: models[min(models)]["flds"][0].update(deep=[2]))
        edit(conn, "dconf", lambda dconf: dconf["1"]["new"].update(separate=True))

    replaced(collection_file(change), tmp_path / "new.anki2")
    models, decks, dconf = documents(tmp_path / "new.anki2", "models", "decks", "dconf")
    assert all(each["own"] == 1 for value in (models, decks, dconf) for each in value.values())
    assert models[min(models)]["flds"][0]["deep"] == [2]
    assert dconf["1"]["new"]["separate"] is True


def test_the_person_stays_where_they_are_and_every_client_takes_all_anew(tmp_path: Path) -> None:
    def change(conn: sqlite3.Connection) -> None:
        make_note(conn, ["a", "b"], tags=["tag"])
        edit(conn, "conf", lambda conf: conf.update(localOffset=180))
        for table in ("notes", "cards"):
            conn.execute(f"UPDATE {table} SET usn = -1")
        conn.execute("UPDATE col SET usn = 7, scm = 1, mod = 1")

    before = Predecessor(local_offset=-60, modified_ms=NOW_MS + 5, schema_ms=NOW_MS + 9)
    with opened(collection_file(change)) as source:
        make_replacement(tmp_path / "new.anki2", source, before, now_ms=NOW_MS, media=0)
    (conf,) = documents(tmp_path / "new.anki2", "conf")
    assert conf["localOffset"] == -60
    with closing(sqlite3.connect(tmp_path / "new.anki2")) as conn:
        times = conn.execute("SELECT usn, mod > ?, scm > ? FROM col", (NOW_MS + 5, NOW_MS + 9))
        assert times.fetchone() == (7, 1, 1)
        rows = conn.execute("SELECT usn FROM notes UNION ALL SELECT usn FROM cards").fetchall()
        assert rows == [(0,), (0,)]


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.*pkg")))
def test_anki_finds_nothing_wrong_with_any_real_package(
    name: str, tmp_path: Path, now_ms: int
) -> None:
    """Not even with one of the first scheduler, which is upgraded."""
    report = replaced((DATA / name).read_bytes(), tmp_path / "new.anki2", now_ms=now_ms)
    assert report.notes_new
    with closing(sqlite3.connect(tmp_path / "new.anki2")) as conn, conn:
        today = timing_at(conn, now_ms).today  # buried cards stay so until the next day
        edit(conn, "conf", lambda conf: conf.update(lastUnburied=today))
    assert_clean(tmp_path / "new.anki2")


def strange_rows(conn: sqlite3.Connection) -> None:
    for number in range(4):
        make_note(conn, [f"note {number}", "b"])
    first, second, third, fourth = (row[0] for row in conn.execute("SELECT id FROM cards"))
    conn.execute("UPDATE cards SET did = 4242 WHERE id = ?", (first,))
    conn.execute("UPDATE cards SET ivl = 'text', due = 1e300 WHERE id = ?", (second,))
    conn.execute("UPDATE cards SET nid = 4242 WHERE id = ?", (third,))
    conn.execute("UPDATE cards SET odid = 1, odue = 5 WHERE id = ?", (fourth,))
    conn.execute("UPDATE notes SET mid = 4242 WHERE flds LIKE 'note 2%'")
    conn.execute("UPDATE notes SET csum = 'x', sfld = x'00', usn = 'y' WHERE flds LIKE 'note 3%'")
    conn.execute("INSERT INTO revlog VALUES (1, 1, 'x', 99, 1, 1, 1, 1, 1)")
    conn.execute("INSERT INTO graves VALUES ('x', 'y', 'z'), (0, 5, 9)")
    edit(conn, "tags", lambda tags: tags.update(odd="x"))


def without_defaults(conn: sqlite3.Connection) -> None:
    make_note(conn, ["a", "b"])
    edit(conn, "decks", lambda decks: decks.pop("1"))
    edit(conn, "dconf", lambda dconf: dconf.pop("1"))


@pytest.mark.parametrize("change", [strange_rows, without_defaults])
def test_what_is_wrong_with_a_collection_is_put_right(
    change: Callable[[sqlite3.Connection], None], tmp_path: Path, now_ms: int
) -> None:
    report = replaced(collection_file(change), tmp_path / "new.anki2", now_ms=now_ms)
    assert report.log or change is without_defaults
    assert_clean(tmp_path / "new.anki2")


def documents(path: Path, *names: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as conn:
        row = conn.execute(f"SELECT {', '.join(names)} FROM col").fetchone()
    return [json.loads(text) for text in row]
