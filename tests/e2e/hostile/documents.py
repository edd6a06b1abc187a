"""Sound databases whose JSON documents are not, or are far too large."""

import json
import random
import sqlite3
from collections.abc import Callable
from functools import cache
from typing import Any

from tests.e2e.hostile.kinds import MARK, Kind
from tests.e2e.hostile.material import spoiled, wrapped
from tests.packages.sources import edit, package
from tests.packages.test_documents import DOCUMENTS, EXTREMES, corrupt, fill

_NAMES = (*DOCUMENTS, "conf", "tags")
Document = dict[str, Any]


def _with_text(name: str, text: str) -> bytes:
    return spoiled(lambda conn: conn.execute(f"UPDATE col SET {name} = ?", (text,)))


def _edited(name: str, change: Callable[[Document], object]) -> bytes:
    return spoiled(lambda conn: edit(conn, name, lambda document: _ignored(change(document))))


def _ignored(_: object) -> None:
    """`edit` wants changes that return nothing."""


def _corrupted(rng: random.Random) -> bytes:
    def change(conn: sqlite3.Connection) -> None:
        for _ in range(rng.randint(1, 4)):
            edit(conn, rng.choice(DOCUMENTS), lambda document: corrupt(document, rng))

    return wrapped(spoiled(change), rng)


def _extreme(rng: random.Random) -> bytes:
    filling = rng.choice(EXTREMES)
    return wrapped(_edited(rng.choice(DOCUMENTS), lambda document: fill(document, filling)), rng)


def _no_json(rng: random.Random) -> bytes:
    text = rng.choice(
        [
            "",
            "null",
            "[]",
            "{",
            '{"1": NaN}',
            '{"1": Infinity}',
            '{"1": 1e999}',
            '{"1": "\\ud800"}',
            '{"1": ' + "[" * 100_000,
            '{"1": ' + "9" * 5_000 + "}",
            '{"1": 1e-999999}',
            '{"x": 123456789012345678901234567890}',
            '{"1": ' + "9" * 4_000_000 + "}",
            '{"a": 1, "a": 2}',
            '{"a\\u0000b": {}}',
            "\ufeff{}",
            '{"1": {}}',
            '{"": {}}',
            '{"-1": {}}',
            '{"1e3": {}}',
            '{"99999999999999999999": {}}',
            "{" + '"a":{' * 3000 + "}" * 3001,
        ]
    )
    return wrapped(_with_text(rng.choice(_NAMES), text), rng)


