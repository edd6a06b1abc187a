#!/usr/bin/env python3
"""Ask real Anki for the study queue of each deck, and for the counts of the deck list; and study.

    queues.py -      stdin: {"zone", "scenarios": [{"file", "now", "deck", "steps"}]}

prints one object for each scenario.  Without "steps", the queues and counts of all decks.  With
them, a deck is studied: each step [seconds, button 1..4] answers the card on top that much later.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import _oracle as o

ALL = 100_000


def queue_of(col, deck_id: int) -> list:
    """[card ids, [new, learning, review]]"""
    col._backend.set_current_deck(deck_id)
    return top(col)


def top(col) -> list:
    queued = col._backend.get_queued_cards(fetch_limit=ALL, intraday_learning_only=False)
    counts = [queued.new_count, queued.learning_count, queued.review_count]
    return [[entry.card.id for entry in queued.cards], counts]


def tree_counts(node, found: dict) -> dict:
    for child in node.children:
        found[child.deck_id] = [child.new_count, child.learn_count, child.review_count]
        tree_counts(child, found)
    return found


def ask(scenario: dict) -> dict:
    from anki.collection import Collection

    o.set_clock(scenario["now"])
    col = Collection(scenario["file"])
    try:
        tree = tree_counts(col.sched.deck_due_tree(), {})
        ids = [deck.id for deck in col.decks.all_names_and_ids(skip_empty_default=False)]
        return {"queues": {deck_id: queue_of(col, deck_id) for deck_id in ids}, "tree": tree}
    finally:
        col.close()


CARD = "type queue due ivl factor reps lapses left did odid odue mod data"
REVLOG = "id cid ease ivl lastIvl factor time type"
COUNTERS = ("newToday", "revToday", "timeToday")


def study(scenario: dict) -> list[dict]:
    from anki.collection import Collection
    from anki.errors import InvalidInput

    now = scenario["now"]
    o.set_clock(now)
    col = Collection(scenario["file"])
    col.sched.deck_due_tree()  # which is what unburies on a new day, not the queue
    col._backend.set_current_deck(scenario["deck"])
    steps = [{"queue": top(col)}]
    try:
        for seconds, button in scenario["steps"]:
            queued = col._backend.get_queued_cards(fetch_limit=1, intraday_learning_only=False)
            if not queued.cards:
                break
            now += seconds
            o.set_clock(now)
            try:
                steps.append(answered(col, queued.cards[0], button, now, seconds * 1000))
            except InvalidInput:
                # An answer that buried a card of its own queue: Anki stumbles over that itself.
                break
    finally:
        col.close()
    return steps


def answered(col, entry, button: int, now: int, taken_ms: int) -> dict:
    before = all_cards(col)
    o.answer(col, entry.card.id, entry.states, button, now, taken_ms)
    after = all_cards(col)
    columns = ", ".join(REVLOG.split())
    return {
        "card": entry.card.id,
        "queue": top(col),
        "changed": {key: row for key, row in after.items() if row != before[key]},
        "revlog": col.db.first(f"select {columns} from revlog order by id desc limit 1"),
        "counters": {
            deck.id: [col.decks.get(deck.id)[name] for name in COUNTERS]
            for deck in col.decks.all_names_and_ids()
        },
    }


def all_cards(col) -> dict:
    columns = ", ".join(CARD.split())
    return {row[0]: row[1:] for row in col.db.all(f"select id, {columns} from cards")}


def main() -> None:
    document = os.environ.get("_ANKI_ORACLE_DOCUMENT")
    if document is None:
        with tempfile.NamedTemporaryFile("w", prefix="anki-oracle-", delete=False) as file:
            file.write(sys.stdin.read())
        document = os.environ["_ANKI_ORACLE_DOCUMENT"] = file.name
    with open(document) as file:
        asked = json.load(file)
    o.with_frozen_clock(asked["zone"], fuzz=True)
    try:
        for scenario in asked["scenarios"]:
            print(o.dump(study(scenario) if "steps" in scenario else ask(scenario)))
    finally:
        os.unlink(document)
        o.stop_clock()


if __name__ == "__main__":
    main()
