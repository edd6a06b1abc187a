"""Schema 18 compared with real Anki, in both directions, blob by blob and row by row."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.collection.documents import new_options
from chalicelib.packages.schema18 import tables, wire
from chalicelib.packages.schema18.message import Field, Message
from chalicelib.packages.schema18.unicase import unicase_key
from tests.packages.judge import DATA
from tests.packages.schema18.files import (
    BLOBS,
    LATEST,
    STUDIED,
    STUDIED_11,
    anki,
    collection_in,
    contents,
    database,
    latest_package,
    upgraded,
)
from tests.packages.sources import edit, opened


def blobs(collection: bytes) -> dict[str, list[tuple[bytes, ...]]]:
    with database(collection) as conn:
        return {
            table: conn.execute(f"SELECT {columns} FROM {table}").fetchall()
            for table, (columns, _, _) in BLOBS.items()
        }


def rewritten(table: str, row: tuple[bytes, ...]) -> tuple[bytes, ...]:
    _, read, write = BLOBS[table]
    written = write(read(*row))
    return written if isinstance(written, tuple) else (written,)


def test_every_blob_of_real_packages_is_written_back_byte_for_byte() -> None:
    count = 0
    for package in (LATEST, STUDIED):
        for table, rows in blobs(collection_in(package)).items():
            for row in rows:
                assert rewritten(table, row) == row
                count += len(row)
    assert count > 100


def test_every_blob_of_a_rich_collection_is_written_back(rich: Path) -> None:
    """Byte for byte but for the order of unknown keys, which Anki draws by lot."""
    for table, rows in blobs(collection_in(rich / "latest.colpkg")).items():
        assert rows
        for row in rows:
            assert readable(rewritten(table, row)) == readable(row)
            assert sum(map(len, rewritten(table, row))) == sum(map(len, row))


@pytest.mark.parametrize(
    ("latest", "legacy"),
    [
        (LATEST, DATA / "jlpt-n5-legacy.apkg"),
        (STUDIED, STUDIED_11),
        ("latest.apkg", "legacy.apkg"),
        ("latest.colpkg", "legacy.colpkg"),
    ],
    ids=["real deck", "real collection", "rich deck", "rich collection"],
)
def test_both_formats_of_one_collection_say_the_same(
    rich: Path, latest: str | Path, legacy: str | Path
) -> None:
    with (
        opened((rich / latest).read_bytes()) as new,
        opened((rich / legacy).read_bytes()) as old,
    ):
        ours, theirs = contents(new), contents(old)
    assert ours["notes"]
    assert ours["media"]
    for each in (ours, theirs):
        each.pop("col")
        each.pop("media")
        each["conf"].pop("curModel", None)  # an .apkg is made from a new collection each time
    assert ours == theirs


def test_the_rich_collection_has_nothing_at_its_default(rich: Path) -> None:
    found = {id(shape): set[int]() for shape in SHAPES.values()}

    def collect(shape: Message, data: bytes) -> None:
        inner = {shape_field.number: shape_field for shape_field in shape.fields}
        for number, _, value in wire.read_fields(data):
            found[id(shape)].add(number)
            nested = NESTED.get((id(shape), number))
            if nested is not None:
                assert isinstance(value, bytes)
                collect(nested, value)
            assert number in inner

    with database(collection_in(rich / "latest.colpkg")) as conn:
        for table, column in CONFIGS:
            for (data,) in conn.execute(f"SELECT {column} FROM {table}"):
                collect(SHAPES[f"{table}.{column}"], data)
        for (kind,) in conn.execute("SELECT kind FROM decks"):
            ((number, _, data),) = wire.read_fields(kind)
            assert isinstance(data, bytes)
            collect(tables.DECK_KINDS[number], data)
    for name, shape in SHAPES.items():
        numbers = {shape_field.number for shape_field in shape.fields}
        assert found[id(shape)] == numbers, name


CONFIGS = [
    ("notetypes", "config"),
    ("fields", "config"),
    ("templates", "config"),
    ("deck_config", "config"),
    ("decks", "common"),
]
SHAPES: dict[str, Message] = {
    "notetypes.config": tables.NOTETYPE,
    "fields.config": tables.NOTETYPE_FIELD,
    "templates.config": tables.TEMPLATE,
    "deck_config.config": tables.OPTIONS,
    "decks.common": tables.DECK_COMMON,
    "normal": tables.NORMAL_DECK,
    "filtered": tables.FILTERED_DECK,
    "requirement": tables.REQUIREMENT,
    "day limit": tables.DAY_LIMIT,
    "search term": tables.SEARCH_TERM,
}
NESTED = {
    (id(tables.NOTETYPE), 8): tables.REQUIREMENT,
    (id(tables.NORMAL_DECK), 8): tables.DAY_LIMIT,
    (id(tables.NORMAL_DECK), 9): tables.DAY_LIMIT,
    (id(tables.FILTERED_DECK), 2): tables.SEARCH_TERM,
}


def all_tables(collection: bytes) -> dict[str, list[tuple[Any, ...]]]:
    with database(collection) as conn:
        names = [
            name
            for (name,) in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            if not name.startswith("sqlite_")
        ]
        return {
            name: sorted(map(readable, conn.execute(f"SELECT * FROM {name}")), key=repr)
            for name in names
        }


def readable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Unknown keys stand in no order, so the JSON of a blob is compared without one."""
    return tuple(parsed(cell) if isinstance(cell, bytes) else cell for cell in row)


