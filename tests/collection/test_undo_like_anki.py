"""What undo and redo leave behind is what they leave behind in real Anki."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chalicelib.collection.actions.moving import move_cards
from chalicelib.collection.col import Document, read_document, touch
from chalicelib.collection.day import timing_at
from chalicelib.collection.decks import change_deck, delete_deck
from chalicelib.collection.graves import delete_cards
from chalicelib.collection.notes import change_note, get_note
from chalicelib.collection.study.answering import Answer, answer_card
from chalicelib.collection.study.queue import study_queue
from chalicelib.scheduler.answers import Rating
from tests.collection.undoing import content, graves, living, record, undo, without_stamps
from tests.support.collections import DAY_MS, make_deck, make_note, new_connection, save

DOCUMENTS: tuple[Document, ...] = ("conf", "models", "decks", "dconf", "tags")
SCRIPT = Path(__file__).parent / "undo_in_anki.py"
# Anki reads the clock itself.
NOW_MS = time.time_ns() // 1_000_000
BEGAN_MS = NOW_MS - 30 * DAY_MS
DECK, OTHER = BEGAN_MS + 1, BEGAN_MS + 2
NOTE = BEGAN_MS + 10

Change = Callable[[sqlite3.Connection], object]


@dataclass(frozen=True)
class Case:
    """The same change in Anki and here; `same_rows` where both leave the very same behind."""

    in_anki: list[Any]
    here: Change
    same_rows: bool = True


def edit(conn: sqlite3.Connection) -> None:
    note = get_note(conn, NOTE)
    change_note(conn, note, fields=["edited", "b"], tags=["fresh"], now_ms=NOW_MS)


def move(conn: sqlite3.Connection) -> None:
    move_cards(conn, [NOTE], OTHER, NOW_MS)


def answer_next(conn: sqlite3.Connection, rating: Rating) -> None:
    card = study_queue(conn, DECK, timing_at(conn, NOW_MS)).card_ids[0]
    answer_card(conn, Answer(card, rating, 1000, NOW_MS, None), NOW_MS)


def remove(conn: sqlite3.Connection, *positions: int) -> None:
    delete_cards(conn, [NOTE + position for position in positions])
    touch(conn, NOW_MS)


CASES = {
    "answer": Case(["answer", DECK, 3], lambda conn: answer_next(conn, Rating.GOOD), False),
    "graduate": Case(["answer", DECK, 4], lambda conn: answer_next(conn, Rating.EASY), False),
    "add a note": Case(
        ["add note", DECK, "added", "fresh"],
        lambda conn: make_note(conn, ["added", "back"], deck_id=DECK, tags=["fresh"]),
        same_rows=False,
    ),
    "edit a note": Case(["edit note", NOTE, "edited", "fresh"], edit),
    "delete a note": Case(["delete note", NOTE], lambda conn: remove(conn, 0, 1)),
    "delete a card": Case(["delete card", NOTE], lambda conn: remove(conn, 0)),
    "delete a deck": Case(["delete deck", DECK], lambda conn: delete_deck(conn, DECK, NOW_MS)),
    "rename a deck": Case(
        ["rename deck", OTHER, "New name"],
        lambda conn: change_deck(conn, OTHER, now_ms=NOW_MS, max_decks=9, name="New name"),
    ),
    "add a deck": Case(
        ["add deck", "Added::Below"],
        lambda conn: make_deck(conn, "Added::Below", NOW_MS),
        same_rows=False,
    ),
    "move a card": Case(["move card", NOTE, OTHER], move),
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection as Anki itself writes it."""
    path = tmp_path_factory.mktemp("undo") / "begun.anki2"
    with closing(new_connection(now_ms=BEGAN_MS)) as conn:
        make_deck(conn, "Studied", DECK)
        make_deck(conn, "Other", OTHER)
        for n in range(4):
            kind = "Basic" if n else "Basic (and reversed card)"
            fields = [f"front {n}", "b"]
            make_note(conn, fields, deck_id=DECK, notetype=kind, tags=["old"], now_ms=NOTE + 5 * n)
        save(conn, path)
    in_anki([{"collection": str(path), "change": None, "then": []}])
    return path


def in_anki(jobs: Sequence[dict[str, Any]]) -> None:
    subprocess.run(
        [sys.executable, str(SCRIPT)],
        input=json.dumps(jobs),
        env=os.environ | {"TZ": "UTC"},
        text=True,
        check=True,
        capture_output=True,
    )


@pytest.fixture(scope="module")
def left_by_anki(begun: Path) -> dict[str, dict[str, Any]]:
    """What each change leaves behind in Anki: `undo` taken back, `redo` then done again."""
    jobs: list[dict[str, Any]] = [
        {
            "collection": str(begun.with_name(f"{name} {then[-1]}")),
            "change": case.in_anki,
            "then": then,
        }
        for name, case in CASES.items()
        for then in (["undo"], ["undo", "redo"])
    ]
    for job in jobs:
        shutil.copy(begun, job["collection"])
    in_anki(jobs)
    found: dict[str, dict[str, Any]] = {name: {} for name in CASES}
    for job in jobs:
        with closing(sqlite3.connect(job["collection"])) as conn:
            name, step = Path(job["collection"]).name.rsplit(" ", 1)
            found[name][step] = left(conn)
    return found


@pytest.mark.parametrize("name", CASES)
def test_what_is_left_is_what_anki_leaves(
    begun: Path, tmp_path: Path, left_by_anki: dict[str, dict[str, Any]], name: str
) -> None:
    case, file = CASES[name], tmp_path / "ours.anki2"
    shutil.copy(begun, file)
    with closing(sqlite3.connect(file, isolation_level=None)) as conn:
        alive = living(conn)
        inverse = record(conn, lambda: case.here(conn))
        done, added = left(conn), living(conn) - alive
        redo = undo(conn, inverse, NOW_MS + 5000)
        assert left(conn) == left_by_anki[name]["undo"]
        # Anki forgets its undos when it syncs; here another device may have seen what was added.
        assert set(graves(conn)) == added
        undo(conn, redo, NOW_MS + 9000)
        assert left(conn) == done
        if case.same_rows:
            assert left(conn) == left_by_anki[name]["redo"]
            assert set(graves(conn)) == alive - living(conn)


def left(conn: sqlite3.Connection) -> dict[str, Any]:
    """Everything but mod, usn and graves, and but what Anki notes for its own windows."""
    found = {name: value for name, value in content(conn).items() if name not in DOCUMENTS}
    for name in DOCUMENTS:
        document = without_stamps(name, read_document(conn, name))
        found[name] = document["nextPos"] if name == "conf" else document
    return found
