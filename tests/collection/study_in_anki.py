"""What real Anki says after the last card, of tags, and of what is to be typed; run as a script.

Reads `{"collection": path, "typed": [[text, ordinal], ...]}` from stdin. `asked_s` are the seconds
before and after the decks were asked about.
"""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from anki.collection import Collection


def congratulations(col: Any, deck_id: int) -> dict[str, Any]:
    col.decks.set_current(deck_id)
    queued = col.sched.get_queued_cards()
    info = col.sched.congratulations_info()
    return {
        "is_finished": not queued.cards,
        "new": info.new_remaining,
        "reviews": info.review_remaining,
        "learning": info.learn_remaining,
        "learning_in_s": info.secs_until_next_learn,
        "buried_siblings": info.have_sched_buried,
        "buried_by_user": info.have_user_buried,
    }


def tags_below(node: Any, parents: tuple[str, ...] = ()) -> Iterator[str]:
    for child in node.children:
        path = (*parents, child.name)
        yield "::".join(path)
        yield from tags_below(child, path)


def answer(job: dict[str, Any]) -> dict[str, Any]:
    col = Collection(job["collection"])
    try:
        col.sched.deck_due_tree()  # which unburies on a new day
        before_s = int(time.time())
        decks = {deck.id: congratulations(col, deck.id) for deck in col.decks.all_names_and_ids()}
        return {
            "decks": decks,
            "asked_s": [before_s, int(time.time())],
            "tags": list(tags_below(col.tags.tree())),
            "typed": [
                col._backend.extract_cloze_for_typing(text=text, ordinal=ordinal)
                for text, ordinal in job["typed"]
            ],
        }
    finally:
        col.close(downgrade=True)


if __name__ == "__main__":
    print(json.dumps(answer(json.load(sys.stdin))))
