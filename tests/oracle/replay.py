#!/usr/bin/env python3
"""Replay a list of answers through Anki's real v3/SM-2 scheduler.

    replay.py SCRIPT.json          (or - for stdin); prints one JSON object per answer

SCRIPT keys (all but "answers" optional):
  start     epoch seconds of t=0            (default 1705312800 = 2024-01-15T10:00Z)
  tz        TZ name for the run             (default "UTC")
  rollover  day rollover hour               (default 4)
  fuzz      false = fuzz off (ANKI_TEST_MODE); true = Anki's real fuzz
  load_balancer  only matters with fuzz     (default false; real Anki's default is true)
  card_id   force the card id (it seeds the fuzz)
  config    schema-11 deck-options overrides, e.g. {"new": {"delays": [1, 10]}}
  answers   [[seconds_since_start, button 1..4, taken_ms?], ...] in ascending time
"""

import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import _oracle as o


def run(script: dict) -> list[dict]:
    start = int(script.get("start", o.DEFAULT_NOW))
    o.set_clock(start)
    out = []
    with tempfile.TemporaryDirectory(prefix="anki-oracle-") as d:
        col, cid = o.fresh_collection(
            os.path.join(d, "c.anki2"),
            rollover=int(script.get("rollover", 4)),
            load_balancer=bool(script.get("load_balancer", False)),
            config=script.get("config"),
        )
        cid = o.set_card_id(col, cid, int(script.get("card_id") or 0))
        try:
            for item in script["answers"]:
                at, button = int(item[0]), int(item[1])
                taken = int(item[2]) if len(item) > 2 else 5000
                now = start + at
                o.set_clock(now)
                today, cutoff = col.sched.today, col.sched.day_cutoff
                if col.db.scalar("select queue from cards where id=?", cid) == -1:
                    out.append({"at": at, "skipped": "card is suspended (leech)"})
                    break
                states = col._backend.get_scheduling_states(cid)
                labels = o.labels(col, states)
                before = o.card_row(col, cid)
                o.answer(col, cid, states, button, now, taken)
                card, rev = o.card_row(col, cid), o.last_revlog(col, cid)
                due_is_secs = card["queue"] in (1, 4) or (
                    card["queue"] == -1 and card["due"] > 10**9
                )
                out.append(
                    {
                        "at": at,
                        "now": now,
                        "today": today,
                        "secs_to_rollover": cutoff - now,
                        "button": button,
                        "labels": labels,
                        "due_minus_now" if due_is_secs else "due_minus_today": card["due"]
                        - (now if due_is_secs else today),
                        "overdue_days": (today - before["due"]) if before["queue"] == 2 else None,
                        "card": card,
                        "revlog": rev,
                        "tags": o.note_tags(col, card["nid"]),
                    }
                )
        finally:
            col.close()
    return out


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if os.environ.get("_ANKI_ORACLE") != "1":
        text = sys.stdin.read() if sys.argv[1] == "-" else open(sys.argv[1]).read()
        script = json.loads(text)
        os.environ["_ANKI_ORACLE_SCRIPT"] = text
        o.with_frozen_clock(
            script.get("tz", "UTC"),
            bool(script.get("fuzz", False)),
            int(script.get("start", o.DEFAULT_NOW)),
        )
    script = json.loads(os.environ["_ANKI_ORACLE_SCRIPT"])
    try:
        for line in run(script):
            print(o.dump(line))
    finally:
        o.stop_clock()


if __name__ == "__main__":
    main()
