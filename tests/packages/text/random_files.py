"""Random collections, and random text files that have to do with them.

What Anki does otherwise than we do, and on purpose, does not come up: see `merging.py`.
"""

import json
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from chalicelib.packages.text.options import TextOptions
from chalicelib.packages.text.vocabulary import DELIMITERS, Delimiter
from tests.packages.sources import edit
from tests.packages.text.judge import TextFile

_PIECES = [
    *"ab字é#;|:, \t\"'<>&",
    "e\u0301",
    "\n",
    "\r\n",
    "<br>",
    "<b>x</b>",
    "&nbsp;",
    '""',
    "{{c1::one}}",
    "{{c3::three::hint}}",
    "[sound:a.mp3]",
    "[[type:Front]]",
    '<img src="a b.png">',
    "\x07.",
    "\x00.",
    "\u3000",
    "\xa0",
    "\ufeff",
    "\\n",
    "= 1",
]
_TAGS = ["jlpt", "JLPT", "new", "NEW", "geo::c0", "GEO::New", "a::b", "ünï", '"q"', "x\u3000y"]
# Of those that are new, none is the parent of another one.
_DECKS = ["Japanese", "geo", "Geo::capitals", "GEO::New", "new::Below", "More::Of::It", "77"]
_NOTETYPES = ["Basic", "cloze", "JLPT", "Basic (and reversed card)", "no such one", ""]
_FIELD_NAMES = ["Front", "Back", "Expression", "Meaning", "Text", "Else"]


