"""A collection with some of everything that a search can ask about.

It grows from the studied collection in tests/data, the same each time, so that real Anki's answers
(tests/golden/searches.json.xz) stay true.
"""

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

STUDIED = Path(__file__).parent.parent / "data" / "jlpt-n5-studied.anki2"

# 2026-02-19 13:40:00 UTC, in America/Sao_Paulo 10:40 of the collection's day 44.
NOW_S = 1_771_508_400
TIMEZONE = "America/Sao_Paulo"
DAY_S = 86_400
VARIANTS = ("plain", "settings")
SETTINGS = {"ignoreAccentsInSearch": True, "normalizeNoteText": False}
# A sort field, one among several, a last one. Anki itself fails where all of them are excluded.
EXCLUDED = {"1767700800000": [0], "1607392320": [1], "1767700800004": [1]}
WORDS = (
    "casa Casa CASA água agua Àgua straße STRASSE naïve naive ΣΊΣΥΦΟΣ σίσυφος İstanbul kelvin"
    " \u017filk 50% a_b a*b x\\y"
)
HTML = "<b>bold</b> &amp; <div>line</div><br>end"


def searched_collection(path: Path, variant: str = "plain") -> Path:
    """Write it to a new file.

    In the variant "settings" some fields are excluded from searching, accents are ignored and text
    is not normalised.
    """
    path.write_bytes(STUDIED.read_bytes())
    with closing(sqlite3.connect(path)) as conn:
        add_variety(conn, random.Random(26))
        if variant == "settings":
            change(conn, "models", exclude_fields)
            change(conn, "conf", lambda conf: conf.update(SETTINGS))
        conn.commit()
    return path


def exclude_fields(models: dict[str, Any]) -> None:
    for notetype, ordinals in EXCLUDED.items():
        for ordinal in ordinals:
            models[notetype]["flds"][ordinal]["excludeFromSearch"] = True


def add_variety(conn: sqlite3.Connection, rng: random.Random) -> None:
    today = 44
    change(conn, "conf", lambda conf: conf.update(lastUnburied=today, curDeck=1767700800002))
    change(conn, "decks", add_decks)
    change(
        conn,
        "dconf",
        lambda groups: groups.update({"77": groups["1"] | {"id": 77, "name": "Ñandú"}}),
    )
    change(conn, "models", change_notetypes)
    add_notes(conn, rng)
    change_cards(conn, rng, today)
    add_reviews(conn, rng)
    add_empty_note(conn)


def change(conn: sqlite3.Connection, document: str, how: Any) -> None:
    (text,) = conn.execute(f"SELECT {document} FROM col").fetchone()
    value = json.loads(text)
    how(value)
    conn.execute(f"UPDATE col SET {document} = ?", (json.dumps(value, ensure_ascii=False),))


def add_decks(decks: dict[str, Any]) -> None:
    model = decks["1"]
    names = (
        "Straße",
        "Straße::Über",
        "a_b*c",
        "current",
        "Geo::Capitals::Old",
        "日本 語",
        "filtered",
    )
    for number, name in enumerate(names, 5000):
        decks[str(number)] = model | {"id": number, "name": name, "conf": 77 if number % 2 else 1}
    decks["6000"] = {
        "id": 6000, "name": "Cram", "dyn": 1, "mod": 0, "usn": 0, "desc": "", "collapsed": False,
        "browserCollapsed": False, "resched": True, "delays": None, "separate": True,
        "terms": [["is:due", 20, 0]], "previewDelay": 10,
        "lrnToday": [0, 0], "revToday": [0, 0], "newToday": [0, 0], "timeToday": [0, 0],
    }  # fmt: skip


def change_notetypes(models: dict[str, Any]) -> None:
    models["1767700800001"]["name"] = "Básico (änd)"
    models["1767700800001"]["tmpls"][1]["name"] = "Rück_wärts*"
    models["1767700800001"]["flds"][1]["name"] = "Fränt"


