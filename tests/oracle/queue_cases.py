"""Random scenarios of the study queue, for queues.py to ask real Anki about."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONES = ("UTC", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Auckland")
# 2024-03-11 15:20:00 UTC; the hour is varied.
START = 1_710_170_400
DAY = 86_400
DECK_NAMES = ("Zoo", "Zoo::b", "Zoo::a", "Zoo::a::y", "Zoo::a::x", "Law", "Law::Tax", "Zoo2")
FILTERED_NAMES = ("Cram", "Zoo::Cram")
AHEAD = (0, 1200, 1200, 7200)


def scenarios(seed: int, count: int) -> list[dict[str, Any]]:
    return [scenario(random.Random(f"{seed}-{n}"), n) for n in range(count)]


def scenario(rng: random.Random, number: int) -> dict[str, Any]:
    zone = ZONES[number % len(ZONES)]
    now = START + rng.randrange(0, 200) * DAY + rng.randrange(0, DAY // 300) * 300
    now = away_from_the_cutoff(now, zone) if rng.random() < 0.9 else now
    created = now - rng.randint(30, 400) * DAY
    made = {
        "zone": zone,
        "now": now,
        "created": created,
        "minutes_west": minutes_west(zone, created),
        "conf": {},
        "decks": {},
        "groups": groups(rng, number),
        "cards": [],
    }
    today = day_number(made)
    made["conf"] = conf(rng, zone, now, today)
    made["decks"] = decks(rng, list(made["groups"]), today)
    made["cards"] = cards(rng, made, today)
    return made


# The decks that are studied, the seconds that answers take, and the buttons.
STUDIED = ("Zoo", "Zoo::a", "Law")
SECONDS = (3, 8, 15, 20, 40, 40, 55)
BUTTONS = (1, 1, 2, 3, 3, 3, 3, 4)


def timelines(seed: int, count: int) -> list[dict[str, Any]]:
    """Scenarios to be studied. Cards of filtered decks and of FSRS are left out of them."""
    return [timeline(random.Random(f"{seed}-timeline-{n}"), n) for n in range(count)]


def timeline(rng: random.Random, number: int) -> dict[str, Any]:
    made = scenario(rng, number)
    if number % 6 == 5:
        begin_before_the_cutoff(made)
    made["cards"] = [[*row[:-1], {}] for row in made["cards"] if row[2] != 2000]
    # Cards due at the very same second stand in Anki's queue as its binary search happens to end.
    for row in made["cards"]:
        if row[COLUMNS.index("due")] > 10**9:
            row[COLUMNS.index("due")] += rng.randint(-200, 0)
    ids = [int(key) for key, deck in made["decks"].items() if deck["name"] in STUDIED]
    made["deck"] = rng.choice(ids)
    made["steps"] = [[rng.choice(SECONDS), rng.choice(BUTTONS)] for _ in range(25)]
    return made


def begin_before_the_cutoff(made: dict[str, Any]) -> None:
    """Some minutes before 4:00 of the same day; learning cards move along."""
    west = minutes_west(made["zone"], made["now"]) * 60
    later = (4 * 3600 - 240 - (made["now"] - west)) % DAY
    made["now"] += later
    made["conf"]["localOffset"] = minutes_west(made["zone"], made["now"])
    for row in made["cards"]:
        if row[COLUMNS.index("due")] > 10**9:
            row[COLUMNS.index("due")] += later


def minutes_west(zone: str, at: int) -> int:
    offset = datetime.fromtimestamp(at, ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return -int(offset.total_seconds()) // 60


def day_number(made: dict[str, Any]) -> int:
    """Days by the local calendar from 4:00 to 4:00."""
    west = minutes_west(made["zone"], made["now"]) * 60
    local = datetime.utcfromtimestamp(made["now"] - west) - timedelta(hours=4)
    # create_collection puts `crt` at the last 4:00 of the zone of creation.
    began = datetime.utcfromtimestamp(made["created"] - made["minutes_west"] * 60)
    began -= timedelta(hours=4)
    return (local.date() - began.date()).days


def away_from_the_cutoff(now: int, zone: str) -> int:
    local = datetime.fromtimestamp(now, ZoneInfo(zone))
    return now + 5 * 3600 if local.hour in (1, 2, 3, 4) else now


def conf(rng: random.Random, zone: str, now: int, today: int) -> dict[str, Any]:
    chosen = {
        "localOffset": minutes_west(zone, now),
        "collapseTime": rng.choice(AHEAD),
        "lastUnburied": today if rng.random() < 0.7 else max(0, today - 1),
    }
    for flag in ("newCardsIgnoreReviewLimit", "applyAllParentLimits"):
        if rng.random() < 0.35:
            chosen[flag] = True
    return chosen


def groups(rng: random.Random, number: int) -> dict[str, Any]:
    made = {}
    for key in range(1, rng.randint(1, 4) + 1):
        made[str(key)] = {
            "new": {"perDay": rng.choice((0, 2, 5, 8, 20, 100)), "bury": rng.random() < 0.4},
            "rev": {"perDay": rng.choice((0, 3, 6, 12, 40, 200)), "bury": rng.random() < 0.4},
            "buryInterdayLearning": rng.random() < 0.4,
            "reviewOrder": (number + key) % 13,
            "newSortOrder": rng.randrange(5),
            "newGatherPriority": (number // 3 + key) % 6,
            "newMix": rng.choice((0, 0, 1, 2)),
            "interdayLearningMix": rng.choice((0, 0, 1, 2)),
        }
    return made


def decks(rng: random.Random, group_ids: list[str], today: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    names = list(DECK_NAMES)
    rng.shuffle(names)
    for n, name in enumerate(names):
        made[str(1000 + n)] = {
            "name": name,
            "conf": int(rng.choice(group_ids)),
            **counters(rng, today),
        }
        deck = made[str(1000 + n)]
        if rng.random() < 0.2:
            deck["newLimit"] = rng.randint(0, 9)
        if rng.random() < 0.2:
            deck["reviewLimit"] = rng.randint(0, 9)
        if rng.random() < 0.15:
            deck["newLimitToday"] = {"limit": rng.randint(0, 9), "today": rng.choice((today, 1))}
        if rng.random() < 0.15:
            deck["reviewLimitToday"] = {"limit": rng.randint(0, 9), "today": rng.choice((today, 1))}
    if rng.random() < 0.4:
        made["2000"] = filtered(rng.choice(FILTERED_NAMES))
    return made


def counters(rng: random.Random, today: int) -> dict[str, Any]:
    day = rng.choice((today, today, today - 1))
    return {
        "newToday": [day, rng.choice((0, 0, 1, 4))],
        "revToday": [day, rng.choice((0, 0, 2, 5))],
        "lrnToday": [day, 0],
        "timeToday": [day, 0],
    }


def filtered(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "dyn": 1,
        "resched": True,
        "terms": [["is:due", 100, 0]],
        "separate": True,
        "delays": None,
        "previewDelay": 10,
    }


def cards(rng: random.Random, made: dict[str, Any], today: int) -> list[list[Any]]:
    deck_ids = [int(key) for key in made["decks"] if key != "2000"]
    rows: list[list[Any]] = []
    note_id = 1_500_000_000_000
    for n in range(rng.randint(8, 45)):
        note_id += rng.randint(1, 10**9)
        deck_id = rng.choice(deck_ids)
        position = rng.randint(0, 30)
        for ordinal in range(rng.choice((1, 1, 2, 3))):
            where = deck_id if rng.random() < 0.85 else rng.choice(deck_ids)
            card_id = note_id + ordinal + rng.choice((0, 0, 500))
            state = card_state(rng, made, today, position)
            mod = made["now"] - rng.randint(10, 10**7)
            row = {"id": card_id, "nid": note_id, "did": where, "ord": ordinal, "mod": mod, **state}
            if "2000" in made["decks"] and rng.random() < 0.2 and row.get("queue", 0) in (0, 2):
                row |= {"did": 2000, "odid": where, "odue": row["due"], "due": -100_000 + n}
            rows.append([row.get(name, {} if name == "data" else 0) for name in COLUMNS])
    return rows


COLUMNS = (
    *("id", "nid", "did", "ord", "mod", "type", "queue", "due", "ivl", "factor"),
    *("reps", "left", "odue", "odid", "data"),
)


def card_state(
    rng: random.Random, made: dict[str, Any], today: int, position: int
) -> dict[str, Any]:
    soon = made["now"] + rng.choice((-9000, -300, -300, 0, 60, 600, 1199, 1200, 1201, 7200, 30_000))
    day = today + rng.choice((-40, -9, -3, -1, -1, 0, 0, 0, 1, 5))
    seen = {
        "ivl": rng.choice((1, 1, 2, 5, 20, 100)),
        "factor": rng.choice((1300, 2100, 2500, 2500, 2800)),
        "reps": rng.randint(1, 9),
    }
    if rng.random() < 0.1:
        seen["data"] = {
            "s": round(rng.uniform(0.5, 90), 2),
            "d": 5.0,
            "lrt": made["now"] - day * 999,
        }
    kind = rng.random()
    if kind < 0.35:
        return {"due": position}
    if kind < 0.7:
        return {"type": 2, "queue": 2, "due": day, **seen}
    if kind < 0.78:
        return {"type": rng.choice((1, 3)), "queue": 3, "due": day, "left": 1, **seen}
    if kind < 0.9:
        learning = {"queue": 1, "due": soon, "left": 1}
        return {"type": rng.choice((1, 3)), **seen, **learning, "reps": rng.choice((0, 1, 4))}
    queue = rng.choice((-1, -2, -3))
    return rng.choice(
        (
            {"queue": queue, "due": position},
            {"type": 2, "queue": queue, "due": day, **seen},
            {"type": 1, "queue": queue, "due": soon, "left": 1, **seen},
            {"type": 3, "queue": queue, "due": day, "left": 1, **seen},
        )
    )
