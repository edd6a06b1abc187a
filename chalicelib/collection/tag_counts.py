"""Which tags the notes of a collection have.

Source of the order: Anki's rslib/src/tags/tree.rs.
"""

import sqlite3
from collections import Counter
from itertools import chain

from chalicelib.collection.tags import LEVELS, split_tags
from chalicelib.collection.text import text_of


def tag_counts(conn: sqlite3.Connection) -> list[tuple[str, int]]:
    """Each tag with the number of notes that have it themselves, each below its parent.

    One tag in several spellings counts as one, in the spelling that most notes have.
    """
    rows = conn.execute("SELECT tags FROM notes WHERE tags != ''")
    spelled = Counter(chain.from_iterable(split_tags(text_of(tags)) for (tags,) in rows))
    notes, spellings = Counter[str](), dict[str, str]()
    for tag, number in spelled.most_common():
        notes[tag.casefold()] += number
        spellings.setdefault(tag.casefold(), tag)
    ordered = sorted(notes, key=lambda key: key.split(LEVELS))
    return [(spellings[key], notes[key]) for key in ordered]