@cache
def _wide_text(form: str) -> str:
    """Eight megabytes that become many objects."""
    most = 8_000_000
    match form:
        case "lists":
            return '{"a":[' + "[]," * (most // 3 - 10) + "[]]}"
        case "objects":
            return '{"a":[' + '{"b":1},' * (most // 8 - 10) + "1]}"
        case "keys":
            return "{" + ",".join(f'"{n:x}":0' for n in range(most // 10)) + "}"
        case "texts":
            return '{"a":[' + ",".join(f'"{n:x}"' for n in range(most // 9)) + "]}"
        case _:
            return '{"a":[' + "1.5," * (most // 4 - 10) + "1]}"


@cache
def _wide(form: str, *names: str) -> bytes:
    def change(conn: sqlite3.Connection) -> None:
        for name in names:
            conn.execute(f"UPDATE col SET {name} = ?", (_wide_text(form),))

    return package(spoiled(change))


def _wide_documents(rng: random.Random) -> bytes:
    form = rng.choice(["lists", "objects", "keys", "texts", "numbers"])
    return _wide(
        form, *rng.choice([("conf",), ("tags",), ("conf", "tags"), ("dconf",), ("models",)])
    )


def _notetype_with(
    fields: int, templates: int, *, same_names: bool = False, question: str = "{{Front}}"
) -> Callable[[Document], None]:
    def change(models: Document) -> None:
        for notetype in models.values():
            field, template = notetype["flds"][0], notetype["tmpls"][0]
            name = "a" if same_names else None
            notetype["flds"] = [{**field, "name": name or f"F{n}", "ord": n} for n in range(fields)]
            notetype["flds"][0]["name"] = "Front"
            notetype["tmpls"] = [
                {**template, "name": name or f"T{n}", "ord": n, "qfmt": question}
                for n in range(templates)
            ]

    return change


@cache
def _parts(fields: int, templates: int) -> bytes:
    return package(_edited("models", _notetype_with(fields, templates)))


def _many_parts(rng: random.Random) -> bytes:
    return _parts(*rng.choice([(10_000, 1), (1, 10_000), (1_000, 1), (2, 900), (200, 200)]))


@cache
def _namesakes(notetypes: int, parts: int) -> bytes:
    """All of the same name, which each needs to be another one."""
    field = {"name": "a"}
    notetype = {
        "name": "n",
        "type": 0,
        "flds": [field] * parts,
        "tmpls": [{"name": "a", "qfmt": "{{a}}"}],
    }

    def change(models: Document) -> None:
        models.update({str(n): {**notetype, "id": n} for n in range(10, 10 + notetypes)})

    return package(_edited("models", change))


@cache
def _same_decks(count: int) -> bytes:
    def change(decks: Document) -> None:
        normal = decks["1"]
        for n in range(100, 100 + count):
            decks[str(n)] = {**normal, "id": n, "name": "same"}

    def use(conn: sqlite3.Connection) -> None:
        edit(conn, "decks", change)
        _put_cards_into_all_decks(conn, count)

    return package(spoiled(use))


def _put_cards_into_all_decks(conn: sqlite3.Connection, count: int) -> None:
    conn.execute(
        f"WITH RECURSIVE n(x) AS (SELECT 100 UNION ALL SELECT x + 1 FROM n LIMIT {count})"
        " INSERT INTO cards SELECT x, (SELECT min(id) FROM notes), x, x % 2, 0, 0, 0, 0, x, 0, 0,"
        " 0, 0, 0, 0, 0, 0, '' FROM n"
    )


def _names_again(rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        return _same_decks(1_900)
    return _namesakes(*rng.choice([(1, 1_000), (29, 1_000), (300, 1_000), (900, 1)]))


@cache
def _deep(levels: int, decks: int) -> bytes:
    """Each deck far down in a tree of its own, whose parents are all missing."""

    def change(conn: sqlite3.Connection) -> None:
        def grow(found: Document) -> None:
            for n in range(100, 100 + decks):
                name = "::".join(f"{n}-{level}" for level in range(levels))
                found[str(n)] = {**found["1"], "id": n, "name": name}

        edit(conn, "decks", grow)
        _put_cards_into_all_decks(conn, decks)

    return package(spoiled(change))


def _deep_decks(rng: random.Random) -> bytes:
    return _deep(*rng.choice([(10_000, 1), (30, 1_900), (29, 60), (31, 1), (2, 1_500)]))


_DECK_NAMES = [
    "a::a",
    "::",
    "::::",
    "a::",
    "::a",
    "\x1f",
    "a\x1fb",
    '"',
    "",
    " ",
    "x" * 100_000,
    "A::b",
    "a::B",
    "\u202ex",
    f"../{MARK}",
    f"/tmp/{MARK}",
    "\u0130",
    "ß",
    "SS",
    "Default::Default",
    "default",
    "a\x00b",
    "é",
    "e\u0301",
    "a:::b",
    "<script>alert(1)</script>",
    "{{Front}}",
]


def _deck_names(rng: random.Random) -> bytes:
    """Decks that are their own parents, or whose parents are filtered, and names of any kind."""

    def change(decks: Document) -> None:
        template = decks[rng.choice(["1", "55"])]
        for n in range(100, 100 + rng.choice([1, 3, 8])):
            name = "::".join(rng.choices(_DECK_NAMES, k=rng.choice([1, 1, 2, 4])))
            decks[str(n)] = {**template, "id": n, "name": name}
        decks["1"]["name"] = rng.choice(["Cram::Cram", "Default", "Languages::Portuguese", ""])
        decks["55"]["name"] = rng.choice(["Languages", "Cram", "a"])

    def use(conn: sqlite3.Connection) -> None:
        edit(conn, "decks", change)
        conn.execute("UPDATE cards SET did = 100 + id % 3 WHERE ord = 0")

    return wrapped(spoiled(use), rng)


_TEMPLATE_PIECES = [
    "{{#Front}}",
    "{{^Front}}",
    "{{/Front}}",
    "{{Front}}",
    "{{",
    "}}",
    "<!--",
    "<%",
    "{{=<% %>=}}",
    "{{#",
    "{{cloze:Front}}",
    "{{type:Front}}",
    "{{FrontSide}}",
    "{{furigana:kanji:Front}}",
    "{{a}}",
    "{{" + "text:" * 50 + "Front}}",
    "{{#Front}}{{#Back}}",
    "{{tts en_US:Front}}",
    "{{hint:Front}}",
    "[[type:",
]


def _catastrophic_templates(rng: random.Random) -> bytes:
    """Templates that a careless reader takes quadratic time for, and notes that use them."""
    piece = "".join(rng.choices(_TEMPLATE_PIECES, k=rng.choice([1, 2, 3])))
    source = piece * (rng.choice([2_000, 60_000, 500_000]) // len(piece))

    def change(models: Document) -> None:
        for notetype in models.values():
            for template in notetype["tmpls"]:
                template[rng.choice(["qfmt", "afmt", "bqfmt"])] = source
            notetype[rng.choice(["css", "latexPre", "name"])] = source[:50_000]

    def spread(conn: sqlite3.Connection) -> None:
        edit(conn, "models", change)
        fields = rng.choice(["漢字[かんじ]", " a[b]", "{{c1::", "x", "<br>", "[", "a b"])
        conn.execute(
            "UPDATE notes SET flds = ? || x'1f' || id", (fields * (60_000 // len(fields.encode())),)
        )

    return package(spoiled(spread))


def _long_lists(rng: random.Random) -> bytes:
    """In places where a list has a handful of values."""
    numbers = [1] * rng.choice([1_001, 100_000, 1_000_000])

    def of_options(dconf: Document) -> None:
        dconf["1"]["new"]["delays"] = dconf["1"]["fsrsWeights"] = numbers

    def of_notetypes(models: Document) -> None:
        for notetype in models.values():
            notetype["req"] = [[0, "any", numbers]]

    def of_decks(decks: Document) -> None:
        decks["55"]["terms"] = [["is:due OR " * len(numbers[:9_000]), 99, 0]] * 3
        decks["55"]["delays"] = numbers

    name, change = rng.choice(
        [("dconf", of_options), ("models", of_notetypes), ("decks", of_decks)]
    )
    return package(_edited(name, change))


@cache
def _crowds(name: str, count: int) -> bytes:
    """Notetypes, decks, options or tags, more than anybody has."""

    def change(document: Document) -> None:
        some = next(iter(document.values()), 0)
        for n in range(100, 100 + count):
            document[str(n)] = {**some, "id": n, "name": f"N{n}"} if isinstance(some, dict) else 0

    return package(_edited(name, change))


def _many_objects(rng: random.Random) -> bytes:
    return _crowds(
        *rng.choice(
            [
                ("models", 3_000),
                ("decks", 3_000),
                ("dconf", 9_000),
                ("tags", 500_000),
                ("dconf", 1_900),
                ("conf", 400_000),
            ]
        )
    )


def _huge_names(rng: random.Random) -> bytes:
    name = rng.choice(
        [
            "x" + " " * 900_000 + "x",
            ": " * 900_000 + "x",
            "x" * 2_000_000,
            "\u0301" * 300_000,
            "::".join("x" * 29),
            "\u1e9b\u0323" * 99_999,
        ]
    )

    def rename(document: Document) -> None:
        for value in document.values():
            value["name"] = name
            for part in (*value.get("flds", ()), *value.get("tmpls", ())):
                part["name"] = name

    return package(_edited(rng.choice(DOCUMENTS), rename))


_MAKERS: dict[str, Callable[[random.Random], bytes]] = {
    "corrupted": _corrupted,
    "extreme values": _extreme,
    "no sensible JSON": _no_json,
    "many small values": _wide_documents,
    "fields and templates by the thousand": _many_parts,
    "the same name again and again": _names_again,
    "deep decks": _deep_decks,
    "odd names of decks": _deck_names,
    "catastrophic templates": _catastrophic_templates,
    "long lists": _long_lists,
    "objects by the thousand": _many_objects,
    "huge names": _huge_names,
}
KINDS = [Kind(f"documents, {name}", make) for name, make in _MAKERS.items()]


def legacy_media_list(names: list[str]) -> bytes:
    return json.dumps({str(n): name for n, name in enumerate(names)}).encode()