def add_notes(conn: sqlite3.Connection, rng: random.Random) -> None:
    words = WORDS.split()
    tags = (
        "verb",
        "Verb::Irregular",
        "verb::regular",
        "naïve",
        "NAIVE",
        "a_b",
        "日本",
        "leech",
        "\u017f",
        "marked",
    )
    notetypes = {
        1767700800000: (2, 1),
        1767700800001: (2, 2),
        1767700800004: (2, 2),
        1767700800003: (2, 1),
    }
    for number in range(120):
        note_id = (NOW_S - rng.randrange(0, 30 * DAY_S)) * 1000 + number
        notetype, (field_count, card_count) = rng.choice(list(notetypes.items()))
        fields = [field_text(rng, words) for _ in range(field_count)]
        if notetype == 1767700800004:
            fields[0] = (
                f"{{{{c1::{fields[0]}::hint}}}} and {{{{c2,3::{rng.choice(words)}}}}} {{{{c2::open"
            )
        chosen = rng.sample(tags, rng.choice((0, 0, 1, 2, 3)))
        conn.execute(
            "INSERT INTO notes VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, 0, '')",
            (
                note_id, f"guid{number}", notetype, NOW_S - rng.randrange(0, 9 * DAY_S),
                f" {' '.join(chosen)} " if chosen else "", "\x1f".join(fields), fields[0],
                rng.randrange(2**32),
            ),
        )  # fmt: skip
        for ordinal in range(card_count):
            deck = rng.choice((1, 5000, 5001, 5002, 5003, 5004, 5005, 5006))
            conn.execute(
                "INSERT INTO cards"
                " VALUES (?, ?, ?, ?, ?, 0, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '{}')",
                (note_id + 1000 + ordinal, note_id, deck, ordinal, NOW_S, number),
            )


def add_empty_note(conn: sqlite3.Connection) -> None:
    note_id, notetype = NOW_S * 1000 + 1, 1767700800001
    conn.execute(
        "INSERT INTO notes VALUES (?, 'empty', ?, ?, 0, '', char(31), '', 0, 0, '')",
        (note_id, notetype, NOW_S),
    )
    conn.execute(
        "INSERT INTO cards SELECT ?, ?, 1, 0, mod, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, ''"
        " FROM cards LIMIT 1",
        (note_id, note_id),
    )


def field_text(rng: random.Random, words: list[str]) -> str:
    kind = rng.random()
    if kind < 0.08:
        return str(rng.randrange(1000))
    if kind < 0.14:
        return ""
    if kind < 0.24:
        return HTML + rng.choice(words)
    return rng.choice((" ", ", ", "\n", " <i>x</i> ")).join(rng.sample(words, rng.randint(1, 4)))


def change_cards(conn: sqlite3.Connection, rng: random.Random, today: int) -> None:
    data = (
        '{"pos":3}', '{"s":12.5,"d":4.2,"dr":0.9,"lrt":1771400000}', '{"s":3.25,"d":7.75}',
        '{"cd":"{\\"v\\":2.5,\\"t\\":\\"Abc\\"}"}', "not json", "",
    )  # fmt: skip
    for (card_id,) in conn.execute("SELECT id FROM cards ORDER BY id").fetchall():
        if rng.random() < 0.3:
            conn.execute("UPDATE cards SET flags = ? WHERE id = ?", (rng.randrange(16), card_id))
        if rng.random() < 0.25:
            state = random_state(rng, today)
            marks = ", ".join(f"{name} = :{name}" for name in state)
            conn.execute(f"UPDATE cards SET {marks} WHERE id = :id", {**state, "id": card_id})
        if rng.random() < 0.2:
            conn.execute("UPDATE cards SET data = ? WHERE id = ?", (rng.choice(data), card_id))
    conn.execute("UPDATE cards SET odid = did, odue = due, did = 6000, due = -10 WHERE id % 23 = 0")


def random_state(rng: random.Random, today: int) -> dict[str, int]:
    soon = NOW_S + rng.choice((-200_000, -5000, 600, 1100, 1300, 40_000, 90_000))
    day = today + rng.randint(-9, 9)
    kind, queue = rng.choice(
        (
            (0, 0),
            (0, -1),
            (1, 1),
            (1, 3),
            (2, 2),
            (2, 2),
            (2, -2),
            (2, -3),
            (3, 1),
            (3, 3),
            (3, -1),
            (1, 4),
        )
    )
    studied = {"ivl": rng.randint(1, 90), "factor": rng.choice((1300, 2100, 2300, 2500, 3000))}
    studied |= {"reps": rng.randint(1, 40), "lapses": rng.randint(0, 9)}
    by_second = queue in (1, 4)
    plain: dict[str, int] = {"ivl": 0, "factor": 0, "reps": 0, "lapses": 0}
    due = rng.randrange(500) if kind == 0 else soon if by_second else day
    return {"type": kind, "queue": queue, "due": due} | (plain if kind == 0 else studied)


def add_reviews(conn: sqlite3.Connection, rng: random.Random) -> None:
    cards = [row[0] for row in conn.execute("SELECT id FROM cards ORDER BY id")]
    for number in range(400):
        moment = (NOW_S - rng.randrange(0, 20 * DAY_S)) * 1000 + number
        ease = rng.choice((0, 1, 2, 3, 3, 4))
        conn.execute(
            "INSERT OR IGNORE INTO revlog VALUES (?, ?, 0, ?, 1, 1, 2500, 1000, ?)",
            (moment, rng.choice(cards), ease, 4 if ease == 0 else 1),
        )
