"""Both sides of cards as a text file: Anki's "Cards in Plain Text".

Source of the format: Anki's rslib/src/import_export/text/csv/export.rs.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence

from chalicelib.collection.decks import Decks
from chalicelib.collection.notetypes.lookup import notetypes_by_id
from chalicelib.collection.rendering.render import render_card
from chalicelib.collection.text import FIELD_SEPARATOR
from chalicelib.packages.text.export_notes import file_headers, value_of
from chalicelib.packages.text.plain_text import without_question
from chalicelib.packages.text.writing import RowWriter

_CARDS = """
    SELECT CASE WHEN odid != 0 THEN odid ELSE did END, ord, cards.flags, mid, flds, tags
    FROM cards JOIN notes ON notes.id = cards.nid"""
_CHOSEN = " WHERE cards.id IN (SELECT value FROM json_each(?))"
_FLAG = 0b111


def export_cards(
    conn: sqlite3.Connection, *, html: bool = True, card_ids: Sequence[int] | None = None
) -> bytes:
    """Question and answer of all cards, or of those of `card_ids` that are there.

    The answer is without the question above its line. Sounds are left as `[sound:file]` with HTML
    and left out without it. The id in the HTML of a hint is another one than Anki's.
    """
    rows = RowWriter("\t", "\n").rows(_rows(conn, card_ids, html=html))
    return (file_headers(html=html) + rows).encode(errors="replace")


def _rows(
    conn: sqlite3.Connection, card_ids: Sequence[int] | None, *, html: bool
) -> Iterator[tuple[str, str]]:
    notetypes = notetypes_by_id(conn)
    decks = {deck_id: str(deck["name"]) for deck_id, deck in Decks(conn).by_id.items()}
    chosen = "" if card_ids is None else _CHOSEN
    parameters = () if card_ids is None else (json.dumps(list(card_ids)),)
    cards = conn.execute(f"{_CARDS}{chosen} ORDER BY cards.id", parameters)
    for deck_id, ordinal, flags, mid, flds, tags in cards:
        if mid not in notetypes:
            continue
        sides = render_card(
            notetypes[mid],
            ordinal,
            str(flds).split(FIELD_SEPARATOR),
            tags=str(tags),
            deck_name=decks.get(deck_id, ""),
            card_flag=flags & _FLAG,
        )
        question = value_of(sides.question, keep_html=True)
        answer = without_question(value_of(sides.answer, keep_html=True))
        yield value_of(question, keep_html=html), value_of(answer, keep_html=html)
