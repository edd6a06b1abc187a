"""Random changes of notetypes, and what is compared with Anki after each."""

import random
import sqlite3
from collections.abc import Sequence
from typing import Any

from chalicelib.collection.col import JsonObject, read_document, write_document
from chalicelib.collection.notetypes.changes import NotetypeState, change_notetype
from chalicelib.collection.notetypes.lifecycle import add_notetype, remove_notetype
from chalicelib.collection.notetypes.lookup import all_notetypes, is_cloze, notetype_by_name
from chalicelib.collection.notetypes.parts import Part
from chalicelib.collection.notetypes.stock import stock_notetype
from chalicelib.collection.schema import column_names
from tests.support.collections import DAY_MS, NOW_MS, make_deck, make_note, set_columns

OLD_S = NOW_MS // 1000
CHANGED_MS = NOW_MS + DAY_MS
STOCK = ("basic", "basic_reversed", "basic_optional_reversed", "basic_typing", "cloze")
NOTETYPES = (
    "Basic",
    "Basic (and reversed card)",
    "Basic (optional reversed card)",
    "Basic (type in the answer)",
    "Cloze",
)
VALUES = (
    "",
    " <br> ",
    "7",
    "3.50",
    "falar",
    "<b>ouvir</b> &amp; <img src='a.jpg'>",
    "ação",
    "{{c1::um}} {{c3::três::dica}}",
    "a\tb",
)
CARD = column_names("cards")[1:4] + column_names("cards")[6:]
FIELD_NAMES = ("Front", "Back", "Word", "ação", "My Field", "日本", "x", "Hint")
SPELLINGS = ("{}", " {} ", "{}:", '"{}', "#{}", "{{{}}}", "^ /{}")
TEMPLATE_NAMES = ("Card 1", "Card 2", "Forwards", "Recall?", 'in "quotes"', " padded ")
STRANGE = ("Nobody", "", "c1", "c+07", "c4294967295", "c4294967296", "c٣", "FrontSide", "text:")
STATES: tuple[dict[str, Any], ...] = (
    {},
    {"queue": -1},
    {"type": 2, "queue": 2, "due": 12, "ivl": 30, "factor": 2300, "reps": 5},
    {"type": 1, "queue": 1, "due": OLD_S + 60, "left": 1},
)


def begun(conn: sqlite3.Connection, rng: random.Random) -> None:
    """Notes of every stock notetype in two decks, their cards in all states."""
    decks = [1, make_deck(conn, "Other")]
    _name_parts_by_id(conn, rng)
    for n in range(10):
        name = rng.choice(NOTETYPES)
        fields = [rng.choice(VALUES) for _ in range(3 if "optional" in name else 2)]
        fields[0] = fields[0] or f"front {n}"
        tags = rng.choice(((), ("tag",)))
        added = make_note(
            conn, fields, deck_id=rng.choice(decks), notetype=name, tags=tags, now_ms=NOW_MS + n
        )
        for card_id in added.card_ids:
            state = rng.choice(STATES)
            set_columns(conn, card_id, **state, did=rng.choice((decks[0], decks[1], decks[1])))


def _name_parts_by_id(conn: sqlite3.Connection, rng: random.Random) -> None:
    models = read_document(conn, "models")
    for notetype in models.values():
        for part in (*notetype["flds"], *notetype["tmpls"]):
            part["id"] = rng.randrange(1, 1000)
    write_document(conn, "models", models)


def random_step(conn: sqlite3.Connection, rng: random.Random) -> dict[str, Any]:
    """A change that makes sense for the collection as it is now, or almost."""
    notetypes = all_notetypes(conn)
    chosen = rng.choice(notetypes)
    kind = rng.random()
    if kind < 0.06 and len(notetypes) > 1:
        return {"do": "remove", "notetype": chosen["name"]}
    if kind < 0.15:
        name = f"Added {rng.getrandbits(30)}"
        if rng.random() < 0.5:
            return {"do": "add", "name": name, "copy_of": chosen["name"]}
        return {"do": "add", "name": name, "stock": rng.randrange(len(STOCK))}
    return {"do": "update", "notetype": chosen["name"], "state": random_state(chosen, rng)}


def random_state(notetype: JsonObject, rng: random.Random) -> dict[str, Any]:
    state: dict[str, Any] = {}
    if rng.random() < 0.6:
        state["fields"] = _random_fields(notetype, rng)
    names = [str(part["name"]) for part in state.get("fields") or notetype["flds"]]
    if rng.random() < 0.6:
        state["templates"] = _random_templates(notetype, rng, names)
    if rng.random() < 0.2:
        state["css"] = rng.choice(("", ".card { color: red }", notetype["css"]))
    if rng.random() < 0.1:
        state["name"] = f'New "name" {rng.getrandbits(30)}'
    present = [_clean(part["name"]) for part in state.get("fields", ()) if part["was"]] or [
        field["name"] for field in notetype["flds"] if "fields" not in state
    ]
    if present and rng.random() < 0.3:
        state["sort_field"] = rng.choice(present)
        for part in state.get("fields", ()):  # Anki's update takes the name as it will be
            part["name"] = _clean(part["name"])
    return state


def _clean(name: str) -> str:
    return name.strip(' :"{}#^/').strip()


