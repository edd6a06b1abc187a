#!/usr/bin/env python3
"""Do operations on cards, decks and deck options in real Anki, under a frozen clock.

    card_operations.py TZ < jobs.json

Each job: {"collection": a schema-11 file, changed in place, "now": epoch seconds, "operation": a
list, its name first, or null to only open and close the file}. The answer, a JSON list, has for each
job null, or the message of the error by which Anki refused the operation.
"""

import json
import sys

from _oracle import set_clock, stop_clock, with_frozen_clock


def update_options(col, deck_id, options_id, changes, removed, limits):
    """The deck options screen: choose a preset, change it, remove others, set the deck's limits."""
    from anki.deck_config_pb2 import UpdateDeckConfigsRequest

    state = col._backend.get_deck_configs_for_update(deck_id)
    chosen = next(c.config for c in state.all_config if c.config.id == options_id)
    for name, value in changes.items():
        if isinstance(value, list):
            del getattr(chosen.config, name)[:]
            getattr(chosen.config, name).extend(value)
        else:
            setattr(chosen.config, name, value)
    request = UpdateDeckConfigsRequest(
        target_deck_id=deck_id,
        configs=[chosen],
        removed_config_ids=removed,
        new_cards_ignore_review_limit=state.new_cards_ignore_review_limit,
        apply_all_parent_limits=state.apply_all_parent_limits,
        fsrs=state.fsrs,
    )
    current = state.current_deck.limits
    for name in ("new", "review"):
        if current.HasField(name):
            setattr(request.limits, name, getattr(current, name))
        if getattr(current, f"{name}_today_active"):
            setattr(request.limits, f"{name}_today", getattr(current, f"{name}_today"))
    for name, limit in limits.items():
        if limit is None:
            request.limits.ClearField(name)
        else:
            setattr(request.limits, name, limit)
    col._backend.update_deck_configs_raw(request.SerializeToString())


def add_preset(col, name, copy_of):
    col.decks.add_config(name, col.decks.get_config(copy_of) if copy_of else None)


def notes_of(col, card_ids):
    return list({col.get_card(card_id).nid for card_id in card_ids})


OPERATIONS = {
    "suspend": lambda col, ids: col.sched.suspend_cards(ids),
    "bury": lambda col, ids: col.sched.bury_cards(ids),
    "restore": lambda col, ids: col.sched.unbury_cards(ids),
    "unbury deck": lambda col, deck, mode: col.sched.unbury_deck(deck, mode),
    "flag": lambda col, ids, colour: col.set_user_flag_for_cards(colour, ids),
    "move": lambda col, ids, deck: col.set_deck(ids, deck),
    "reset": lambda col, ids, position, counts: col.sched.schedule_cards_as_new(
        ids, restore_position=position, reset_counts=counts
    ),
    "set due": lambda col, ids, days: col.sched.set_due_date(ids, days),
    "reposition": lambda col, ids, start, step, shift: col.sched.reposition_new_cards(
        ids, start, step, False, shift
    ),
    "add tags": lambda col, ids, tags: col.tags.bulk_add(notes_of(col, ids), " ".join(tags)),
    "remove tags": lambda col, ids, tags: col.tags.bulk_remove(notes_of(col, ids), " ".join(tags)),
    "delete": lambda col, ids: col.remove_cards_and_orphaned_notes(ids),
    "options": update_options,
    "add preset": add_preset,
    "rename deck": lambda col, deck, name: col.decks.rename(deck, name),
    "move deck": lambda col, deck, parent: col.decks.reparent([deck], parent),
    "delete deck": lambda col, deck: col.decks.remove([deck]),
    "add note": lambda col, deck, name, fields: add_note(col, deck, name, fields),
}


def add_note(col, deck_id, notetype, fields):
    note = col.new_note(col.models.by_name(notetype))
    note.fields[: len(fields)] = fields
    col.add_note(note, deck_id)


def run(job):
    from anki.collection import Collection

    set_clock(job["now"])
    col = Collection(job["collection"])
    error = None
    try:
        if job["operation"]:
            col.sched.deck_due_tree()  # as on Anki's first screen, where a new day begins
            name, *arguments = job["operation"]
            OPERATIONS[name](col, *arguments)
    except Exception as refused:
        error = f"{type(refused).__name__}: {refused}"
    finally:
        col.close(downgrade=True)
    return error


def main() -> int:
    with_frozen_clock(tz=sys.argv[1], fuzz=True)
    print(json.dumps([run(job) for job in json.load(sys.stdin)]))
    stop_clock()
    return 0


if __name__ == "__main__":
    sys.exit(main())
