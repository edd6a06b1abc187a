"""Do something in real Anki, then take it back, and perhaps do it again; run as a script.

Reads a JSON list of jobs, `{"collection": path, "change": [name, ...arguments], "then": ["undo",
"redo"]}`, from stdin. Each collection is changed in place and comes back in schema 11; a change of
null only opens and closes it, which rewrites its documents in Anki's own way.
"""

import json
import sys
from typing import Any

from anki.collection import Collection


def answer(col: Any, deck_id: int, rating: int) -> None:
    col.decks.select(deck_id)
    queued = col.sched.get_queued_cards().cards[0]
    card = col.get_card(queued.card.id)
    card.start_timer()
    built = col.sched.build_answer(card=card, states=queued.states, rating=rating - 1)
    col.sched.answer_card(built)


def add_note(col: Any, deck_id: int, front: str, tag: str) -> None:
    note = col.new_note(col.models.by_name("Basic"))
    note.fields = [front, "back"]
    note.tags = [tag]
    col.add_note(note, deck_id)


def edit_note(col: Any, note_id: int, front: str, tag: str) -> None:
    note = col.get_note(note_id)
    note.fields[0] = front
    note.tags = [tag]
    col.update_note(note)


CHANGES: dict[str, Any] = {
    "answer": answer,
    "add note": add_note,
    "edit note": edit_note,
    "delete note": lambda col, note_id: col.remove_notes([note_id]),
    "delete card": lambda col, card_id: col.remove_cards_and_orphaned_notes([card_id]),
    "delete deck": lambda col, deck_id: col.decks.remove([deck_id]),
    "add deck": lambda col, name: col.decks.add_normal_deck_with_name(name),
    "rename deck": lambda col, deck_id, name: col.decks.rename(deck_id, name),
    "move card": lambda col, card_id, deck_id: col.set_deck([card_id], deck_id),
}


def run(job: dict[str, Any]) -> None:
    col = Collection(job["collection"])
    try:
        if job["change"]:
            name, *arguments = job["change"]
            CHANGES[name](col, *arguments)
        for step in job["then"]:
            {"undo": col.undo, "redo": col.redo}[step]()
    finally:
        col.close(downgrade=True)


if __name__ == "__main__":
    for each in json.load(sys.stdin):
        run(each)