def parsed(blob: bytes) -> Any:
    try:
        fields = list(wire.read_fields(blob))
    except wire.WireError:
        return blob
    return [
        (number, json.loads(value) if number == 255 and isinstance(value, bytes) else value)
        for number, _, value in fields
    ]


def definitions(collection: bytes) -> set[tuple[str, str]]:
    with database(collection) as conn:
        rows = conn.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        return {(name, without_layout(sql)) for name, sql in rows if "sqlite_" not in name}


def without_layout(sql: str) -> str:
    lines = [line.split("--")[0] for line in sql.lower().splitlines()]
    return "".join("".join(lines).split())


def theirs_upgraded(collection: bytes, work_dir: Path) -> bytes:
    file = work_dir / "theirs.anki2"
    file.write_bytes(collection)
    anki("upgrade", file)
    return file.read_bytes()


def incomplete(collection: bytes) -> bytes:
    """The collection with further decks and options that lack what older programs leave out."""

    def add_options(document: dict[str, Any]) -> None:
        document["77"] = new_options(options_id=77, name="ours", now_s=5, usn=3)
        bare = new_options(options_id=78, name="bare", now_s=0, usn=0)
        for block, key in (("new", "bury"), ("rev", "bury"), ("rev", "hardFactor")):
            del bare[block][key]
        del bare["replayq"]
        document["78"] = bare

    def add_decks(document: dict[str, Any]) -> None:
        deck = next(each for each in document.values() if not each["dyn"])
        for number, today in enumerate(TODAYS):
            key = str(100 + number)
            document[key] = {**deck, **today, "id": int(key), "name": f"Deck {number}"}
        bare = {**deck, "id": 99, "name": "Bare", "extendNew": -3}
        for key in ("desc", "browserCollapsed", "reviewLimit", "newLimitToday", "mod"):
            del bare[key]
        document["99"] = bare

    with database(collection) as conn:
        edit(conn, "dconf", add_options)
        edit(conn, "decks", add_decks)
        return conn.serialize()


TODAYS: list[dict[str, Any]] = [
    {"newToday": [5, 1], "revToday": [6, 2], "lrnToday": [7, 3], "timeToday": [4, 4]},
    {"newToday": [5, 1], "revToday": [5, 2], "lrnToday": [5, 3], "timeToday": [5, 4]},
    {"newToday": [-5, 1], "revToday": [-5, 2], "lrnToday": [5, 3], "timeToday": [-5, -4]},
    {"newToday": [1], "revToday": [], "lrnToday": [1, 2, 3], "timeToday": [9, -4]},
]


@pytest.mark.parametrize("name", ["studied", "rich"])
def test_a_collection_is_upgraded_as_anki_does_it(rich: Path, tmp_path: Path, name: str) -> None:
    package = STUDIED_11 if name == "studied" else rich / "legacy.colpkg"
    collection = incomplete(collection_in(package))
    ours, theirs = upgraded(collection), theirs_upgraded(collection, tmp_path)
    assert all_tables(ours) == all_tables(theirs)
    assert definitions(ours) == definitions(theirs)


@pytest.mark.parametrize("name", ["studied", "rich"])
def test_anki_takes_over_what_we_write_and_says_the_same_of_it(
    rich: Path, tmp_path: Path, name: str
) -> None:
    package = STUDIED_11 if name == "studied" else rich / "legacy.colpkg"
    ours, theirs = tmp_path / "ours.colpkg", tmp_path / "theirs.colpkg"
    media = {"bild ä.png": b"PNG", "b.mp3": b"MP3" * 1000}
    ours.write_bytes(latest_package(upgraded(collection_in(package)), media))
    assert anki("reexport", ours, theirs) == []
    with opened(package.read_bytes()) as before, opened(theirs.read_bytes()) as after:
        old, new = contents(before), contents(after)
    assert new.pop("media") == sorted(media)
    for each in (old, new):
        each.pop("col")
        each.pop("media", None)
        each["conf"].pop("localOffset", None)  # where the person is now
        each["conf"].pop("nextPos")  # set right by Check Database
    assert new["notes"]
    assert old == new


def test_names_are_in_ankis_order(tmp_path: Path) -> None:
    """Of each character that has a case the neighbours, and those that fold to several."""
    characters = [
        chr(code)
        for code in range(0x80, 0x1_1000)
        if chr(code).isprintable() and (chr(code).casefold() != chr(code) or code < 0x600)
    ]
    tags = {f"{character}{number % 3}": -1 for number, character in enumerate(characters)}
    assert len({unicase_key(tag) for tag in tags}) < len(tags)
    file = tmp_path / "tags.anki2"
    file.write_bytes(collection_in(STUDIED_11))
    with closing(sqlite3.connect(file)) as conn, conn:
        conn.execute("UPDATE col SET tags = ?", (json.dumps(tags),))
    ours, theirs = tmp_path / "ours.colpkg", tmp_path / "theirs.colpkg"
    ours.write_bytes(latest_package(upgraded(file.read_bytes())))
    assert anki("reexport", ours, theirs) == []


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_tables_name_each_number_once_and_in_order(shape: Message) -> None:
    numbers = [shape_field.number for shape_field in shape.fields]
    assert numbers == sorted(set(numbers))
    assert all(isinstance(shape_field, Field) for shape_field in shape.fields)
