"""Cards that the notes here need once a newer notetype asks other questions.

Source: Anki's rslib/src/notetype/cardgen.rs (`generate_cards_for_notetype`).
"""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from chalicelib.collection.cardgen import ordinals_to_generate
from chalicelib.collection.col import JsonObject, read_document, write_document
from chalicelib.collection.documents import DEFAULT_DECK_ID
from chalicelib.collection.notetypes import is_cloze
from chalicelib.collection.text import FIELD_SEPARATOR
from chalicelib.packages.target import FreeIds, Target
from chalicelib.scheduler.states import CardType

_CARDS_OF_NOTETYPE = """
    SELECT cards.nid, cards.ord, cards.type,
        CASE WHEN cards.odid != 0 THEN cards.odid ELSE cards.did END,
        CASE WHEN cards.odid != 0 THEN cards.odue ELSE cards.due END
    FROM cards JOIN notes ON notes.id = cards.nid WHERE notes.mid = ?
    ORDER BY cards.nid, cards.ord"""


def generate_missing_cards(target: Target, notetype: JsonObject) -> None:
    """Add the cards that notes of this notetype lack; notes without any card stay without."""
    card_ids = target.conn.execute("SELECT id FROM cards")
    ids = FreeIds((card_id for (card_id,) in card_ids), target.now_ms)
    rows = target.conn.execute(_CARDS_OF_NOTETYPE, (notetype["id"],)).fetchall()
    for note_id, siblings in groupby(rows, key=itemgetter(0)):
        for card in _missing_cards(target, notetype, note_id, [row[1:] for row in siblings]):
            _add(target, ids.take_new(), card)


def _missing_cards(
    target: Target, notetype: JsonObject, note_id: int, siblings: Sequence[Any]
) -> list[tuple[int, int, int, int]]:
    """Note, deck, ordinal and position of each."""
    flds, tags = target.conn.execute(
        "SELECT flds, tags FROM notes WHERE id = ?", (note_id,)
    ).fetchone()
    present = {ordinal for ordinal, *_ in siblings}
    wanted = ordinals_to_generate(notetype, flds.split(FIELD_SEPARATOR), tags=tags)
    missing = [ordinal for ordinal in wanted if ordinal not in present]
    if not missing:
        return []
    positions = [due for _, card_type, _, due in siblings if card_type == CardType.NEW]
    position = positions[0] if positions else _next_position(target)
    homes = {deck_id for _, _, deck_id, _ in siblings}
    shared_home = homes.pop() if len(homes) == 1 else DEFAULT_DECK_ID
    decks = [_template_deck(notetype, ordinal) or shared_home for ordinal in missing]
    return [
        (note_id, _normal_deck(target, deck_id), ordinal, position)
        for deck_id, ordinal in zip(decks, missing, strict=True)
    ]


def _template_deck(notetype: JsonObject, ordinal: int) -> int | None:
    deck_id: int | None = None if is_cloze(notetype) else notetype["tmpls"][ordinal].get("did")
    return deck_id


def _normal_deck(target: Target, deck_id: int) -> int:
    deck = target.decks.by_id.get(deck_id)
    return DEFAULT_DECK_ID if deck is None or deck["dyn"] else deck_id


def _next_position(target: Target) -> int:
    conf = read_document(target.conn, "conf")
    position = int(conf.get("nextPos", 1))
    write_document(target.conn, "conf", conf | {"nextPos": position + 1})
    return position


def _add(target: Target, card_id: int, card: tuple[int, int, int, int]) -> None:
    note_id, deck_id, ordinal, position = card
    target.conn.execute(
        "INSERT INTO cards (id, nid, did, ord, mod, usn, type, queue, due, ivl, factor, reps,"
        " lapses, left, odue, odid, flags, data)"
        " VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '{}')",
        (card_id, note_id, deck_id, ordinal, target.now_s, target.usn, position),
    )
