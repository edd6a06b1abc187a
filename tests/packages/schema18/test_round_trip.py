"""Random collections in schema 18 and back: nothing changes, whatever the documents say."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.collection.col import Document
from chalicelib.collection.schema import create_tables
from chalicelib.packages.schema18 import tables
from chalicelib.packages.schema18.to_schema11 import read_document
from chalicelib.packages.schema18.to_schema18 import upgrade_to_schema18
from chalicelib.packages.schema18.unicase import unicase_key
from chalicelib.packages.sqlite_source import open_database, private_file
from tests.packages.schema18.files import scratch, upgraded
from tests.packages.schema18.shapes import TEXTS, UNKNOWN, values
from tests.packages.sources import LIMITS, collection_file, edit, opened
from tests.support.collections import make_deck, make_note

Documents = dict[str, dict[str, Any]]

IDS = st.integers(1, 2**53)
NAMES = TEXTS.map(lambda name: name.replace("\x1f", ""))


def described(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"name": st.just(name), "mod": st.integers(0, 2**40), "usn": st.integers(-1, 2**31 - 1)}
    )


@st.composite
def objects(
    draw: st.DrawFn, object_of: st.SearchStrategy[dict[str, Any]], *, separator: str = ""
) -> dict[str, Any]:
    """Objects by id, with names of their own."""
    document = {}
    for number, object_id in enumerate(draw(st.lists(IDS, unique=True, max_size=3))):
        levels = draw(st.lists(NAMES, min_size=1, max_size=3 if separator else 1))
        name = separator.join([*levels, str(number)])
        document[str(object_id)] = {
            **draw(UNKNOWN),
            **draw(object_of),
            **draw(described(name)),
            "id": object_id,
        }
    return document


@st.composite
def notetypes(draw: st.DrawFn) -> dict[str, Any]:
    notetype: dict[str, Any] = draw(values(tables.NOTETYPE))
    for key, shape in (("flds", tables.NOTETYPE_FIELD), ("tmpls", tables.TEMPLATE)):
        parts = draw(st.lists(values(shape), max_size=3))
        notetype[key] = [
            {**draw(UNKNOWN), **part, "name": f"{draw(NAMES)}{ordinal}", "ord": ordinal}
            for ordinal, part in enumerate(parts)
        ]
    return notetype


@st.composite
def decks(draw: st.DrawFn) -> dict[str, Any]:
    common = draw(values(tables.DECK_COMMON))
    day = common.pop("day")
    for key in tables.TODAY:
        common[key][0] = day
    kind = draw(st.sampled_from([tables.NORMAL_DECK, tables.FILTERED_DECK]))
    return {**common, **draw(values(kind))}


@st.composite
def options(draw: st.DrawFn) -> dict[str, Any]:
    group = draw(values(tables.OPTIONS))
    for block in ("new", "rev", "lapse"):
        group[block] = {**draw(UNKNOWN), **group[block]}
    return {**group}


DOCUMENTS = st.fixed_dictionaries(
    {
        "conf": UNKNOWN,
        "models": objects(notetypes()),
        "decks": objects(decks(), separator="::"),
        "dconf": objects(options()),
        "tags": st.dictionaries(TEXTS, st.integers(-1, 2**31 - 1), max_size=4),
    }
)


def collection_of(documents: Documents, graves: list[tuple[int, int, int]]) -> bytes:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        create_tables(conn)
        texts = {name: json.dumps(document) for name, document in documents.items()}
        conn.execute(
            "INSERT INTO col"
            " (id, crt, mod, scm, ver, dty, usn, ls, conf, models, decks, dconf, tags)"
            " VALUES (1, 0, 0, 0, 11, 0, 0, 0, :conf, :models, :decks, :dconf, :tags)",
            texts,
        )
        conn.executemany("INSERT INTO graves (oid, type, usn) VALUES (?, ?, ?)", graves)
        return conn.serialize()


@settings(max_examples=40, deadline=None)
@given(documents=DOCUMENTS)
def test_documents_come_back_as_they_were(documents: Documents) -> None:
    tags = documents["tags"]
    documents["tags"] = {tag: tags[tag] for tag in {unicase_key(tag): tag for tag in tags}.values()}
    with scratch() as work_dir, private_file(Path(work_dir)) as file:
        file.write(upgraded(collection_of(documents, [])))
        with open_database(file, LIMITS) as database:
            read = {name: read_document(database, LIMITS, name) for name in get_args(Document)}
    assert read == documents


def test_rows_come_back_as_they_were() -> None:
    def fill(conn: sqlite3.Connection) -> None:
        for number in range(20):
            make_note(conn, [f"front {number}", "back"], tags=["a", "b::c"])
        conn.execute("UPDATE cards SET odid = 1, odue = 5 WHERE id % 3 = 0")
        conn.execute("INSERT INTO graves VALUES (-1, 5, 1), (3, 5, 1), (7, 6, 2)")

    collection = collection_file(fill)
    queries = [f"SELECT * FROM {table} ORDER BY id" for table in ("notes", "cards", "revlog")]
    found = []
    for data in (collection, upgraded(collection)):
        with closing(sqlite3.connect(":memory:")) as conn:
            conn.deserialize(data)
            found.append([conn.execute(query).fetchall() for query in queries])
            found[-1].append(conn.execute("SELECT crt, mod, scm, usn, ls FROM col").fetchall())
    assert found[0] == found[1]
    with opened(upgraded(collection)) as source:
        assert sorted(source.graves()) == [(5, 1), (6, 2)]


def test_names_that_differ_in_case_only_are_told_apart() -> None:
    """Schema 18 has unique indices where old programs have written what they liked."""

    def twins(conn: sqlite3.Connection) -> None:
        for name in ("Deck", "Other"):
            make_deck(conn, name)
        edit(conn, "decks", rename)
        edit(conn, "models", rename)
        edit(conn, "models", rename_parts)
        edit(conn, "tags", lambda document: document.update({"tag": 1, "TAG": 2, "ΣΤ": 3, "στ": 4}))

    def rename(document: dict[str, Any]) -> None:
        for named in document.values():
            named["name"] = "\u017fame" if named["id"] % 2 else "SAME"

    def rename_parts(document: dict[str, Any]) -> None:
        for notetype in document.values():
            for part in (*notetype["flds"], *notetype["tmpls"]):
                part["name"] = "Part"

    with opened(upgraded(collection_file(twins))) as source:
        documents = {str(name): source.document(name) for name in get_args(Document)}
    assert len({deck["name"].casefold() for deck in documents["decks"].values()}) == 3
    assert len({each["name"].casefold() for each in documents["models"].values()}) == 5
    for notetype in documents["models"].values():
        names = [field["name"] for field in notetype["flds"]]
        assert names == ["Part" + "+" * ordinal for ordinal in range(len(names))]
    assert documents["tags"] == {"tag": 1, "ΣΤ": 3}


ODD: list[Any] = [None, "x", -5, [], {}, 1.5, True, 10**30, 1e300, "\ud800", [[]], {"a": 10**30}]


@pytest.mark.parametrize("odd", ODD, ids=map(repr, ODD))
def test_odd_values_never_stop_an_export(odd: Any) -> None:
    """The collection may come from a program that writes what it likes into documents."""

    def spoil(document: dict[str, Any]) -> None:
        for position, value in enumerate(list(document.values())):
            spoil_one(value, position)
        document["77"] = odd

    def spoil_one(value: dict[str, Any], position: int) -> None:
        for number, key in enumerate(sorted(value)):
            if isinstance(value[key], dict) and number % 2 == position % 2:
                spoil_one(value[key], position)
            elif isinstance(value[key], list) and value[key] and isinstance(value[key][0], dict):
                value[key].append(odd)
            else:
                value[key] = odd
        value["unknown"] = odd

    for document in ("models", "decks", "dconf"):
        data = collection_file(lambda conn: edit(conn, document, spoil))  # noqa: B023
        with closing(sqlite3.connect(":memory:")) as conn:
            conn.deserialize(data)
            edit(conn, "conf", lambda conf: conf.update(odd=odd))
            edit(conn, "tags", lambda tags: tags.update({"odd": odd, str(odd): 1}))
            conn.commit()
            upgrade_to_schema18(conn)
            assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
