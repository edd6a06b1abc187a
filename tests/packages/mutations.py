"""Random changes to a collection, each of a kind that real collections differ by."""

import json
import random
import sqlite3
from collections.abc import Callable
from typing import Any

from tests.packages.sources import edit

Change = Callable[[sqlite3.Connection, random.Random], None]

DAY_S = 86_400


def mutate(
    conn: sqlite3.Connection, rng: random.Random, count: int, besides: Change | None = None
) -> None:
    """Make that many random changes of those below, leaving one out."""
    for change in rng.sample([change for change in CHANGES if change is not besides], count):
        change(conn, rng)


def ids(conn: sqlite3.Connection, rng: random.Random, table: str, count: int) -> list[int]:
    """Some random ids of a table."""
    found = [row[0] for row in conn.execute(f"SELECT id FROM {table} ORDER BY id")]
    return rng.sample(found, min(count, len(found)))


def newer_notes(conn: sqlite3.Connection, rng: random.Random) -> None:
    for note_id in ids(conn, rng, "notes", 20):
        conn.execute("UPDATE notes SET mod = mod + ? WHERE id = ?", (rng.randint(1, 900), note_id))


def older_notes(conn: sqlite3.Connection, rng: random.Random) -> None:
    for note_id in ids(conn, rng, "notes", 20):
        conn.execute("UPDATE notes SET mod = mod - ? WHERE id = ?", (rng.randint(1, 900), note_id))


def other_text(conn: sqlite3.Connection, rng: random.Random) -> None:
    samples = [
        "<b>te</b>xt &amp; more",
        "cafe\u0301",
        "a\x07b\nc\td",
        "12",
        "3.50",
        "<img src='x y.png'> z",
        "\u304b\u3099[sound:a.mp3]",
    ]
    for note_id in ids(conn, rng, "notes", 20):
        (flds,) = conn.execute("SELECT flds FROM notes WHERE id = ?", (note_id,)).fetchone()
        fields = flds.split("\x1f")
        fields[rng.randrange(len(fields))] = rng.choice(samples)
        conn.execute("UPDATE notes SET flds = ? WHERE id = ?", ("\x1f".join(fields), note_id))


def other_tags(conn: sqlite3.Connection, rng: random.Random) -> None:
    samples = [
        " a b ",
        "B  a A",
        " Lang::Japanese lang::japanese::n5 ",
        "e\u0301 \u00e9",
        "x\u3000y",
        'q"uote ::  a:: ::b',
        " JLPT jlpt_N5 ",
    ]
    for note_id in ids(conn, rng, "notes", 20):
        conn.execute("UPDATE notes SET tags = ? WHERE id = ?", (rng.choice(samples), note_id))


def known_tags(conn: sqlite3.Connection, rng: random.Random) -> None:
    spellings = ["A", "lang", "LANG::japanese", "X"]
    edit(conn, "tags", lambda tags: tags.update(dict.fromkeys(rng.sample(spellings, 2), 0)))


def other_guids(conn: sqlite3.Connection, rng: random.Random) -> None:
    for note_id in ids(conn, rng, "notes", 15):
        guid = f"g{rng.getrandbits(40):x}"
        conn.execute("UPDATE notes SET guid = ? WHERE id = ?", (guid, note_id))


def fewer_notes(conn: sqlite3.Connection, rng: random.Random) -> None:
    for note_id in ids(conn, rng, "notes", 150):
        conn.execute("DELETE FROM cards WHERE nid = ?", (note_id,))
        conn.execute("DELETE FROM notes WHERE id = ?", (note_id,))


def fewer_cards(conn: sqlite3.Connection, rng: random.Random) -> None:
    for card_id in ids(conn, rng, "cards", 40):
        conn.execute("DELETE FROM cards WHERE id = ?", (card_id,))


def fewer_reviews(conn: sqlite3.Connection, rng: random.Random) -> None:
    for review_id in ids(conn, rng, "revlog", 500):
        conn.execute("DELETE FROM revlog WHERE id = ?", (review_id,))


def other_card_ids(conn: sqlite3.Connection, rng: random.Random) -> None:
    for card_id in ids(conn, rng, "cards", 20):
        other = card_id + rng.choice([999, 1998, 7_000_000])
        if conn.execute("SELECT 1 FROM cards WHERE id = ?", (other,)).fetchone() is None:
            conn.execute("UPDATE cards SET id = ? WHERE id = ?", (other, card_id))


