#!/usr/bin/env python3
"""Ask real Anki what it finds in the collection of tests/collection/searched_collection.py.

    searches.py

One JSON object per line, one for each variant of the collection: {"variant", "cases"}, where a case
is [search, cards, notes] as of tests/collection/search_cases.py, or [search, null, null] when Anki
refuses it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from _oracle import stop_clock, with_frozen_clock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.collection.search_cases import as_bits, searches_for
from tests.collection.searched_collection import NOW_S, TIMEZONE, VARIANTS, searched_collection


def main() -> None:
    with_frozen_clock(tz=TIMEZONE, now=NOW_S, fuzz=True)
    for variant in VARIANTS:
        print(json.dumps({"variant": variant, "cases": cases(variant)}))
    stop_clock()


def cases(variant: str) -> list[list]:
    from anki.collection import Collection

    with tempfile.TemporaryDirectory(prefix="anki-oracle-") as folder:
        col = Collection(str(searched_collection(Path(folder) / "c.anki2", variant)))
        everything = [
            col.db.list(f"select id from {table} order by id") for table in ("cards", "notes")
        ]
        found = [[text, *answer(col, text, *everything)] for text in searches_for(variant)]
        col.close()
    return found


def answer(col, text: str, cards: list[int], notes: list[int]) -> list[str | None]:
    try:
        return [as_bits(col.find_cards(text), cards), as_bits(col.find_notes(text), notes)]
    except Exception:
        return [None, None]


main()