def _random_fields(notetype: JsonObject, rng: random.Random) -> list[dict[str, Any]]:
    parts = [{"name": one["name"], "was": one["name"], "members": {}} for one in notetype["flds"]]
    kept = [
        part
        for part, field in zip(parts, notetype["flds"], strict=True)
        if field.get("preventDeletion") or rng.random() < 0.85
    ]
    if rng.random() < 0.5:
        rng.shuffle(kept)
    for part in kept:
        if rng.random() < 0.3:
            part["members"] = rng.choice(
                ({"font": "Mono", "size": 9}, {"rtl": True, "sticky": True})
            )
    for _ in range(rng.choice((0, 0, 1, 2))):
        kept.insert(rng.randint(0, len(kept)), {"name": "", "was": None, "members": {}})
    free = [name for name in FIELD_NAMES if name not in {part["name"] for part in kept}]
    rng.shuffle(free)
    for part in kept:
        if free and (not part["name"] or rng.random() < 0.25):
            part["name"] = (
                rng.choice(SPELLINGS).format(free.pop()) if rng.random() < 0.3 else free.pop()
            )
    if len(kept) > 1 and rng.random() < 0.1:  # two fields change their names
        kept[0]["name"], kept[1]["name"] = kept[1]["name"], kept[0]["name"]
    return kept


def _random_templates(
    notetype: JsonObject, rng: random.Random, names: Sequence[str]
) -> list[dict[str, Any]]:
    parts = [{"name": one["name"], "was": one["name"], "members": {}} for one in notetype["tmpls"]]
    if not is_cloze(notetype):
        parts = [part for part in parts if rng.random() < 0.85]
        if rng.random() < 0.5:
            rng.shuffle(parts)
        for _ in range(rng.choice((0, 0, 1, 2))):
            parts.insert(rng.randint(0, len(parts)), {"name": "", "was": None, "members": {}})
    old_names = [field["name"] for field in notetype["flds"]]
    taken = {part["name"] for part in parts}
    free = [name for name in TEMPLATE_NAMES if name.replace('"', "") not in taken]
    rng.shuffle(free)
    for part in parts:
        if not part["name"] or rng.random() < 0.2:
            part["name"] = free.pop() if free else f"Card {rng.getrandbits(30)}"
        if part["was"] is None or rng.random() < 0.4:
            known = rng.choice((old_names, list(names)))
            part["members"] = _random_sides(rng, known, cloze=is_cloze(notetype))
    return parts


def _random_sides(rng: random.Random, names: Sequence[str], *, cloze: bool) -> dict[str, Any]:
    sides: dict[str, Any]
    sides = {"qfmt": _random_template(rng, names), "afmt": _random_template(rng, names)}
    if cloze and rng.random() < 0.9:
        sides = {key: f"{side}{{{{cloze:{rng.choice(names)}}}}}" for key, side in sides.items()}
    sides = {
        key: _in_old_syntax(side) if rng.random() < 0.05 else side for key, side in sides.items()
    }
    if rng.random() < 0.2:
        sides["bqfmt"] = rng.choice(("", _random_template(rng, names)))
    if rng.random() < 0.2:
        sides["did"] = rng.choice((1, NOW_MS))  # the ids of the decks
    return sides


def _random_template(rng: random.Random, names: Sequence[str], depth: int = 0) -> str:
    pieces = []
    for _ in range(rng.randint(1, 3)):
        name = rng.choice((*names, "Tags", "Deck")) if rng.random() < 0.97 else rng.choice(STRANGE)
        inside = _random_template(rng, names, depth + 1) if depth < 2 else "x"
        pieces.append(
            rng.choice(
                (
                    "text <b>",
                    f"{{{{{name}}}}}",
                    f"{{{{ {name} }}}}",
                    f"{{{{type:nc:{name}}}}}",
                    f"{{{{#{name}}}}}{inside}{{{{/{name}}}}}",
                    f"{{{{^ {name}}}}}{inside}{{{{/ {name}}}}}",
                    f"{{{{#c1}}}}{inside}{{{{/c1}}}}",
                    f"<!-- {{{{{name}}}}} -->",
                )
            )
        )
    text = "".join(pieces)
    return text + ("{{#x}}" if depth == 0 and rng.random() < 0.02 else "")


def _in_old_syntax(template: str) -> str:
    return "{{=<% %>=}}" + template.replace("{{", "<%").replace("}}", "%>")


def do(conn: sqlite3.Connection, step: dict[str, Any], now_ms: int = CHANGED_MS) -> None:
    """The step here. Raises what the change raises."""
    if step["do"] == "remove":
        remove_notetype(conn, notetype_by_name(conn, step["notetype"])["id"], now_ms)
    elif step["do"] == "add":
        like = step.get("copy_of")
        base = notetype_by_name(conn, like) if like else stock_notetype(STOCK[step["stock"]])
        add_notetype(conn, step["name"], base, now_ms)
    else:
        state = dict(step["state"])
        for key in ("fields", "templates"):
            if key in state:
                state[key] = [
                    Part(one["name"], one["was"], one["was"] is None, one["members"])
                    for one in state[key]
                ]
        notetype_id = notetype_by_name(conn, step["notetype"])["id"]
        change_notetype(conn, notetype_id, NotetypeState(**state), now_ms)


def snapshot(conn: sqlite3.Connection) -> dict[str, Any]:
    """What the oracle tells of the same collection."""
    notes = conn.execute(
        "SELECT id, mid, flds, sfld, csum, tags, mod FROM notes ORDER BY id"
    ).fetchall()
    cards = conn.execute(f"SELECT {', '.join(CARD)}, mod FROM cards ORDER BY nid, ord").fetchall()
    graves = conn.execute("SELECT oid, type FROM graves ORDER BY type, oid").fetchall()
    models, conf = read_document(conn, "models"), read_document(conn, "conf")
    return {
        "models": {one["name"]: one for one in models.values()},
        "notes": [[*row[:-1], row[-1] != OLD_S] for row in notes],
        "cards": [[*row[:-1], row[-1] != OLD_S] for row in cards],
        "graves": [list(row) for row in graves],
        "nextPos": conf["nextPos"],
        "curModel": models[str(conf["curModel"])]["name"],
    }