def other_schedules(conn: sqlite3.Connection, rng: random.Random) -> None:
    epoch = 1_771_000_000
    states = [
        (0, 0, 7, 0, 0),
        (0, -1, 8, 0, 0),
        (1, 1, epoch, 0, 0),
        (1, 3, 40, 0, 0),
        (1, -1, 41, 0, 0),
        (2, 2, 120, 30, 0),
        (2, 2, -400, 3, 0),
        (2, -2, 44, 3, 0),
        (2, -3, 45, 3, 0),
        (3, 1, epoch, 9, 0),
        (3, 3, 47, 9, 12),
        (3, -1, 47, 9, 0),
    ]
    for card_id in ids(conn, rng, "cards", 60):
        values = (*rng.choice(states), rng.choice([0, 1300, 2000, 2001, 2500]), rng.randint(0, 7))
        conn.execute(
            "UPDATE cards SET type=?, queue=?, due=?, ivl=?, odue=?, factor=?, flags=? WHERE id=?",
            (*values, card_id),
        )


def other_card_data(conn: sqlite3.Connection, rng: random.Random) -> None:
    samples = [
        "",
        "{}",
        "[]",
        "{broken",
        '{"zz": 1}',
        '{"pos": 3, "lrt": 1771000000}',
        '{"s": 1.234567, "d": 5.55555, "dr": 0.9}',
        '{"cd": "{\\"a\\":1}", "pos": "x"}',
        '{"decay": 0.1234567, "s": null}',
    ]
    for card_id in ids(conn, rng, "cards", 60):
        conn.execute("UPDATE cards SET data = ? WHERE id = ?", (rng.choice(samples), card_id))


def other_first_day(conn: sqlite3.Connection, rng: random.Random) -> None:
    days = rng.choice([-400, -90, -1, 1, 30])
    conn.execute("UPDATE col SET crt = crt + ?", (days * DAY_S,))


def other_day_start(conn: sqlite3.Connection, rng: random.Random) -> None:
    edit(conn, "conf", lambda conf: conf.update(rollover=rng.choice([0, 3, 5, 22])))


def no_creation_offset(conn: sqlite3.Connection, rng: random.Random) -> None:
    edit(conn, "conf", lambda conf: conf.pop("creationOffset", None))


