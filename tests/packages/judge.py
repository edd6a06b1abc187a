"""Real Anki as the judge of an import: the same packages into copies of the same collection."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from chalicelib.packages import ImportOptions
from tests.packages.sources import edit, import_file

DATA = Path(__file__).parents[1] / "data"
ORACLE = Path(__file__).parents[1] / "oracle_packages" / "real_import.py"


@dataclass(frozen=True)
class Case:
    """Packages to import, in this order, into a collection."""

    collection: Path
    packages: Sequence[Path]
    options: ImportOptions = field(default_factory=ImportOptions)


def run_anki(jobs: Sequence[dict[str, Any]], time_zone: str = "UTC") -> list[dict[str, Any]]:
    """The jobs of `real_import.py`, in one process."""
    done = subprocess.run(
        [sys.executable, str(ORACLE)],
        input=json.dumps(jobs),
        env=os.environ | {"TZ": time_zone},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return results


def reopen(paths: Sequence[Path], time_zone: str = "UTC") -> None:
    """Have Anki open and close collections, which rewrites their documents in its own way."""
    results = run_anki([{"collection": str(path), "packages": []} for path in paths], time_zone)
    assert [result["error"] for result in results] == [None] * len(paths)


def compare(
    cases: Sequence[Case], work_dir: Path, time_zone: str = "UTC", minutes_west: int = 0
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What our import and Anki's leave behind: (ours, Anki's) per case, comparable with `==`.

    `minutes_west` is the offset of the time zone, which Anki asks the machine for.
    """
    theirs = [work_dir / f"theirs-{number}.anki2" for number in range(len(cases))]
    ours = [work_dir / f"ours-{number}.anki2" for number in range(len(cases))]
    for case, *copies in zip(cases, theirs, ours, strict=True):
        for copy in copies:
            shutil.copy(case.collection, copy)
            with closing(sqlite3.connect(copy)) as conn, conn:
                edit(conn, "conf", lambda conf: conf.update(localOffset=minutes_west))
    jobs = [
        {
            "collection": str(path),
            "packages": [str(package) for package in case.packages],
            "options": asdict(case.options),
        }
        for path, case in zip(theirs, cases, strict=True)
    ]
    results = run_anki(jobs, time_zone)
    for path, case, result in zip(ours, cases, results, strict=True):
        assert result["error"] is None, result["error"]
        for package in case.packages:
            import_file(path, package, case.options, now_ms=result["now_ms"])
    reopen(ours, time_zone)
    began_s = results[0]["now_ms"] // 1000
    return [
        (contents(our, began_s), contents(their, began_s))
        for our, their in zip(ours, theirs, strict=True)
    ]


def contents(path: Path, began_s: int) -> dict[str, Any]:
    """All rows and documents, with names in place of allocated ids and without usn.

    Times since `began_s` (epoch seconds) are all one. `lrt` is left out: Anki's import leaves it
    to Check Database, which is asked in another way.
    """
    with closing(sqlite3.connect(path)) as conn:
        reader = _Reader(conn, began_s)
        (scm,) = conn.execute("SELECT scm FROM col").fetchone()
        return {
            "notes": reader.notes(),
            "cards": reader.cards(),
            "revlog": conn.execute(
                "SELECT id, cid, ease, ivl, lastIvl, factor, time, type FROM revlog ORDER BY id"
            ).fetchall(),
            "decks": reader.named("decks", _is_compared_in_a_deck),
            "notetypes": reader.named("models", _is_compared_in_a_notetype),
            "options": reader.named("dconf", lambda key: key != "usn"),
            "tags": sorted(reader.read("tags")),
            "next position": reader.read("conf")["nextPos"],
            "schema changed": scm // 1000 >= began_s,
            "graves": conn.execute("SELECT oid, type FROM graves").fetchall(),
        }


def _is_compared_in_a_deck(key: str) -> bool:
    return key not in {"id", "usn"}


def _is_compared_in_a_notetype(key: str) -> bool:
    """All but keys that Anki does not know, `req`, which only old clients read, and the formats
    for the browser, which Anki fills in when it renames a field."""
    return key not in {"id", "usn", "req", "tags", "vers", "media", "bqfmt", "bafmt"}


class _Reader:
    def __init__(self, conn: sqlite3.Connection, began_s: int) -> None:
        self._conn = conn
        self._began_s = began_s
        self._decks = {int(key): deck["name"] for key, deck in self.read("decks").items()}
        self._notetypes = {int(key): nt["name"] for key, nt in self.read("models").items()}

    def read(self, name: str) -> dict[str, Any]:
        row = self._conn.execute(f"SELECT {name} FROM col").fetchone()
        document: dict[str, Any] = json.loads(row[0])
        return document

    def named(self, name: str, is_compared: Callable[[str], bool]) -> dict[str, Any]:
        return {
            entry["name"]: _kept(entry, is_compared) | {"mod": min(entry["mod"], self._began_s)}
            for entry in self.read(name).values()
        }

    def notes(self) -> list[tuple[Any, ...]]:
        rows = self._conn.execute(
            "SELECT id, mid, min(mod, ?), guid, tags, flds, sfld, csum, flags, data FROM notes"
            " ORDER BY id",
            (self._began_s,),
        )
        return [(note_id, self._notetypes[mid], *rest) for note_id, mid, *rest in rows]

    def cards(self) -> dict[tuple[int, int], dict[str, Any]]:
        # So that of two cards of one template, as Anki makes where it merges notetypes, the older
        # one is taken.
        cursor = self._conn.execute("SELECT * FROM cards ORDER BY id DESC")
        names = [name for name, *_ in cursor.description]
        cards = [dict(zip(names, row, strict=True)) for row in cursor]
        for card in cards:
            del card["usn"]
            card["id"] = min(card["id"], self._began_s * 1000)
            card["mod"] = min(card["mod"], self._began_s)
            card["did"] = self._decks.get(card["did"])
            card["odid"] = self._decks.get(card["odid"])
            card["data"] = _without_last_review(card["data"])
        return {(card["nid"], card["ord"]): card for card in cards}


def _without_last_review(data: str) -> Any:
    try:
        value = json.loads(data)
    except ValueError:
        return data
    if isinstance(value, dict):
        value.pop("lrt", None)
    return value


def _kept(value: Any, is_compared: Callable[[str], bool]) -> Any:
    if isinstance(value, dict):
        return {key: _kept(item, is_compared) for key, item in value.items() if is_compared(key)}
    return [_kept(item, is_compared) for item in value] if isinstance(value, list) else value
