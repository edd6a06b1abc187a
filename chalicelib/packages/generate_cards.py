"""Cards that the notes here need once a newer notetype asks other questions.

Source: Anki's rslib/src/notetype/cardgen.rs (`generate_cards_for_notetype`).
"""

from chalicelib.collection.cardgen import ordinals_to_generate
from chalicelib.collection.col import JsonObject
from chalicelib.collection.new_cards import NewCards
from chalicelib.collection.text import FIELD_SEPARATOR
from chalicelib.packages.target import Target

_NOTES_WITH_CARDS = """
    SELECT id, flds, tags FROM notes
    WHERE mid = ? AND EXISTS (SELECT 1 FROM cards WHERE nid = notes.id)
    ORDER BY id"""


def generate_missing_cards(target: Target, notetype: JsonObject) -> None:
    """Add the cards that notes of this notetype lack; notes without any card stay without."""
    cards = NewCards(target.conn, target.decks, target.now_ms)
    for note_id, flds, tags in target.conn.execute(_NOTES_WITH_CARDS, (notetype["id"],)).fetchall():
        wanted = ordinals_to_generate(notetype, flds.split(FIELD_SEPARATOR), tags=tags)
        cards.add_missing(notetype, note_id, wanted)
