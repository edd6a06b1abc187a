#!/usr/bin/env python3
"""Statistics oracle: what do Anki's graphs show of a collection?

    graphs.py CASES.json      (or - for stdin); prints one JSON object per case

CASES = {"tz": "Europe/Berlin", "server": false, "cases": [CASE, ...]}
CASE  = {"file": a schema 11 collection, "now": epoch secs, "decks": [name or null, ...],
         "days": [n, ...]}
A null deck is the whole collection.  A client (server false) ignores localOffset and takes the
zone's; a server takes the collection's.  Works on a copy of the file.
Output: {"localOffset": the collection's afterwards, "graphs": [GRAPHS, ...]}, one for each deck and
number of days.  GRAPHS is the protobuf message as JSON; days and the like are sorted lists.
"""

import json
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import _oracle as o

KINDS = ("learn", "relearn", "young", "mature", "filtered")
BUTTONS = ("learning", "young", "mature")


def plain(message) -> dict:
    """All fields of a message of numbers."""
    return {field.name: getattr(message, field.name) for field in message.DESCRIPTOR.fields}


def bars(mapping) -> list:
    return [[key, mapping[key]] for key in sorted(mapping)]


def by_kind(mapping) -> list:
    return [[day, *(getattr(mapping[day], kind) for kind in KINDS)] for day in sorted(mapping)]


def graphs(col, search: str, days: int) -> dict:
    found = col._backend.graphs(search=search, days=days)
    windows = [field.name for field in found.hours.DESCRIPTOR.fields]
    retention = found.true_retention
    return {
        "today": plain(found.today),
        "rollover_hour": found.rollover_hour,
        "count": by_kind(found.reviews.count),
        "time": by_kind(found.reviews.time),
        "true_retention": {
            field.name: plain(getattr(retention, field.name))
            for field in retention.DESCRIPTOR.fields
        },
        "hours": {
            name: [[hour.total, hour.correct] for hour in getattr(found.hours, name)]
            for name in windows
        },
        "buttons": {
            name: {kind: list(getattr(getattr(found.buttons, name), kind)) for kind in BUTTONS}
            for name in windows
        },
        "card_counts": {
            name: plain(getattr(found.card_counts, name))
            for name in ("including_inactive", "excluding_inactive")
        },
        "future_due": bars(found.future_due.future_due),
        "have_backlog": found.future_due.have_backlog,
        "daily_load": found.future_due.daily_load,
        "intervals": bars(found.intervals.intervals),
        "eases": bars(found.eases.eases),
        "ease_average": found.eases.average,
        "added": bars(found.added.added),
    }


def case(folder: str, case: dict, server: bool) -> dict:
    from anki.collection import Collection

    o.set_clock(case["now"])
    path = os.path.join(folder, "c.anki2")
    shutil.copyfile(case["file"], path)
    col = Collection(path, server=server)
    try:
        col.sched.deck_due_tree()  # as the screen before it does: unburies on a new day
        return {
            "localOffset": col.get_config("localOffset"),
            "graphs": [
                graphs(col, "" if deck is None else f'deck:"{deck}"', days)
                for deck in case["decks"]
                for days in case["days"]
            ],
        }
    finally:
        col.close()
        os.unlink(path)


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if os.environ.get("_ANKI_ORACLE") != "1":
        text = sys.stdin.read() if sys.argv[1] == "-" else open(sys.argv[1]).read()
        with tempfile.NamedTemporaryFile("w", prefix="anki-oracle-", delete=False) as f:
            f.write(text)
        os.environ["_ANKI_ORACLE_SCRIPT"] = f.name
        o.with_frozen_clock(json.loads(text).get("tz", "UTC"), fuzz=True)
    path = os.environ["_ANKI_ORACLE_SCRIPT"]
    with open(path) as f:
        doc = json.load(f)
    os.unlink(path)
    try:
        with tempfile.TemporaryDirectory(prefix="anki-oracle-") as folder:
            for item in doc["cases"]:
                print(o.dump(case(folder, item, bool(doc.get("server")))))
    finally:
        o.stop_clock()


if __name__ == "__main__":
    main()