def _some(rng: random.Random, document: dict[str, Any]) -> list[dict[str, Any]]:
    return rng.sample(list(document.values()), max(1, len(document) // 2))


def newer_notetypes(conn: sqlite3.Connection, rng: random.Random) -> None:
    def change(models: dict[str, Any]) -> None:
        for notetype in _some(rng, models):
            notetype["mod"] += 500
            notetype["css"] += "/* newer */"
            notetype["tmpls"][0]["afmt"] += " !"

    edit(conn, "models", change)


def awkward_names(conn: sqlite3.Connection, rng: random.Random) -> None:
    """Names that Anki corrects; not among CHANGES, for it does not find them again afterwards."""
    names = [' #/ a:b{c}"d ', "Front", "front", "e\u0301", "x y  ", "//z/"]

    def change(models: dict[str, Any]) -> None:
        for notetype in _some(rng, models):
            notetype["name"] += rng.choice(['"', "e\u0301", " "])
            notetype["tmpls"][0]["name"] = rng.choice(['a"b', "e\u0301", "Card 2", "card 2"])
            notetype["flds"][1] |= {"name": rng.choice(names), "id": None}
            notetype["tmpls"][0] |= {"id": None}

    edit(conn, "models", change)


def other_questions(conn: sqlite3.Connection, rng: random.Random) -> None:
    """Newer templates that ask for more or less notes than before."""

    def change(models: dict[str, Any]) -> None:
        for notetype in models.values():
            notetype["mod"] += 550
            last = notetype["flds"][-1]["name"]
            often = len(notetype["tmpls"]) == 2
            question = "{{#%s}}{{%s}} ?{{/%s}}" if often else "{{^%s}}none{{/%s}}"
            if notetype["type"] == 0:
                notetype["tmpls"][-1]["qfmt"] = question.replace("%s", last)
                notetype["tmpls"][-1]["did"] = rng.choice([1, 1_767_700_800_002])

    edit(conn, "models", change)


def renamed_notetypes(conn: sqlite3.Connection, rng: random.Random) -> None:
    def change(models: dict[str, Any]) -> None:
        for notetype in _some(rng, models):
            notetype["name"] = rng.choice(["Basic", "basic", "Cloze", "Other", "JLPT"])
            notetype["mod"] += rng.choice([0, 700])

    edit(conn, "models", change)
    edit(conn, "models", _make_names_unique)


def _make_names_unique(models: dict[str, Any]) -> None:
    taken: set[str] = set()
    for notetype in models.values():
        while notetype["name"].casefold() in taken:
            notetype["name"] += "x"
        taken.add(notetype["name"].casefold())


def renamed_fields(conn: sqlite3.Connection, rng: random.Random) -> None:
    """The same field where it has an id, else another structure."""

    def change(models: dict[str, Any]) -> None:
        for notetype in _some(rng, models):
            old, new = notetype["flds"][1]["name"], f"Renamed {rng.randint(1, 2)}"
            notetype["flds"][1]["name"] = new
            notetype["mod"] += rng.choice([0, 600])
            for template in notetype["tmpls"]:
                for side in ("qfmt", "afmt"):
                    template[side] = template[side].replace(old, new)

    edit(conn, "models", change)


def more_fields(conn: sqlite3.Connection, rng: random.Random) -> None:
    def change(models: dict[str, Any]) -> None:
        for notetype in _some(rng, models):
            grown.append(notetype["id"])
            added = notetype["flds"][0] | {"name": "Extra", "ord": len(notetype["flds"])}
            notetype["flds"].append(added | {"id": None})

    grown: list[int] = []
    edit(conn, "models", change)
    for notetype_id in grown:
        conn.execute("UPDATE notes SET flds = flds || ? WHERE mid = ?", ("\x1f+", notetype_id))


def more_templates(conn: sqlite3.Connection, rng: random.Random) -> None:
    """A further template, before or after the others; not among CHANGES: its cards are missing."""

    def change(models: dict[str, Any]) -> None:
        for notetype in _some(rng, models):
            if notetype["type"] == 1:
                continue
            place = rng.randint(0, len(notetype["tmpls"]))
            question = "{{" + notetype["flds"][0]["name"] + "}} more"
            made = {"name": f"More {rng.randint(1, 2)}", "qfmt": question}
            notetype["tmpls"].insert(place, notetype["tmpls"][0] | made | {"id": None})
            for ordinal, template in enumerate(notetype["tmpls"]):
                template["ord"] = ordinal
            moved.append((notetype["id"], place))

    moved: list[tuple[int, int]] = []
    edit(conn, "models", change)
    for notetype_id, place in moved:
        conn.execute(
            "UPDATE cards SET ord = ord + 1"
            " WHERE ord >= ? AND nid IN (SELECT id FROM notes WHERE mid = ?)",
            (place, notetype_id),
        )


def swapped_fields(conn: sqlite3.Connection, rng: random.Random) -> None:
    """The first two fields the other way round; not among CHANGES: that is another structure."""

    def change(models: dict[str, Any]) -> None:
        for notetype in _some(rng, models):
            fields = notetype["flds"]
            fields[:2] = fields[1::-1]
            for ordinal, field in enumerate(fields):
                field["ord"] = ordinal
            swapped.append(notetype["id"])

    swapped: list[int] = []
    edit(conn, "models", change)
    for notetype_id in swapped:
        rows = conn.execute("SELECT id, flds FROM notes WHERE mid = ?", (notetype_id,)).fetchall()
        for note_id, flds in rows:
            first, second, *rest = flds.split("\x1f")
            values = "\x1f".join([second, first, *rest])
            conn.execute("UPDATE notes SET flds = ? WHERE id = ?", (values, note_id))


def other_sort_field(conn: sqlite3.Connection, rng: random.Random) -> None:
    def change(models: dict[str, Any]) -> None:
        for notetype in _some(rng, models):
            notetype["sortf"] = 1
            notetype["mod"] += rng.choice([0, 400])

    edit(conn, "models", change)


def other_notetype_ids(conn: sqlite3.Connection, rng: random.Random) -> None:
    def change(models: dict[str, Any]) -> None:
        for notetype in _some(rng, models):
            old, new = notetype["id"], notetype["id"] + 12_345
            moved.append((new, old))
            models[str(new)] = models.pop(str(old)) | {"id": new}

    moved: list[tuple[int, int]] = []
    edit(conn, "models", change)
    conn.executemany("UPDATE notes SET mid = ? WHERE mid = ?", moved)


def renamed_decks(conn: sqlite3.Connection, rng: random.Random) -> None:
    names = ["JAPANESE", "Geo::capitals", "New::Deep::Er", "geo", 'Sp"ace  ::x', "Default::Sub"]

    def change(decks: dict[str, Any]) -> None:
        for deck, name in zip(_some(rng, decks), rng.sample(names, len(names)), strict=False):
            if deck["id"] != 1 and name.casefold() not in _names(decks):
                deck["name"] = name

    edit(conn, "decks", change)


def _names(decks: dict[str, Any]) -> set[str]:
    return {deck["name"].casefold() for deck in decks.values()}


def other_deck_settings(conn: sqlite3.Connection, rng: random.Random) -> None:
    def change(decks: dict[str, Any]) -> None:
        for deck in decks.values():
            day = deck["newToday"][0]
            deck["desc"] = rng.choice(["", "About it"])
            deck["conf"] = rng.choice([1, deck.get("conf", 1)])
            deck["newLimit"] = rng.choice([None, 0, 7])
            deck["reviewLimit"] = rng.choice([None, 99])
            deck["newLimitToday"] = rng.choice([None, {"limit": 3, "today": day}])
            deck["md"] = rng.choice([True, False])

    edit(conn, "decks", change)


def limits_for_today(conn: sqlite3.Connection, rng: random.Random) -> None:
    """Limits on any day from now on; only the judge's clock tells which one is today."""

    def change(decks: dict[str, Any]) -> None:
        for deck in decks.values():
            deck["reviewLimitToday"] = {"limit": 5, "today": rng.randint(300, 330)}

    edit(conn, "decks", change)


def own_options(conn: sqlite3.Connection, rng: random.Random) -> None:
    options_id = rng.choice([77, 88])

    def change(dconf: dict[str, Any]) -> None:
        made = json.loads(json.dumps(dconf["1"])) | {"id": options_id, "name": f"O{options_id}"}
        made["new"]["perDay"] = rng.choice([3, 99_999])
        made["new"]["initialFactor"] = rng.choice([1300, 1310, 2300])
        made["rev"]["ivlFct"] = rng.choice([0.1, 1.5])
        made["lapse"]["delays"] = rng.choice([[], [1.5, 20]])
        dconf[str(options_id)] = made

    edit(conn, "dconf", change)
    edit(conn, "decks", lambda decks: rng.choice(list(decks.values())).update(conf=options_id))


def lent_cards(conn: sqlite3.Connection, rng: random.Random) -> None:
    _lend(conn, rng, home_known=True)


def lent_cards_without_home(conn: sqlite3.Connection, rng: random.Random) -> None:
    _lend(conn, rng, home_known=False)


def _lend(conn: sqlite3.Connection, rng: random.Random, *, home_known: bool) -> None:
    deck_id = rng.choice([1_700_000_000_111, 1_700_000_000_222])
    names = ["Cram", "Cram::Sub", "New", f"Cram {deck_id}"]

    def change(decks: dict[str, Any]) -> None:
        normal = decks["1"]
        filtered = {key: normal[key] for key in normal if key.endswith("Today") and normal[key]}
        decks[str(deck_id)] = filtered | {
            "id": deck_id,
            "name": rng.choice([name for name in names if name.casefold() not in _names(decks)]),
            "mod": 1_771_000_000,
            "usn": 0,
            "collapsed": False,
            "browserCollapsed": False,
            "desc": "",
            "dyn": 1,
            "resched": rng.choice([True, False]),
            "terms": [["is:due", 100, 6]],
            "delays": rng.choice([None, [1.0]]),
            "separate": True,
            "previewDelay": 10,
        }

    edit(conn, "decks", change)
    for card_id in ids(conn, rng, "cards", 30):  # no learning cards: Anki does not lend those
        home = "did" if home_known else "4242"
        conn.execute(
            f"UPDATE cards SET odid = {home}, did = ?, odue = due, due = -100000 + id % 50,"
            " queue = CASE WHEN queue < 0 THEN queue ELSE ? END WHERE due < 100000 AND id = ?",
            (deck_id, rng.choice([0, 2]), card_id),
        )


def first_scheduler(conn: sqlite3.Connection, rng: random.Random) -> None:
    def change(conf: dict[str, Any]) -> None:
        for key in ("schedVer", "sched2021", "creationOffset"):
            conf.pop(key, None)

    edit(conn, "conf", change)
    for card_id in ids(conn, rng, "cards", 30):
        queue, due = rng.choice([(1, 1_771_000_000), (3, 50)])
        conn.execute(
            "UPDATE cards SET type = 2, queue = ?, due = ?, left = 1001 WHERE id = ?",
            (queue, due, card_id),
        )


CHANGES: list[Change] = [
    newer_notes,
    older_notes,
    other_text,
    other_tags,
    known_tags,
    other_guids,
    fewer_notes,
    fewer_cards,
    fewer_reviews,
    other_card_ids,
    other_schedules,
    other_card_data,
    other_first_day,
    other_day_start,
    no_creation_offset,
    newer_notetypes,
    other_questions,
    renamed_notetypes,
    renamed_fields,
    more_fields,
    other_sort_field,
    other_notetype_ids,
    renamed_decks,
    other_deck_settings,
    limits_for_today,
    own_options,
    lent_cards,
    lent_cards_without_home,
    first_scheduler,
]
