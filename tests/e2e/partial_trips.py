"""Parts of collections, and text files, beside those that real Anki makes of the same ones."""

import json
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.e2e.round_trips import export, first_difference, import_file
from tests.packages.exporting.judge import contents as package_contents
from tests.packages.exporting.judge import run_anki as run_exports
from tests.packages.text.judge import contents as text_contents
from tests.packages.text.judge import run_anki as run_text
from tests.support.server import Person

_SEARCHES = ("is:new", "tag:verb", "deck:One::*", "is:review or c1", "flag:1", "Wort:*", "é")
_TEXTS: dict[str, dict[str, Any]] = {
    "notes.txt": {"format": "notes_txt"},
    "cards.txt": {"format": "cards_txt"},
    "notes.csv": {"format": "csv", "html": True, "guarded": False},
}
_FILTERED = re.compile(r"([\t,])(?:One::|Fresh::)?Filtered\d\1")
_DEFAULT = "Default"
Job = dict[str, Any]
Note = tuple[str, str, list[str], list[str]]


@dataclass(frozen=True)
class Resident:
    """Somebody whose collection is all of a folder's; `folder` has it as it came out again."""

    person: Person
    folder: Path

    @property
    def collection(self) -> Path:
        return self.folder / "collection.anki2"


def settle(base_url: str, username: str, source: Path, folder: Path) -> Resident:
    """Put all of `source` in the place of somebody's collection."""
    person = Person(base_url, username, sample_deck=False, utc_offset_minutes=0)
    import_file(person, source / "latest.colpkg", mode="replace")
    shutil.copytree(source / "collection.media", folder / "collection.media")
    resident = Resident(person, folder)
    resident.collection.write_bytes(export(person))
    return resident


def unlike_parts(resident: Resident, random: Random, count: int) -> Iterator[str]:
    """What is different in packages of a deck or of what a search finds, with this and without."""
    queries = [_part(resident.collection, random) for _ in range(count)]
    targets = [resident.folder / f"part {number}.apkg" for number in range(count)]
    pairs = list(zip(queries, targets, strict=True))
    run_exports("run", jobs=[_job(resident, query, target) for query, target in pairs])
    for query, target in pairs:
        ours = resident.folder / "ours.apkg"
        ours.write_bytes(export(resident.person, format="apkg", **query))
        found, expected = package_contents(ours), package_contents(target)
        if found != expected:
            yield f"{resident.folder} {query}: {first_difference(found, expected)}"


def _part(collection: Path, random: Random) -> dict[str, Any]:
    query: dict[str, Any] = {
        name: random.random() < 0.5 for name in ("scheduling", "presets", "media", "legacy")
    }
    with closing(sqlite3.connect(collection)) as conn:
        decks = [deck for (deck,) in conn.execute("SELECT DISTINCT did FROM cards ORDER BY did")]
    match random.randint(0, 2):
        case 0:
            return query
        case 1:
            return query | {"deck_id": random.choice(decks)}
    return query | {"q": random.choice(_SEARCHES)}


def _job(resident: Resident, query: dict[str, Any], target: Path) -> Job:
    limit = {"deck": query.get("deck_id"), "search": query.get("q")}
    return {
        "do": "export",
        "collection": str(resident.collection),
        "target": str(target),
        "limit": {name: value for name, value in limit.items() if value is not None} or None,
        "options": {
            "with_scheduling": query["scheduling"],
            "with_deck_configs": query["presets"],
            "with_media": query["media"],
            "legacy": query["legacy"],
        },
    }


def unlike_texts(resident: Resident, source: Path) -> Iterator[str]:
    """What is lost of notes that leave in a text file and come back where there are none, and what
    comes back other than in real Anki."""
    before = notes_of(resident.collection)
    empty = _without_notes(resident)
    returns = [
        _Return(file, resident.folder / f"{number} ours.anki2")
        for number, file in enumerate(_text_files(resident, source))
    ]
    began_s = time.time_ns() // 1_000_000_000
    for each in returns:
        import_file(resident.person, empty, mode="replace")
        import_file(resident.person, each.file, format=each.file.suffix[1:], **each.options)
        each.home.write_bytes(export(resident.person))
    _return_to_anki(empty, returns)
    for each in returns:
        if not each.has_cards and notes_of(each.home) != before:
            yield f"{each.file}: {first_difference(notes_of(each.home), before)}"
        if not each.is_ours_only:
            ours, theirs = (text_contents(path, began_s) for path in (each.home, each.beside))
            if ours != theirs:
                yield f"{each.file} beside Anki: {first_difference(ours, theirs)}"


@dataclass(frozen=True)
class _Return:
    """A text file that is imported, and the collection that has it then."""

    file: Path
    home: Path

    @property
    def beside(self) -> Path:
        """The same in real Anki."""
        return self.home.with_name(f"{self.home.stem} in Anki.anki2")

    @property
    def has_cards(self) -> bool:
        return "cards" in self.file.name

    @property
    def is_ours_only(self) -> bool:
        """Its first row has names, which Anki does not expect."""
        return self.file.suffix == ".csv"

    @property
    def options(self) -> dict[str, Any]:
        return {"has_names_row": True} if self.is_ours_only else {}


def _text_files(resident: Resident, source: Path) -> Iterator[Path]:
    """Anki's own, and ours, but without filtered decks, which take no notes.

    Anki makes decks of other names for them.
    """
    for name in ("notes.txt", "cards.txt"):
        file = resident.folder / f"their {name}"
        text = (source / name).read_bytes().decode()
        file.write_text(_FILTERED.sub(r"\1Default\1", text), newline="")
        yield file
    for name, query in _TEXTS.items():
        file = resident.folder / f"our {name}"
        text = export(resident.person, **query).decode()
        file.write_text(_FILTERED.sub(r"\1Default\1", text), newline="")
        yield file


def _without_notes(resident: Resident) -> Path:
    empty = resident.folder / "empty.anki2"
    shutil.copy(resident.collection, empty)
    with closing(sqlite3.connect(empty)) as conn, conn:
        for table in ("notes", "cards", "revlog", "graves"):
            conn.execute(f"DELETE FROM {table}")
    return empty


def _return_to_anki(empty: Path, returns: Sequence[_Return]) -> None:
    """Import the files into Anki too; it also opens ours, which fills in what they leave out."""
    jobs: list[Job] = [{"collection": str(each.home), "steps": []} for each in returns]
    for each in returns:
        shutil.copy(empty, each.beside)
        steps = [] if each.is_ours_only else [{"do": "import", "file": str(each.file)}]
        jobs.append({"collection": str(each.beside), "steps": steps})
    for result in run_text(jobs):
        assert not any("error" in step for step in result["results"]), result


def notes_of(collection: Path) -> dict[str, Note]:
    """Notetype, first card's deck, fields and tags of each note, by its guid.

    Where a filtered deck has that card, the deck is Default.
    """
    with closing(sqlite3.connect(collection)) as conn:
        models, decks = map(json.loads, conn.execute("SELECT models, decks FROM col").fetchone())
        rows = conn.execute(
            "SELECT guid, mid, (SELECT iif(odid, 1, did) FROM cards WHERE nid = notes.id"
            " ORDER BY ord, id LIMIT 1), flds, tags FROM notes"
        ).fetchall()
    return {
        guid: (
            models[str(mid)]["name"],
            _DEFAULT if deck == 1 else decks[str(deck)]["name"],
            flds.split("\x1f"),
            sorted(tags.split()),
        )
        for guid, mid, deck, flds, tags in rows
    }
