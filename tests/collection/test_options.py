import sqlite3
from pathlib import Path
from typing import Any

import pytest

from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.deck_options.auto_advance import auto_advance
from chalicelib.collection.deck_options.groups import (
    OptionGroups,
    change_options,
    effective_options,
)
from chalicelib.collection.decks import Decks
from chalicelib.errors import BadInputError
from tests.support.anki import assert_clean
from tests.support.collections import NOW_MS, make_deck, save


def shown(conn: sqlite3.Connection, deck_id: int = 1) -> dict[str, Any]:
    return effective_options(OptionGroups(conn).of_deck(Decks(conn).get(deck_id)))


def store(conn: sqlite3.Connection, path: str, value: Any) -> None:
    groups = read_document(conn, "dconf")
    block, _, name = path.rpartition(".")
    (groups["1"][block] if block else groups["1"])[name] = value
    write_document(conn, "dconf", groups)


def test_a_change_is_seen_by_all_decks_of_the_group_and_is_clean_for_anki(
    conn: sqlite3.Connection, tmp_path: Path
) -> None:
    deck = make_deck(conn, "A")
    changed = change_options(
        conn, deck, {"new": {"perDay": 7, "delays": [5, 25.5]}, "rev": {"ivlFct": 0.9}}, NOW_MS
    )
    assert changed["new"]["perDay"] == 7
    assert shown(conn, 1) == shown(conn, deck) == changed
    assert changed["lapse"]["leechFails"] == 8
    assert_clean(save(conn, tmp_path / "options.anki2"))


def test_the_times_of_cards_that_go_on_by_themselves_are_told_to_those_who_study(
    conn: sqlite3.Connection, tmp_path: Path
) -> None:
    assert shown(conn)["secondsToShowAnswer"] == 0
    times = {"secondsToShowQuestion": 1.5, "answerAction": 2, "waitForAudio": False}
    assert times.items() <= change_options(conn, 1, times, NOW_MS).items()
    advance = auto_advance(OptionGroups(conn).by_id["1"])
    assert advance is not None
    assert (advance.question_ms, advance.answer_ms) == (1500, 0)
    assert (advance.answer_action, advance.waits_for_audio) == ("good", False)
    assert_clean(save(conn, tmp_path / "options.anki2"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"new": {"perDay": 10_000}}, "new.perDay"),
        ({"new": {"perDay": -1}}, "new.perDay"),
        ({"new": {"perDay": 1.5}}, "new.perDay"),
        ({"new": {"perDay": True}}, "new.perDay"),
        ({"new": {"initialFactor": 1300}}, "new.initialFactor"),
        ({"new": {"ints": [0, 4]}}, "new.ints"),
        ({"new": {"delays": [0]}}, "new.delays"),
        ({"new": {"delays": [1] * 51}}, "new.delays"),
        ({"new": {"delays": "1 10"}}, "new.delays"),
        ({"rev": {"ivlFct": float("nan")}}, "rev.ivlFct"),
        ({"rev": {"ease4": 0.9}}, "rev.ease4"),
        ({"lapse": {"leechAction": 2}}, "lapse.leechAction"),
        ({"maxTaken": 0}, "maxTaken"),
        ({"secondsToShowAnswer": -1}, "secondsToShowAnswer"),
        ({"secondsToShowAnswer": 86_401}, "secondsToShowAnswer"),
        ({"answerAction": 5}, "answerAction"),
        ({"waitForAudio": 1}, "waitForAudio"),
        ({"name": " "}, "name"),
        ({"new": 5}, "new"),
        ({"new.perDay": 5}, "new.perDay"),
        ({"new": {"ints": [1, 4, -5]}}, "new.ints"),
        ({"name": "a\x00b"}, "name"),
        ({"id": 2}, "id"),
        ({"usn": 3}, "usn"),
        ({"rev": {"unknown": 1}}, "rev.unknown"),
    ],
)
def test_out_of_range_is_refused_and_changes_nothing(
    conn: sqlite3.Connection, changes: dict[str, Any], field: str
) -> None:
    before = read_document(conn, "dconf")
    with pytest.raises(BadInputError) as caught:
        change_options(conn, 1, {"autoplay": False, **changes}, NOW_MS)
    assert set(caught.value.fields) == {field}
    assert read_document(conn, "dconf") == before


def test_all_bad_options_are_named_at_once(conn: sqlite3.Connection) -> None:
    with pytest.raises(BadInputError) as caught:
        change_options(conn, 1, {"timer": 9, "new": {"perDay": -1}, "rev": {"x": 1}}, NOW_MS)
    assert set(caught.value.fields) == {"timer", "new.perDay", "rev.x"}


@pytest.mark.parametrize(
    ("path", "stored", "default"),
    [
        ("new.perDay", 10_000, 20),
        ("rev.perDay", -3, 200),
        ("lapse.leechFails", 0, 8),
        ("rev.ivlFct", 2.1, 1.0),
        ("maxTaken", 0, 60),
    ],
)
def test_a_stored_value_out_of_range_means_the_default(
    conn: sqlite3.Connection, path: str, stored: Any, default: Any
) -> None:
    store(conn, path, stored)
    block, _, name = path.rpartition(".")
    options = shown(conn)
    assert (options[block] if block else options)[name] == default


def test_a_block_that_lacks_a_member_means_the_defaults_for_all_of_it(
    conn: sqlite3.Connection,
) -> None:
    store(conn, "new.perDay", 3)
    groups = read_document(conn, "dconf")
    del groups["1"]["new"]["ints"]
    write_document(conn, "dconf", groups)
    assert shown(conn)["new"]["perDay"] == 20
    # A change makes the block whole again, starting from what was in force.
    change_options(conn, 1, {"new": {"perDay": 4}}, NOW_MS)
    assert shown(conn)["new"]["ints"] == [1, 4, 0]
    assert shown(conn)["new"]["perDay"] == 4


def test_members_that_only_anki_knows_are_kept(conn: sqlite3.Connection) -> None:
    store(conn, "easyDaysPercentages", [1.0, 0.5])
    store(conn, "rev.fuzz", 0.05)
    change_options(conn, 1, {"timer": 1}, NOW_MS)
    group = read_document(conn, "dconf")["1"]
    assert (group["easyDaysPercentages"], group["rev"]["fuzz"]) == ([1.0, 0.5], 0.05)


def test_a_deck_whose_group_is_missing_uses_the_default_one(conn: sqlite3.Connection) -> None:
    decks = read_document(conn, "decks")
    decks["1"]["conf"] = 99
    write_document(conn, "decks", decks)
    assert shown(conn)["id"] == 1


def test_what_was_shown_can_be_sent_back_and_changes_nothing(conn: sqlite3.Connection) -> None:
    before = conn.execute("SELECT mod, dconf FROM col").fetchone()
    assert change_options(conn, 1, shown(conn), NOW_MS + 5000) == shown(conn)
    assert conn.execute("SELECT mod, dconf FROM col").fetchone() == before
