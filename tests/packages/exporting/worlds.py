"""The collections that exports are made of, and the exports that real Anki made of them."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.packages.exporting.judge import DATA, run_anki
from tests.support.collections import make_deck, make_note, new_connection, save

SEEDS = ("1", "2", "3", "4", "5", "6")
STUDIED = "studied"
MADE_HERE = "made here"
_SEARCHES = ("is:new", "tag:leech", "deck:One", "is:review or c1", "-is:new", "nothing")


@dataclass(frozen=True)
class Case:
    """An export that Anki made: of which part of which collection, how, and what came of it."""

    collection: Path
    limit: dict[str, Any]
    options: dict[str, bool]
    package: Path
    notes: int

    def __str__(self) -> str:
        return f"{self.collection.parent.name} {self.limit} {self.options}"


def make_worlds(directory: Path) -> list[Path]:
    """A studied collection, random ones, and copies of these with what Anki would not write."""
    run_anki("make", *SEEDS, cwd=directory)
    (directory / STUDIED / "collection.media").mkdir(parents=True)
    shutil.copy(DATA / "jlpt-n5-studied.anki2", directory / STUDIED / "collection.anki2")
    (directory / MADE_HERE / "collection.media").mkdir(parents=True)
    with closing(new_connection(minutes_west=-540)) as conn:
        make_note(conn, ["made", "here"], deck_id=make_deck(conn, "A::B"), tags=["marked"])
        make_note(conn, ["{{c1::a}}", "b"], notetype="Cloze")
        save(conn, directory / MADE_HERE / "collection.anki2")
    for seed, (name, spoil) in zip(SEEDS, _SPOILED.items(), strict=False):
        shutil.copytree(directory / seed, directory / name)
        with closing(sqlite3.connect(directory / name / "collection.anki2")) as conn, conn:
            spoil(conn)
    return [
        directory / name / "collection.anki2" for name in (STUDIED, MADE_HERE, *SEEDS, *_SPOILED)
    ]


def anki_exports(collections: Sequence[Path], directory: Path) -> list[Case]:
    """Each of the collections whole and in parts, with and without this and that."""
    jobs = [
        _job(collection, limit, Random(f"{collection.parent.name} {number}"))
        for collection in collections
        for number, limit in enumerate(_limits(collection))
    ]
    for number, job in enumerate(jobs):
        job["target"] = str(directory / f"{number}.apkg")
    return [
        Case(
            Path(job["collection"]),
            job["limit"],
            job["options"],
            Path(job["target"]),
            result["count"],
        )
        for job, result in zip(jobs, run_anki("run", jobs=jobs), strict=True)
    ]


def _job(collection: Path, limit: dict[str, Any], random: Random) -> dict[str, Any]:
    names = ("with_scheduling", "with_deck_configs", "legacy")
    options = {name: random.random() < 0.5 for name in names}
    options["with_media"] = random.random() < 0.8
    return {"do": "export", "collection": str(collection), "limit": limit, "options": options}


def _limits(collection: Path) -> list[dict[str, Any]]:
    random = Random(collection.parent.name)
    with closing(sqlite3.connect(collection)) as conn:
        decks = [deck for (deck,) in conn.execute("SELECT DISTINCT did FROM cards ORDER BY did")]
        notes = [note for (note,) in conn.execute("SELECT id FROM notes ORDER BY id")]
        stored = json.loads(conn.execute("SELECT decks FROM col").fetchone()[0])
    known = [deck for deck in decks if str(deck) in stored]
    return [
        {},
        {},
        {"deck": random.choice(known)},
        {"deck": random.choice(known)},
        {"notes": [*random.sample(notes, min(5, len(notes))), 12345]},
        {"search": random.choice(_SEARCHES)},
    ]


def _without_home(conn: sqlite3.Connection) -> None:
    conn.execute("UPDATE cards SET odid = 999 WHERE id IN (SELECT max(id) FROM cards)")


def _without_deck(conn: sqlite3.Connection) -> None:
    conn.execute("UPDATE cards SET did = 998 WHERE id IN (SELECT min(id) FROM cards)")


def _with_kept_columns(conn: sqlite3.Connection) -> None:
    conn.execute("UPDATE notes SET flags = 1, data = 'x'")
    conn.execute("UPDATE cards SET flags = flags + 8")


def _with_odd_data(conn: sqlite3.Connection) -> None:
    conn.execute("""UPDATE cards SET data = '{"odd":1,"pos":7,"cd":"{}"}' WHERE id % 2 = 0""")
    conn.execute("UPDATE cards SET data = '' WHERE id % 3 = 0")


def _at_the_last_position(conn: sqlite3.Connection) -> None:
    _change_conf(conn, lambda conf: conf.update(nextPos=2**32 - 3))


def _without_position(conn: sqlite3.Connection) -> None:
    _change_conf(conn, lambda conf: conf.pop("nextPos"))


def _change_conf(conn: sqlite3.Connection, change: Callable[[dict[str, Any]], object]) -> None:
    conf = json.loads(conn.execute("SELECT conf FROM col").fetchone()[0])
    change(conf)
    conn.execute("UPDATE col SET conf = ?", (json.dumps(conf),))


_SPOILED: dict[str, Callable[[sqlite3.Connection], None]] = {
    "without home": _without_home,
    "without deck": _without_deck,
    "with kept columns": _with_kept_columns,
    "with odd data": _with_odd_data,
    "at the last position": _at_the_last_position,
    "without position": _without_position,
}
