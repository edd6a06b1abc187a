"""Random cases for make_golden.py; the same seed gives the same cases."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
)
FIRST_NOW, LAST_NOW = 1_420_000_000, 2_050_000_000
DAY = 86_400
ABSENT = "<absent>"  # _oracle.deep_update removes the member


def blocked_by_test_mode(epoch: int, zone: str) -> bool:
    """Fuzz off means ANKI_TEST_MODE, which shifts the clock at these local hours."""
    return datetime.fromtimestamp(epoch, ZoneInfo(zone)).hour in (2, 3)


def random_now(rng: random.Random, zone: str, rollover: int) -> int:
    """A moment; one in three is shortly before or at the start of the day."""
    now = rng.randint(FIRST_NOW, LAST_NOW)
    if rng.random() > 0.35:
        return now
    local = datetime.fromtimestamp(now, ZoneInfo(zone))
    turn = local.replace(hour=rollover, minute=0, second=0)
    before = rng.choice(
        [0, 1, 59, 60, 61, 599, 600, 601, rng.randint(2, 7200), rng.randint(2, DAY)]
    )
    return int((turn - timedelta(seconds=before)).timestamp())


def moment(rng: random.Random, zone: str, rollover: int, fuzz: bool) -> tuple[int, int]:
    while True:
        now = random_now(rng, zone, rollover)
        days_ago = rng.choice([0, 1, rng.randint(2, 60), rng.randint(60, 4000)])
        if fuzz or not (
            blocked_by_test_mode(now, zone) or blocked_by_test_mode(now - days_ago * DAY, zone)
        ):
            return now, days_ago


# --- deck options ---------------------------------------------------------------------------

STEPS = (
    [],
    [1],
    [10],
    [1, 10],
    [15],
    [1, 10, 60],
    [0.5, 3],
    [5.5],
    [0.1, 0.25],
    [25.3, 400.7],
    [1440],
    [1, 1440],
    [10, 2880],
    [4320, 1440],
    [1, 10, 1440, 4320],
    [720],
    [700, 1500],
    [1000],
    [100, 10],
    [1500],
    [2000, 3000],
    [20, 19.99],
    [0],
    [0, 10],
    [-5],
    [-5, 10],
    [0.001],
    [1e6],
    [99999, 3],
    [1e9],
    [1e9, 5e7],
    [1, 2, 3, 4, 5, 6, 7, 8],
)


def random_steps(rng: random.Random) -> list:
    if rng.random() < 0.8:
        return list(rng.choice(STEPS))
    return [
        round(rng.uniform(0.1, rng.choice([60, 1440, 9000])), rng.randint(0, 3))
        for _ in range(rng.randint(1, 4))
    ]


def number(rng: random.Random, low: float, high: float, digits: int = 2) -> float:
    """Mostly in range; now and then at or just past its ends."""
    if rng.random() < 0.12:
        return rng.choice([low, high, round(low - 0.01, 2), round(high + 0.01, 2), 0, -1, 1e9])
    return round(rng.uniform(low, high), digits)


def integer(rng: random.Random, low: int, high: int, usual: int) -> int:
    if rng.random() < 0.12:
        return rng.choice([low, high, max(0, low - 1), high + 1, 0])
    return rng.randint(low, usual)


def options(rng: random.Random) -> dict:
    config = {
        "maxTaken": rng.choice([60, 60, rng.randint(1, 9999), 0, -5, 10_000]),
        "new": {
            "delays": random_steps(rng),
            "initialFactor": integer(rng, 1310, 5000, 5000),
            "ints": [integer(rng, 1, 36500, 30), integer(rng, 1, 36500, 60), 0],
        },
        "rev": {
            "ease4": number(rng, 1, 5),
            "hardFactor": number(rng, 0.5, 1.3),
            "ivlFct": number(rng, 0.5, 2),
            "maxIvl": integer(rng, 1, 36500, rng.choice([3, 40, 400, 36500])),
        },
        "lapse": {
            "delays": random_steps(rng),
            "mult": number(rng, 0, 1),
            "minInt": integer(rng, 1, 36500, 10),
            "leechFails": integer(rng, 1, 9999, 12),
            "leechAction": rng.choice([0, 0, 0, 1, 1, 1, False, 0.0, 2, None]),
        },
    }
    for block in ("new", "rev", "lapse"):
        for name in list(config[block]):
            if rng.random() < 0.4:
                del config[block][name]
    if rng.random() < 0.15:
        break_a_block(rng, config)
    return config


BREAKABLE = {
    "new": ("delays", "initialFactor", "ints", "order", "perDay", "bury"),
    "rev": ("ease4", "hardFactor", "ivlFct", "maxIvl", "perDay", "bury"),
    "lapse": ("delays", "leechAction", "leechFails", "minInt", "mult"),
}
WRONG = (
    ABSENT,
    None,
    "7",
    False,
    0.0,
    [],
    [3],
    [3, 5],
    [3, -5],
    {},
    True,
    2.0,
    2.5,
    -1,
    70_000,
    5_000_000_000,
)


def break_a_block(rng: random.Random, config: dict) -> None:
    block = rng.choice(list(BREAKABLE))
    if rng.random() < 0.1:
        config[block] = rng.choice([None, [], "x", 5])
        return
    config[block][rng.choice(BREAKABLE[block])] = rng.choice(WRONG)


# --- cards ----------------------------------------------------------------------------------


def interval(rng: random.Random) -> int:
    return rng.choice(
        [
            0,
            1,
            2,
            3,
            rng.randint(1, 10),
            rng.randint(3, 60),
            rng.randint(3, 60),
            rng.randint(60, 700),
            rng.randint(60, 700),
            rng.randint(700, 36_500),
            rng.randint(36_500, 200_000),
            rng.randint(200_000, 1_000_000_000),
        ]
    )


def factor(rng: random.Random) -> int:
    if rng.random() < 0.2:
        return rng.choice([0, 1, 1299, 1300, 1301, 1449, 1450, 1499, 1500, 9_999, 60_000, 65_535])
    return rng.choice([2500, rng.randint(1300, 3500), rng.randint(1300, 3500)])


def lapses(rng: random.Random, threshold: int) -> int:
    half = max(1, -(-threshold // 2))
    return max(
        0,
        rng.choice(
            [
                0,
                rng.randint(0, 5),
                threshold - 1,
                threshold - 2,
                threshold,
                threshold - 1 + half * rng.randint(0, 4),
                rng.randint(0, 60),
            ]
        ),
    )


def left(rng: random.Random) -> int:
    return rng.choice([0, 1, 1, 2, 2, 3, 4, 9, 1001, 2002, 3000, 1_002_003, rng.randint(0, 60_000)])


def late(rng: random.Random) -> int:
    return rng.choice(
        [
            0,
            0,
            1,
            2,
            rng.randint(1, 10),
            rng.randint(1, 60),
            rng.randint(60, 4000),
            -1,
            -rng.randint(1, 100),
            100_000,
        ]
    )


def card(rng: random.Random, threshold: int) -> dict:
    kind = rng.choices([0, 1, 2, 3], [12, 20, 45, 23])[0]
    queue = {0: 0, 1: rng.choice([1, 3]), 2: 2, 3: rng.choice([1, 3])}[kind]
    state = {
        "id": rng.choice(
            [
                rng.randint(FIRST_NOW, LAST_NOW) * 1000 + rng.randint(0, 999),
                rng.randint(1, 10),
                rng.randint(1, 2**53),
            ]
        ),
        "type": kind,
        "reps": rng.choice([0, 1, rng.randint(0, 30), rng.randint(0, 9999)]),
        "ivl": 0,
        "factor": 0,
        "lapses": 0,
        "left": 0,
    }
    if kind != 0 or rng.random() < 0.1:
        state["left"] = left(rng) if kind != 2 or rng.random() < 0.2 else 0
    if kind >= 2 or rng.random() < 0.1:
        state |= {"ivl": interval(rng), "factor": factor(rng), "lapses": lapses(rng, threshold)}
    if queue == 1:
        state["due_now_plus"] = rng.randint(-100_000, 3000)
    elif kind == 0:
        state["due"] = rng.choice([rng.randint(0, 5000), 2_000_000])
    else:
        state["due_today_plus"] = -late(rng)
    state["queue"] = queue if rng.random() < 0.85 else rng.choice([-3, -2, -1, 0, 1, 2, 3])
    return state


def transition_documents(seed: int, groups: int, cases: int) -> list[dict]:
    """One document per process: all its cases share zone, rollover and whether fuzz is on."""
    rng = random.Random(seed)
    documents = []
    for zone in ZONES:
        for fuzz in (False, True):
            for rollover in (4, rng.choice([0, 1, 12, 23, rng.randint(0, 23)])):
                document = {"tz": zone, "fuzz": fuzz, "rollover": rollover, "cases": []}
                for _ in range(groups):
                    document["cases"] += group(rng, document, cases)
                documents.append(document)
    return [*documents, rare_seeds(rng)]


# The seed of the fuzz is card id + reps.  For these, found by search, the first random word is
# one that makes a fuzz factor of 0 or next to 1, or (for a range of 300, which steps of 20 minutes
# and more have) one that needs a second word, with and without a carry.
RARE_SEEDS = (
    1700002838639,
    1700005568648,
    1700008727308,
    1700033371260,
    1700052864309,
    1700000809029,
    1700029954974,
    1700033841093,
    1700034272418,
    1700036606156,
    1700045256480,
    1700056640460,
    1700062346949,
)


def rare_seeds(rng: random.Random) -> dict:
    config = {"new": {"delays": [20, 45]}, "lapse": {"delays": [30], "mult": 0.7}}
    document = {"tz": "UTC", "fuzz": True, "rollover": 4, "cases": []}
    for seed in RARE_SEEDS:
        for _ in range(24):
            state = card(rng, 8)
            state["id"] = seed - state["reps"]
            document["cases"].append(
                {"crt_days_ago": 400, "config": config, "card": state, "taken_ms": 5000}
            )
    return document


def group(rng: random.Random, document: dict, cases: int) -> list[dict]:
    now, days_ago = moment(rng, document["tz"], document["rollover"], document["fuzz"])
    config = options(rng) if rng.random() < 0.85 else {}
    threshold = (config.get("lapse") or {}) if isinstance(config.get("lapse"), dict) else {}
    threshold = threshold.get("leechFails", 8)
    threshold = threshold if type(threshold) is int and 0 < threshold < 100 else 8
    return [
        {
            "now": now,
            "crt_days_ago": days_ago,
            "config": config,
            "card": card(rng, threshold),
            "taken_ms": rng.choice([0, 5000, 60_000, 60_001, rng.randint(0, 12_000_000)]),
        }
        for _ in range(cases)
    ]


# --- timelines ------------------------------------------------------------------------------


def timelines(seed: int, count: int) -> list[dict]:
    rng = random.Random(seed)
    return [timeline(rng, number % 2 == 1) for number in range(count)]


def timeline(rng: random.Random, fuzz: bool) -> dict:
    zone, rollover = rng.choice(ZONES), rng.choice([4, 4, 0, 12, rng.randint(0, 23)])
    start, _ = moment(rng, zone, rollover, fuzz)
    answers, at = [], 0
    for _ in range(rng.randint(8, 40)):
        answers.append([at, rng.choices([1, 2, 3, 4], [3, 2, 6, 1])[0], rng.randint(0, 90_000)])
        at += rng.choice(
            [
                30,
                60,
                599,
                600,
                601,
                rng.randint(60, 3600),
                DAY,
                rng.randint(1, 30) * DAY,
                rng.randint(DAY, 200 * DAY),
            ]
        )
        while not fuzz and blocked_by_test_mode(start + at, zone):
            at += 3600
    return {
        "start": start,
        "tz": zone,
        "rollover": rollover,
        "fuzz": fuzz,
        "card_id": rng.randint(FIRST_NOW, LAST_NOW) * 1000,
        "config": options(rng) if rng.random() < 0.7 else {},
        "answers": answers,
    }


# --- days -----------------------------------------------------------------------------------


def timing_documents(seed: int, cases: int) -> list[dict]:
    """Clients take the offset from the zone, servers from the collection."""
    rng = random.Random(seed)
    documents = [
        {"tz": zone, "server": False, "cases": [client_day(rng, zone) for _ in range(cases)]}
        for zone in (*ZONES, "Africa/Casablanca", "Asia/Gaza")
    ]
    documents.append(
        {"tz": "UTC", "server": True, "cases": [server_day(rng) for _ in range(cases * 6)]}
    )
    return documents


def day(rng: random.Random, zone: str) -> dict:
    rollover = rng.choice([4, rng.randint(0, 23), rng.choice([None, 0, 23, 24, 100, 255, 256, -1])])
    hour = min(rollover, 23) if rollover in range(256) else 4
    now = random_now(rng, zone, hour) + rng.choice([0, 0, rng.randint(0, DAY)])
    crt = now - rng.choice([0, rng.randint(-DAY, DAY), rng.randint(0, 4000 * DAY)])
    return {"now": now, "crt": crt, "rollover": rollover}


def not_from_the_future(case: dict) -> dict:
    """Without a usable creationOffset Anki's day number wraps around for such a collection."""
    offset = case["creationOffset"]
    if offset is None or abs(offset) >= 24 * 60:
        case["crt"] = min(case["crt"], case["now"])
    return case


def client_day(rng: random.Random, zone: str) -> dict:
    case = day(rng, zone)
    offset = datetime.fromtimestamp(case["crt"], ZoneInfo(zone)).utcoffset()
    west = -int(offset.total_seconds()) // 60
    return not_from_the_future(
        case | {"creationOffset": rng.choice([west, west, rng.randint(-840, 720), None])}
    )


def server_day(rng: random.Random) -> dict:
    extremes = [-1500, -1440, -1439, -1381, 1380, 1400, 1439, 1440, 99999]
    return not_from_the_future(
        day(rng, "UTC")
        | {
            "creationOffset": rng.choice([rng.randint(-840, 720), 0, None, rng.choice(extremes)]),
            "localOffset": rng.choice(
                [rng.randint(-840, 720), rng.randint(-840, 720), None, rng.choice(extremes)]
            ),
        }
    )
