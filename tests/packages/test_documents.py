"""The JSON documents of a file from a stranger: whatever they hold, ours can be opened by Anki."""

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import JavumboError, TooLargeError, UnusableFileError
from chalicelib.packages.source_documents import deck_from, notetype_from, options_from
from tests.packages.judge import run_anki
from tests.packages.sources import collection_file, edit, everything, merge
from tests.support.collections import NOW_MS, make_deck, make_note, new_connection, save

JUNK: list[Any] = [
    None,
    True,
    -1,
    2**70,
    1e300,
    0.5,
    "",
    "text",
    "12",
    "x" * 300,
    [],
    [1, 2],
    {},
    {"a": [None]},
    "\x1f::\u202e\x00",
]
# The target's own notetypes have other ids than those of a source made at NOW_MS.
LATER_MS = NOW_MS + 3_600_000
DOCUMENTS = ("models", "decks", "dconf")


def rich_collection(conn: sqlite3.Connection) -> None:
    """All kinds of documents: standard and cloze notes, own options, a filtered deck."""
    deck_id = make_deck(conn, "Languages::Portuguese")
    make_note(conn, ["word", "palavra"], deck_id=deck_id, tags=["a::b"])
    make_note(conn, ["{{c1::one}} and {{c2::two}}", ""], notetype="Cloze", deck_id=deck_id)
    lent = make_note(conn, ["lent", "emprestado"], deck_id=deck_id)

    def change(decks: dict[str, Any]) -> None:
        cram = {"dyn": 1, "id": 55, "name": "Cram", "terms": [["is:due", 9, 0]], "resched": True}
        decks["55"] = decks["1"] | cram
        today = {"limit": 5, "today": 0}
        decks[str(deck_id)] |= {"conf": 77, "desc": "d", "newLimit": 3, "newLimitToday": today}

    edit(conn, "decks", change)
    edit(conn, "dconf", lambda dconf: dconf.update({"77": dconf["1"] | {"id": 77, "name": "Own"}}))
    conn.execute(
        "UPDATE cards SET did = 55, odid = ?, odue = due WHERE id = ?", (deck_id, lent.card_ids[0])
    )


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value inside of a JSON document."""
    if isinstance(value, dict):
        inside = [found for key, item in value.items() for found in paths(item, (*path, key))]
    elif isinstance(value, list):
        inside = [found for key, item in enumerate(value) for found in paths(item, (*path, key))]
    else:
        inside = []
    return [*inside, *([path] if path else [])]


def corrupt(document: dict[str, Any], rng: random.Random) -> None:
    *way, last = rng.choice(paths(document))
    place: Any = document
    for key in way:
        place = place[key]
    if rng.random() < 0.3 and isinstance(place, dict):
        del place[last]
    else:
        place[last] = rng.choice(JUNK)


# Without these, what is left cannot be told to be a notetype, a deck or options.
ESSENTIAL = {"id", "name", "type", "qfmt", "dyn", "terms", "conf"}
EXTREMES: list[Any] = [
    -(2**63),
    -(2**31) - 1,
    -1,
    0,
    0.5,
    255,
    256,
    65_535,
    65_536,
    2**31,
    2**32,
    2**63 - 1,
    2**64,
    1e38,
    True,
    None,
    "7",
    "text",
]


def filled(value: Any, filling: Any) -> Any:
    """The document with every single value in it replaced, but for the essential ones."""
    if isinstance(value, dict):
        return {
            key: item if key in ESSENTIAL else filled(item, filling) for key, item in value.items()
        }
    if isinstance(value, list):
        return [item if isinstance(item, str) else filled(item, filling) for item in value]
    return filling


def fill(document: dict[str, Any], filling: Any) -> None:
    document.update(filled(dict(document), filling))


def test_anki_opens_what_became_of_extreme_values(tmp_path: Path) -> None:
    paths_of_files = []
    for number, filling in enumerate(EXTREMES):

        def change(conn: sqlite3.Connection, filling: Any = filling) -> None:
            rich_collection(conn)
            for name in DOCUMENTS:
                edit(conn, name, lambda document: fill(document, filling))

        with closing(new_connection(now_ms=LATER_MS)) as target:
            merge(target, collection_file(change), now_ms=LATER_MS)
            (newest,) = target.execute("SELECT max(mid) FROM notes").fetchone()
            assert newest < LATER_MS
            assert '"77":' in target.execute("SELECT dconf FROM col").fetchone()[0]
            paths_of_files.append(save(target, tmp_path / f"{number}.anki2"))
    jobs = [{"collection": str(path), "packages": [], "check": True} for path in paths_of_files]
    for filling, result in zip(EXTREMES, run_anki(jobs), strict=True):
        assert (filling, result["error"], result["problems"]) == (filling, None, [])


def test_anki_opens_what_became_of_corrupted_documents(tmp_path: Path) -> None:
    survivors, refused = [], 0
    for seed in range(45):
        rng = random.Random(seed)

        def change(conn: sqlite3.Connection, rng: random.Random = rng) -> None:
            rich_collection(conn)
            for _ in range(rng.randint(1, 3)):
                edit(conn, rng.choice(DOCUMENTS), lambda document: corrupt(document, rng))

        with closing(new_connection(now_ms=LATER_MS)) as target:
            rich_collection(target)
            target.execute("UPDATE notes SET guid = guid || '!'")
            before = everything(target)
            try:
                merge(target, collection_file(change), now_ms=LATER_MS)
            except UnusableFileError:
                refused += 1
                assert everything(target) == before
            else:
                survivors.append(save(target, tmp_path / f"{seed}.anki2"))
    assert refused > 5
    assert len(survivors) > 20
    jobs = [{"collection": str(path), "packages": [], "check": True} for path in survivors]
    for path, result in zip(survivors, run_anki(jobs), strict=True):
        assert (path.name, result["error"], result["problems"]) == (path.name, None, [])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
)
KEYS = st.sampled_from(
    ["id", "name", "type", "mod", "flds", "tmpls", "qfmt", "dyn", "terms", "new", "ints", "delays"]
)


@pytest.mark.parametrize("convert", [notetype_from, deck_from, options_from])
@settings(max_examples=40)
@given(value=JSON | st.dictionaries(KEYS, JSON | st.lists(st.dictionaries(KEYS, JSON))))
def test_no_json_value_leads_to_another_error(convert: Any, value: Any) -> None:
    try:
        converted = convert(value)
    except (TypeError, ValueError):
        return
    assert isinstance(converted["id"], int)
    assert isinstance(converted["name"], str)
    json.dumps(converted, allow_nan=False)


@pytest.mark.parametrize("name", [*DOCUMENTS, "conf"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        '{"1": NaN}',
        '{"1": 1e999}',
        '{"1": "\\ud800"}',
        '{"1": ' + "[" * 100_000,
        '{"1": ' + "[" * 40 + "]" * 40 + "}",
        '{"1": ' + "9" * 5_000 + "}",
        b"\xff",
        17,
    ],
    ids=lambda text: str(text)[:20],
)
def test_what_is_no_sensible_json_is_refused(name: str, text: str | bytes | int) -> None:
    data = collection_file(lambda conn: conn.execute(f"UPDATE col SET {name} = ?", (text,)))
    with closing(new_connection()) as target, pytest.raises(UnusableFileError) as refusal:
        merge(target, data)
    assert refusal.value.message.count(".") == 1


def test_a_document_larger_than_the_limit_is_refused() -> None:
    data = collection_file(
        lambda conn: edit(conn, "models", lambda models: models.update(x="x" * 70_000))
    )
    with closing(new_connection()) as target, pytest.raises(TooLargeError):
        merge(target, data, document_bytes=60_000)


def test_no_document_of_the_target_is_touched_by_a_refused_file() -> None:
    def too_many_decks(conn: sqlite3.Connection) -> None:
        rich_collection(conn)
        make_note(conn, ["deep", ""], deck_id=make_deck(conn, "::".join("abcdefghij")))

    with closing(new_connection()) as target:
        rich_collection(target)
        before = everything(target)
        with pytest.raises(JavumboError):
            merge(target, collection_file(too_many_decks), decks=8)
        assert everything(target) == before
