"""Searches find what real Anki finds, in a collection with some of everything."""

import json
import lzma
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.collection.day import timing_at
from chalicelib.collection.search import search_cards
from chalicelib.collection.search.allowance import Allowance
from chalicelib.errors import BadInputError
from chalicelib.scheduler.timing import Timing
from tests.collection.search_cases import as_bits, searches_for
from tests.collection.searched_collection import NOW_S, VARIANTS, searched_collection

GOLDEN = Path(__file__).parent.parent / "golden" / "searches.json.xz"
MIN_RANDOM = 300

Answer = tuple[str | None, str | None]


@pytest.fixture(scope="module")
def anki() -> dict[str, dict[str, Answer]]:
    """By variant and search: the cards and notes that Anki found, or None."""
    document: dict[str, Any] = json.loads(lzma.decompress(GOLDEN.read_bytes()))
    return {
        one["variant"]: {text: (cards, notes) for text, cards, notes in one["cases"]}
        for one in document["searches"]
    }


@pytest.fixture(scope="module", params=VARIANTS)
def searched(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, sqlite3.Connection]]:
    file = searched_collection(tmp_path_factory.mktemp("searched") / "c.anki2", request.param)
    with closing(sqlite3.connect(file, isolation_level=None)) as conn:
        yield request.param, conn


def test_the_same_cards_and_notes_are_found_and_the_same_searches_refused(
    searched: tuple[str, sqlite3.Connection], anki: dict[str, dict[str, Answer]]
) -> None:
    variant, conn = searched
    timing = timing_at(conn, NOW_S * 1000)
    cards, notes = (
        [row[0] for row in conn.execute(f"SELECT id FROM {table} ORDER BY id")]
        for table in ("cards", "notes")
    )
    different = {
        text: wanted
        for text, wanted in anki[variant].items()
        if answer(conn, text, timing, cards, notes) != wanted
    }
    assert different == {}


def test_anki_was_asked_about_what_is_asked_now(anki: dict[str, dict[str, Answer]]) -> None:
    for variant in VARIANTS:
        assert list(anki[variant]) == searches_for(variant)
        answers = anki[variant].values()
        found = [cards for cards, _ in answers if cards is not None and int(cards, 16)]
        assert len(found) > MIN_RANDOM
        assert sum(cards is None for cards, _ in answers) > MIN_RANDOM / 3


def answer(
    conn: sqlite3.Connection, text: str, timing: Timing, cards: list[int], notes: list[int]
) -> Answer:
    try:
        # Its time is not what is compared: on a busy machine even the processor's own runs fast.
        search = search_cards(conn, text, timing, allowance=Allowance(lambda: 0.0))
    except BadInputError:
        return None, None
    return as_bits(search.card_ids(), cards), as_bits(search.note_ids(), notes)
