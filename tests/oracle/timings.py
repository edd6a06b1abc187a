#!/usr/bin/env python3
"""Day oracle: which day is it for a collection, and when does the next one begin?

    timings.py CASES.json      (or - for stdin); prints one JSON object per case

CASES = {"tz": "Europe/Berlin", "server": false, "cases": [CASE, ...]}
CASE  = {"now": epoch secs, "crt": epoch secs, "creationOffset": minutes west or null,
         "localOffset": minutes west or null, "rollover": hour or null}
null = the entry is missing in col.conf.  A client (server false) ignores localOffset and takes
the zone's; a server takes the collection's.
Output: {"today", "next_cutoff", "localOffset": the collection's afterwards}
"""

import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import _oracle as o


def case(folder: str, case: dict, server: bool) -> dict:
    from anki.collection import Collection

    o.set_clock(case["now"])
    path = os.path.join(folder, "c.anki2")
    col = Collection(path, server=server)
    try:
        col.db.execute("update col set crt=?", case["crt"])
        for key in ("creationOffset", "localOffset", "rollover"):
            if case.get(key) is None:
                col.remove_config(key)
            else:
                col.set_config(key, case[key])
        timing = col._backend.sched_timing_today()
        return {
            "today": timing.days_elapsed,
            "next_cutoff": timing.next_day_at,
            "localOffset": col.get_config("localOffset"),
        }
    finally:
        col.close()


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
