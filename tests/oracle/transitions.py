#!/usr/bin/env python3
"""State-transition oracle: put a card in any state, ask real Anki for all 4 answers.

    transitions.py CASES.json      (or - for stdin); prints one JSON object per case

CASES = {"tz": "UTC", "fuzz": false, "rollover": 4, "cases": [CASE, ...]}
CASE  = {"now": epoch secs (default 2024-01-15T10:00Z), "crt_days_ago": 100,
         "config": {schema-11 deck-options overrides},
         "card": {"type":2,"queue":2,"due":100,"ivl":10,"factor":2500,"reps":5,
                  "lapses":0,"left":0,"data":"","id":optional},
         "taken_ms": 5000}
`due` is absolute (days since crt for types 2/3-in-queue-3, epoch secs for queue 1,
position for new).  "due_today_plus" / "due_now_plus" in "card" may be used instead.
Output: {"today","secs_to_rollover","labels",
         "answers": {"1": {"card":{...},"revlog":{...},"tags"}, ... "4": ...}}
Cases that share now/crt/config run in one collection: about 200 a second.
"""

import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import _oracle as o

SETTABLE = "type queue due ivl factor reps lapses left odue odid flags data".split()


class Bench:
    def __init__(self, now, days_ago, rollover, config, load_balancer=False):
        self.now = now
        o.set_clock(now - days_ago * 86400)
        self.dir = tempfile.TemporaryDirectory(prefix="anki-oracle-")
        path = os.path.join(self.dir.name, "c.anki2")
        self.col, self.cid = o.fresh_collection(
            path, rollover=rollover, config=config, load_balancer=load_balancer
        )
        self.col.close()
        o.set_clock(now)
        from anki.collection import Collection

        self.col = Collection(path)
        self.orig_id = self.cid
        self.nid = self.col.db.scalar("select nid from cards")
        self.today = self.col.sched.today
        self.cutoff = self.col.sched.day_cutoff

    def close(self):
        self.col.close()
        self.dir.cleanup()

    def _put(self, card: dict):
        db = self.col.db
        db.execute(
            "update cards set id=?, nid=?, mod=0, usn=0 where id=?",
            card.get("id") or self.orig_id,
            self.nid,
            self.cid,
        )
        self.cid = card.get("id") or self.orig_id
        c = dict(
            type=0,
            queue=0,
            due=1,
            ivl=0,
            factor=0,
            reps=0,
            lapses=0,
            left=0,
            odue=0,
            odid=0,
            flags=0,
            data="",
        )
        c.update({k: v for k, v in card.items() if k in SETTABLE})
        if "due_today_plus" in card:
            c["due"] = self.today + card["due_today_plus"]
        if "due_now_plus" in card:
            c["due"] = self.now + card["due_now_plus"]
        db.execute(
            "update cards set " + ",".join(f"{k}=?" for k in SETTABLE) + " where id=?",
            *[c[k] for k in SETTABLE],
            self.cid,
        )
        db.execute("delete from revlog")
        db.execute("update notes set tags=''")

    def case(self, case: dict) -> dict:
        res = {
            "today": self.today,
            "secs_to_rollover": self.cutoff - self.now,
            "now": self.now,
            "answers": {},
        }
        for button in (1, 2, 3, 4):
            self._put(case.get("card", {}))
            states = self.col._backend.get_scheduling_states(self.cid)
            if button == 1:
                res["labels"] = o.labels(self.col, states)
                res["before"] = o.card_row(self.col, self.cid)
            o.answer(self.col, self.cid, states, button, self.now, case.get("taken_ms", 5000))
            res["answers"][str(button)] = {
                "card": o.card_row(self.col, self.cid),
                "revlog": o.last_revlog(self.col, self.cid),
                "tags": o.note_tags(self.col, self.nid),
            }
        return res


def run(doc: dict):
    bench, key = None, None
    for case in doc["cases"]:
        k = json.dumps(
            [case.get("now", o.DEFAULT_NOW), case.get("crt_days_ago", 100), case.get("config")],
            sort_keys=True,
        )
        if k != key:
            if bench:
                bench.close()
            bench = Bench(
                int(case.get("now", o.DEFAULT_NOW)),
                int(case.get("crt_days_ago", 100)),
                int(doc.get("rollover", 4)),
                case.get("config"),
                bool(doc.get("load_balancer", False)),
            )
            key = k
        yield bench.case(case)
    if bench:
        bench.close()


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if os.environ.get("_ANKI_ORACLE") != "1":
        text = sys.stdin.read() if sys.argv[1] == "-" else open(sys.argv[1]).read()
        doc = json.loads(text)
        with tempfile.NamedTemporaryFile("w", prefix="anki-oracle-", delete=False) as f:
            f.write(text)
        os.environ["_ANKI_ORACLE_SCRIPT"] = f.name
        o.with_frozen_clock(doc.get("tz", "UTC"), bool(doc.get("fuzz", False)))
    path = os.environ["_ANKI_ORACLE_SCRIPT"]
    with open(path) as f:
        doc = json.load(f)
    os.unlink(path)
    try:
        for res in run(doc):
            print(o.dump(res))
    finally:
        o.stop_clock()


if __name__ == "__main__":
    main()
