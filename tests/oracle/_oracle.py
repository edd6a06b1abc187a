"""Shared helpers for the Anki oracle scripts (dev-only; needs `pip install anki`).

The clock: Anki's Rust backend reads the system clock itself, so time is
controlled with libfaketime (Debian: `apt-get install libfaketime`).  We re-exec
ourselves with LD_PRELOAD and a *frozen* clock whose value lives in a small file;
`set_clock()` rewrites that file and every later read by Python, SQLite and Rust
sees the new second.  Sub-second parts are always .000.
"""

from __future__ import annotations

import glob
import json
import os
import sys
import tempfile

CLOCK_ENV = "FAKETIME_TIMESTAMP_FILE"
DEFAULT_NOW = 1705312800  # 2024-01-15 10:00:00 UTC, a Monday


def find_libfaketime() -> str | None:
    override = os.environ.get("LIBFAKETIME")
    pats = [override] if override else []
    pats += [
        "/usr/lib/*/faketime/libfaketimeMT.so.1",
        "/usr/lib/*/faketime/libfaketime.so.1",
        "/usr/lib/faketime/libfaketime*.so.1",
        "/usr/local/lib/faketime/libfaketime*.so.1",
    ]
    for pat in pats:
        hits = sorted(glob.glob(pat))
        if hits:
            return hits[0]
    return None


def with_frozen_clock(tz: str = "UTC", fuzz: bool = False, now: int = DEFAULT_NOW) -> None:
    """Re-exec the current script under a frozen clock. Returns in the child only.

    fuzz=False sets ANKI_TEST_MODE, which is what makes the backend drop fuzz.  It
    has one side effect: while the *local* hour is 2 or 3 the backend shifts its
    own clock back two hours; set_clock() refuses such times.
    """
    if os.environ.get("_ANKI_ORACLE") == "1":
        return
    lib = find_libfaketime()
    if not lib:
        sys.exit(
            "libfaketime not found: apt-get install libfaketime, or set LIBFAKETIME=/path/to.so"
        )
    fd, path = tempfile.mkstemp(prefix="anki-oracle-clock-")
    os.write(fd, str(int(now)).encode())
    os.close(fd)
    env = dict(os.environ)
    env.update(
        {
            "_ANKI_ORACLE": "1",
            "LD_PRELOAD": lib,
            CLOCK_ENV: path,
            "FAKETIME_FMT": "%s",
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "TZ": tz,
        }
    )
    env.pop("ANKI_TEST_MODE", None)
    if not fuzz:
        env["ANKI_TEST_MODE"] = "1"
    os.execve(sys.executable, [sys.executable, *sys.argv], env)


def set_clock(epoch: int) -> None:
    import time

    path = os.environ[CLOCK_ENV]
    tmp = path + ".new"
    with open(tmp, "w") as f:
        f.write(str(int(epoch)))
    os.replace(tmp, path)
    if int(time.time()) != int(epoch):
        raise RuntimeError(f"clock control failed: wanted {epoch}, got {time.time()}")
    if os.environ.get("ANKI_TEST_MODE") and time.localtime(epoch).tm_hour in (2, 3):
        raise ValueError(
            "local hour 2-3 is unusable with fuzz off (test mode shifts the clock); "
            "choose another time/tz or run with fuzz on"
        )


def stop_clock() -> None:
    try:
        os.unlink(os.environ[CLOCK_ENV])
    except (KeyError, OSError):
        pass


CARD_COLS = (
    "id nid did ord mod usn type queue due ivl factor reps lapses left odue odid flags data"
).split()
REVLOG_COLS = "id cid usn ease ivl lastIvl factor time type".split()


def card_row(col, cid: int) -> dict:
    row = col.db.first(f"select {','.join(CARD_COLS)} from cards where id=?", cid)
    return dict(zip(CARD_COLS, row))


def last_revlog(col, cid: int) -> dict | None:
    row = col.db.first(
        f"select {','.join(REVLOG_COLS)} from revlog where cid=? order by id desc limit 1", cid
    )
    return dict(zip(REVLOG_COLS, row)) if row else None


def note_tags(col, nid: int) -> str:
    return col.db.scalar("select tags from notes where id=?", nid).strip()


def deep_update(dst: dict, src: dict) -> dict:
    for k, v in src.items():
        if v == "<absent>":
            dst.pop(k, None)
        elif isinstance(v, dict) and isinstance(dst.get(k), dict):
            deep_update(dst[k], v)
        else:
            dst[k] = v
    return dst


def apply_deck_config(col, overrides: dict) -> None:
    """Overrides use the schema-11 `dconf` layout, e.g. {"new": {"delays": [1, 10]}}."""
    conf = col.decks.get_config(1)
    deep_update(conf, overrides)
    col.decks.update_config(conf)


def fresh_collection(
    path: str,
    *,
    rollover: int = 4,
    load_balancer: bool = False,
    config: dict | None = None,
    front="front",
    back="back",
):
    from anki.collection import Collection

    col = Collection(path)
    col.set_config("rollover", rollover)
    col.set_config("loadBalancerEnabled", load_balancer)
    if config:
        apply_deck_config(col, config)
    note = col.new_note(col.models.by_name("Basic"))
    note["Front"], note["Back"] = front, back
    col.add_note(note, 1)
    return col, note.cards()[0].id


def set_card_id(col, old: int, new: int) -> int:
    if new and new != old:
        col.db.execute("update cards set id=? where id=?", new, old)
        return new
    return old


def ratings():
    from anki.scheduler.v3 import CardAnswer

    return {1: CardAnswer.AGAIN, 2: CardAnswer.HARD, 3: CardAnswer.GOOD, 4: CardAnswer.EASY}


def answer(col, cid: int, states, button: int, now: int, taken_ms: int) -> None:
    from anki.scheduler.v3 import CardAnswer

    target = {1: states.again, 2: states.hard, 3: states.good, 4: states.easy}[button]
    col._backend.answer_card_raw(
        CardAnswer(
            card_id=cid,
            current_state=states.current,
            new_state=target,
            rating=ratings()[button],
            answered_at_millis=now * 1000,
            milliseconds_taken=taken_ms,
        ).SerializeToString()
    )


def labels(col, states) -> list[str]:
    strip = str.maketrans("", "", "\u2068\u2069")
    return [s.translate(strip) for s in col._backend.describe_next_states(states)]


def dump(obj) -> str:
    return json.dumps(obj, ensure_ascii=False, sort_keys=False)