class Vocabulary:
    """What a collection has that files may name."""

    def __init__(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as conn:
            rows = conn.execute("SELECT guid, flds, tags, mid FROM notes ORDER BY id").fetchall()
            models = json.loads(conn.execute("SELECT models FROM col").fetchone()[0])
            decks = json.loads(conn.execute("SELECT decks FROM col").fetchone()[0])
        self.notes = [
            (guid, flds.split("\x1f"), tags.split(), models[str(mid)]["name"])
            for guid, flds, tags, mid in rows
        ]
        self.notetypes = {one["id"]: len(one["flds"]) for one in models.values()}
        self.names = {one["id"]: one["name"] for one in models.values()}
        self.decks = [deck["id"] for deck in decks.values()]


def random_collection(rng: random.Random, base: Path, path: Path) -> Path:
    """A collection whose notes have doubles, whose cards lie about, and which likes its own."""
    shutil.copy(base, path)
    with closing(sqlite3.connect(path)) as conn, conn:
        decks = list(json.loads(_document(conn, "decks")))
        for note_id, flds in conn.execute("SELECT id, flds FROM notes").fetchall():
            if rng.random() < 0.05:
                other = rng.choice(["", " <b></b>", "é", "e\u0301"])
                _double(conn, note_id, other + flds, rng)
            if rng.random() < 0.1:
                conn.execute(
                    "DELETE FROM cards WHERE nid = ? AND ord = ?", (note_id, rng.choice([0, 1]))
                )
            if rng.random() < 0.2:
                conn.execute(
                    "UPDATE cards SET did = ? WHERE nid = ? AND ord = ?",
                    (rng.choice(decks), note_id, rng.choice([0, 1])),
                )
        _change_preferences(conn, rng, [int(deck_id) for deck_id in decks])
    return path


def _document(conn: sqlite3.Connection, name: str) -> str:
    text: str = conn.execute(f"SELECT {name} FROM col").fetchone()[0]
    return text


def _double(conn: sqlite3.Connection, note_id: int, flds: str, rng: random.Random) -> None:
    """A note beside another one, at times without any cards."""
    new_id = note_id + 500_000
    conn.execute(
        "INSERT OR IGNORE INTO notes SELECT ?, guid || 'x', mid, mod, usn, tags, ?, sfld, csum,"
        " flags, data FROM notes WHERE id = ?",
        (new_id, flds, note_id),
    )
    if rng.random() < 0.7:
        conn.execute(
            "INSERT OR IGNORE INTO cards SELECT id + 500000, ?, did, ord, mod, usn, 0, 0, 7, 0, 0,"
            " 0, 0, 0, 0, 0, 0, '' FROM cards WHERE nid = ?",
            (new_id, note_id),
        )


def _change_preferences(conn: sqlite3.Connection, rng: random.Random, decks: list[int]) -> None:
    def change_conf(conf: dict[str, Any]) -> None:
        conf["addToCur"] = rng.random() < 0.5
        conf["curDeck"] = rng.choice(decks)
        conf["csvDuplicateResolution"] = rng.choice([0, 0, 0, 1, 2])
        conf["matchScope"] = rng.choice([0, 1])

    def change_notetypes(models: dict[str, Any]) -> None:
        for notetype in models.values():
            if rng.random() < 0.2:
                notetype["tmpls"][-1]["did"] = rng.choice(decks)
            if rng.random() < 0.2:
                notetype["sortf"] = 1

    edit(conn, "conf", change_conf)
    edit(conn, "models", change_notetypes)
    if rng.random() < 0.3:
        edit(conn, "dconf", lambda groups: groups["1"]["new"].update(order=0))


def random_file(rng: random.Random, vocabulary: Vocabulary) -> TextFile:
    """A file, and what the person changed after looking at the preview."""
    data = _File(rng, vocabulary).data()
    if rng.random() < 0.6:
        return TextFile(data)
    step: dict[str, Any] = {}
    options: dict[str, Any] = {}
    if rng.random() < 0.2 and b"olumn" not in data:
        delimiter: Delimiter = rng.choice(list(DELIMITERS))
        step["delimiter"] = options["delimiter"] = delimiter
    if rng.random() < 0.4:
        step["is_html"] = options["is_html"] = rng.random() < 0.5
    if rng.random() < 0.5:
        step["notetype"] = options["notetype_id"] = rng.choice(list(vocabulary.notetypes))
    if rng.random() < 0.5:
        step["deck"] = options["deck_id"] = rng.choice(vocabulary.decks)
    if rng.random() < 0.5:
        change: dict[str, Any] = {"global_tags": ["Given", "jlpt"], "updated_tags": ["Updated"]}
        options["tags"], options["updated_tags"] = ("Given", "jlpt"), ("Updated",)
        if rng.random() < 0.5:
            number = rng.randrange(3)
            change["dupe_resolution"] = number
            options["if_matches"] = ("update", "preserve", "duplicate")[number]
        if rng.random() < 0.5:
            number = rng.randrange(2)
            change["match_scope"] = number
            options["match_scope"] = ("notetype", "notetype_and_deck")[number]
        step["change"] = change
    return TextFile(data, TextOptions(**options), step)


class _File:
    def __init__(self, rng: random.Random, vocabulary: Vocabulary) -> None:
        self._rng = rng
        self._vocabulary = vocabulary
        self._delimiter: Delimiter = rng.choice(
            ["tab", "tab", "comma", "semicolon", "pipe", "colon", "space"]
        )
        self._width = rng.randint(1, 6)
        self._special: dict[str, int] = {}
        self._guids: set[str] = set()
        self._has_names = rng.random() < 0.25
        kind = rng.choice([None, "JLPT", "JLPT", "Cloze", "Basic (and reversed card)"])
        self._kind = kind
        self._notes = [note for note in vocabulary.notes if kind in (None, note[3])]
        for name, share in (("guid", 0.4), ("notetype", 0.2), ("deck", 0.4), ("tags", 0.4)):
            if rng.random() < share and len(self._special) + 1 < self._width:
                free = [n for n in range(1, self._width + 1) if n not in self._special.values()]
                self._special[name] = rng.choice(free)

    def data(self) -> bytes:
        rng = self._rng
        rows = [self._row() for _ in range(rng.randint(1, 12))]
        line_end = rng.choice(["\n", "\n", "\r\n", "\r"])
        lines = []
        for row in rows:
            if rng.random() < 0.1:
                lines.append(rng.choice(["", "#comment\n", "#tags:late\n"]))
            lines.append(DELIMITERS[self._delimiter].join(row))
        text = self._headers() + line_end.join(lines) + rng.choice(["", line_end])
        if any(line.startswith("#") for line in lines):
            text += "\n"
        return (rng.choice(["", "", "\ufeff"]) + text).encode()

    def _headers(self) -> str:
        rng = self._rng
        lines = [f"#{name} column:{column}" for name, column in self._special.items()]
        lines += [line for share, line in self._header_lines() if rng.random() < share]
        rng.shuffle(lines)
        if rng.random() < 0.1:
            lines.insert(0, "tags:old style")
        return "".join(line + rng.choice(["\n", "\r\n"]) for line in lines)

    def _header_lines(self) -> list[tuple[float, str]]:
        """Each with how likely it is; without a separator, no line may depend on it."""
        rng, name = self._rng, self._delimiter
        separator = rng.choice(
            [name, name.upper(), DELIMITERS[name], f" {name} ", f"{name};;", DELIMITERS[name] * 3]
        )
        has_separator = bool(self._special) or self._has_names or rng.random() < 0.7
        notetype = self._kind or rng.choice([*_NOTETYPES, *map(str, self._vocabulary.notetypes)])
        deck = rng.choice([*_DECKS, *map(str, self._vocabulary.decks)])
        if_matches = ["update current"] * 4 + ["keep current", "keep both", "Keep both", "other"]
        return [
            (has_separator, f"#separator:{separator}"),
            (self._has_names, f"#{rng.choice(['columns', 'Columns '])}:{self._column_names()}"),
            (0.4, f"#html:{rng.choice(['true', 'false', 'TRUE', ' false', 'yes', 'true,,'])}"),
            (0.3, f"#tags:{' '.join(rng.sample(_TAGS, 2))}"),
            (
                "notetype" not in self._special and (self._kind is not None or 0.3),
                f"#notetype:{notetype}",
            ),
            (0.3 * ("deck" not in self._special), f"#deck:{deck}"),
            (0.4, f"#if matches:{rng.choice(if_matches)}"),
            (0.3, f"#match scope:{rng.choice(['notetype', 'notetype + deck', 'deck'])}"),
            (0.2, rng.choice(["#", "#a comment", "#unknown:key"])),
        ]

    def _column_names(self) -> str:
        names = [self._rng.choice(_FIELD_NAMES) for _ in range(self._width)]
        return DELIMITERS[self._delimiter].join(names)

    def _row(self) -> list[str]:
        rng = self._rng
        guid, fields, tags, notetype = rng.choice(self._notes)
        known = rng.random() < 0.6
        if rng.random() < 0.5 or guid in self._guids:
            guid = rng.choice(["", f"new{rng.randrange(10**6)}"])
        self._guids.add(guid)
        special = {
            "guid": guid,
            "notetype": notetype if known and rng.random() < 0.8 else rng.choice(_NOTETYPES),
            "deck": rng.choice(_DECKS),
            "tags": " ".join(tags if rng.random() < 0.5 else rng.sample(_TAGS, rng.randint(0, 3))),
        }
        values = iter(fields if known else [])
        row = [""] * self._width
        by_column = {column: name for name, column in self._special.items()}
        for column in range(1, self._width + 1):
            name = by_column.get(column)
            value = special[name] if name else self._field(next(values, None))
            row[column - 1] = self._quoted(value, is_odd=name is None)
        return row

    def _field(self, known: str | None) -> str:
        rng = self._rng
        if known is not None and rng.random() < 0.8:
            return known
        if rng.random() < 0.1:
            return ""
        return "".join(rng.choice(_PIECES) for _ in range(rng.randint(1, 5)))

    def _quoted(self, value: str, *, is_odd: bool) -> str:
        """At times in ways that another program would call wrong, where all columns are fields."""
        rng, delimiter = self._rng, DELIMITERS[self._delimiter]
        needs = any(character in value for character in (delimiter, '"', "\n", "\r"))
        is_odd = is_odd and self._delimiter != "space"
        is_right = self._has_names or bool(self._special)
        if rng.random() < ((1 if is_right else 0.95) if needs else 0.1):
            return _marked(value) + (" x" if is_odd and rng.random() < 0.25 else "")
        return value


def _marked(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
