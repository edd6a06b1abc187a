"""What an import leaves behind, and what it never does."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import TooLargeError, UnusableFileError
from chalicelib.packages import ImportOptions
from chalicelib.packages.target import DAY_MS, FreeIds
from tests.packages.judge import DATA
from tests.packages.sources import (
    collection_file,
    edit,
    everything,
    import_file,
    merge,
    merge_source,
    opened,
    package,
)
from tests.support.anki import assert_clean
from tests.support.collections import NOW_MS, make_deck, make_note, new_connection, save

PACKAGES = sorted(DATA.glob("*.apkg"))
LATER_MS = NOW_MS + 3_600_000


@pytest.fixture
def target() -> Iterator[sqlite3.Connection]:
    with closing(new_connection()) as conn:
        yield conn


def rows(conn: sqlite3.Connection, sql: str) -> list[Any]:
    return conn.execute(sql).fetchall()


def document(conn: sqlite3.Connection, name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(conn.execute(f"SELECT {name} FROM col").fetchone()[0])
    return value


def words(*notes: tuple[str, str], deck: str = "Words") -> bytes:
    """A collection with basic notes of these guids and fronts."""

    def change(conn: sqlite3.Connection) -> None:
        deck_id = make_deck(conn, deck)
        for guid, front in notes:
            added = make_note(conn, [front, "meaning"], deck_id=deck_id, tags=["tag"])
            conn.execute("UPDATE notes SET guid = ? WHERE id = ?", (guid, added.note_id))

    return collection_file(change)


@pytest.mark.parametrize("file", PACKAGES, ids=lambda file: file.name)
def test_anki_finds_nothing_wrong_after_a_real_package(
    file: Path, fresh: Path, tmp_path: Path, now_ms: int
) -> None:
    """Not even an old card without the time of its last review."""
    path = Path(shutil.copy(fresh, tmp_path / "collection.anki2"))
    with closing(sqlite3.connect(path)) as conn, conn:
        # Buried cards stay so until the next day, and the first day has not been studied yet.
        edit(conn, "conf", lambda conf: conf.update(lastUnburied=0))
    report = import_file(path, file, now_ms=now_ms)
    assert report.notes_new
    assert_clean(path)


def test_an_old_card_gets_the_time_of_its_last_rated_review(target: sqlite3.Connection) -> None:
    merge(target, (DATA / "jlpt-n1-grammar.apkg").read_bytes())
    ((data, last_ms),) = rows(target, "SELECT data, (SELECT max(id) FROM revlog) FROM cards")
    assert json.loads(data) == {"lrt": last_ms // 1000}


# ease, factor and type of what can stand in the review log
REVIEWS = {
    "rated": (3, 2500, 1),
    "learned": (3, 0, 0),
    "forgotten": (0, 0, 4),
    "moved": (0, 2500, 4),
    "rescheduled": (0, 0, 5),
    "looked at": (3, 0, 3),
    "rated early": (3, 2500, 3),
}


def every_history(conn: sqlite3.Connection) -> None:
    """A card for each sequence of up to three different entries of the review log."""
    names = [sequence for count in (1, 2, 3) for sequence in permutations(REVIEWS, count)]
    for number, sequence in enumerate(names):
        card_id = make_note(conn, [str(number), ""]).card_ids[0]
        for place, name in enumerate(sequence):
            review_id = NOW_MS - DAY_MS + (number * 10 + place) * 1000
            conn.execute(
                "INSERT INTO revlog VALUES (?, ?, 0, ?, 5, 1, ?, 900, ?)",
                (review_id, card_id, *REVIEWS[name]),
            )
    conn.execute(
        "UPDATE cards SET type = 2, queue = 2, ivl = 5, factor = 2500, reps = 1, data = ?",
        ('{"lrt":1}',),
    )


def test_the_last_review_is_the_one_that_anki_takes_for_it(
    fresh: Path, tmp_path: Path, now_ms: int
) -> None:
    path = Path(shutil.copy(fresh, tmp_path / "collection.anki2"))
    file = tmp_path / "histories.anki2"
    file.write_bytes(collection_file(every_history))
    import_file(path, file, now_ms=now_ms)
    assert_clean(path)
    with closing(sqlite3.connect(path)) as conn:
        assert len(rows(conn, "SELECT DISTINCT data FROM cards")) > 100


def test_a_lone_collection_and_a_package_of_it_arrive_alike() -> None:
    alone = words(("g1", "one"), ("g2", "two"))
    with closing(new_connection()) as one, closing(new_connection()) as other:
        assert merge(one, alone) == merge(other, package(alone))
        assert everything(one) == everything(other)


@pytest.mark.parametrize("file", PACKAGES, ids=lambda file: file.name)
def test_the_same_file_again_changes_nothing(file: Path, target: sqlite3.Connection) -> None:
    first = merge(target, file.read_bytes())
    before = everything(target)
    again = merge(target, file.read_bytes(), now_ms=LATER_MS)
    assert again.notes_unchanged == first.notes_new
    assert (again.notes_new, again.notes_updated, again.cards, again.revlog) == (0, 0, 0, 0)
    assert everything(target) == before


def test_one_open_file_can_be_merged_into_several_states_of_a_collection() -> None:
    """As when another writer was faster and the transaction runs again."""
    data = words(("g1", "one"), ("g2", "two"))
    with (
        closing(new_connection()) as first,
        closing(new_connection()) as second,
        opened(data) as source,
    ):
        make_note(second, ["meanwhile", "added"])
        reports = [merge_source(conn, source, now_ms=LATER_MS) for conn in (first, second)]
        assert reports[0] == reports[1]
        assert len(rows(first, "SELECT 1 FROM cards")) == 2
        assert len(rows(second, "SELECT 1 FROM cards")) == 3


def test_new_rows_carry_the_usn_of_a_server_and_the_others_keep_theirs(
    target: sqlite3.Connection,
) -> None:
    make_note(target, ["mine", "stays"])
    target.execute("UPDATE col SET usn = 7")
    mod, scm = rows(target, "SELECT mod, scm FROM col")[0]
    data = (DATA / "jlpt-n5-legacy.apkg").read_bytes()
    report = merge(target, data, now_ms=LATER_MS)
    for table, added in (
        ("notes", report.notes_new),
        ("cards", report.cards),
        ("revlog", report.revlog),
    ):
        usns = [usn for (usn,) in rows(target, f"SELECT usn FROM {table}")]
        assert usns.count(7) == added
        assert set(usns) <= {0, 7}
    for name in ("models", "decks", "dconf"):
        assert {entry["usn"] for entry in document(target, name).values()} == {0, 7}
    assert set(document(target, "tags").values()) == {7}
    assert rows(target, "SELECT mod > ?, scm = ? FROM col".replace("?", "{}").format(mod, scm)) == [
        (1, 1)
    ]


def test_a_card_that_is_here_keeps_its_schedule_and_its_history(fresh: Path) -> None:
    studied = (DATA / "jlpt-n5-studied.anki2").read_bytes()

    def progress(conn: sqlite3.Connection) -> list[Any]:
        return rows(conn, "SELECT id, type, queue, due, ivl, reps, data FROM cards ORDER BY id")

    with closing(new_connection()) as target:
        merge(target, studied)
        target.execute("UPDATE cards SET due = due + 3, reps = reps + 1 WHERE type = 2")
        before = progress(target)
        report = merge(target, studied, now_ms=LATER_MS)
        assert progress(target) == before
        assert (report.cards, report.revlog) == (0, 0)


def test_a_note_of_another_structure_is_a_conflict_and_stays(target: sqlite3.Connection) -> None:
    merge(target, words(("g1", "one")))
    before = rows(target, "SELECT * FROM notes")

    def change(conn: sqlite3.Connection) -> None:
        added = make_note(conn, ["{{c1::newer}}", ""], notetype="Cloze")
        conn.execute("UPDATE notes SET guid = 'g1', mod = mod + 9 WHERE id = ?", (added.note_id,))

    report = merge(target, collection_file(change))
    assert report.notes_conflicting == 1
    assert rows(target, "SELECT * FROM notes") == before


def test_empty_and_doubled_guids_become_stable_ones(target: sqlite3.Connection) -> None:
    data = words(("", "one"), ("", "two"), ("g", "three"), ("g", "four"), ("x" * 999, "five"))
    report = merge(target, data)
    assert report.notes_new == 5
    assert report.log == ("Notes given a guid of their own: 4.",)
    guids = [guid for (guid,) in rows(target, "SELECT guid FROM notes")]
    assert len({guid for guid in guids if 0 < len(guid) < 20}) == 5
    assert merge(target, data).notes_unchanged == 5


def test_ids_that_are_taken_or_impossible_are_replaced(target: sqlite3.Connection) -> None:
    merge(target, words(("g1", "one")))

    def change(conn: sqlite3.Connection) -> None:
        for guid, wanted in (("a", 0), ("b", -5), ("c", NOW_MS + 2 * DAY_MS), ("d", None)):
            added = make_note(conn, [guid, ""])
            conn.execute("UPDATE notes SET guid = ? WHERE id = ?", (guid, added.note_id))
            if wanted is not None:
                conn.execute("UPDATE notes SET id = ? WHERE guid = ?", (wanted, guid))
                conn.execute("UPDATE cards SET nid = ? WHERE nid = ?", (wanted, added.note_id))

    assert merge(target, collection_file(change)).cards == 4
    ids = [note_id for (note_id,) in rows(target, "SELECT id FROM notes")]
    assert all(0 < note_id <= NOW_MS + DAY_MS for note_id in ids)
    orphans = "SELECT 1 FROM cards WHERE nid NOT IN (SELECT id FROM notes)"
    assert rows(target, orphans) == []


@given(
    st.sets(st.integers(1, 2_000)),
    st.lists(st.integers(-10, 10_000)),
)
def test_ids_are_never_given_twice(taken: set[int], wanted: list[int]) -> None:
    ids = FreeIds(taken, now_ms=1_000)
    given_ids = [ids.take(number) for number in wanted]
    assert len({*taken, *given_ids}) == len(taken) + len(wanted)
    assert all(number > 0 for number in given_ids)


def test_ids_in_a_row_on_purpose_do_not_make_a_long_search() -> None:
    ids = FreeIds(range(1, 999 * 50_000, 999), now_ms=10**12)
    assert [ids.take(1) for _ in range(1_000)] == [10**12 + n for n in range(1_000)]


def test_reviews_from_the_future_are_set_right(target: sqlite3.Connection) -> None:
    def change(conn: sqlite3.Connection) -> None:
        card_id = make_note(conn, ["word", ""]).card_ids[0]
        conn.execute("UPDATE cards SET type = 2, queue = 2, ivl = 5")
        for review_id in (NOW_MS - 5, NOW_MS + 9 * DAY_MS, NOW_MS + 10 * DAY_MS, -4):
            conn.execute(
                "INSERT INTO revlog VALUES (?, ?, 0, 3, 5, 1, 2500, 900, 1)", (review_id, card_id)
            )

    assert merge(target, collection_file(change)).revlog == 4
    ids = [review_id for (review_id,) in rows(target, "SELECT id FROM revlog ORDER BY id")]
    assert ids == [NOW_MS - 5, NOW_MS, NOW_MS + 1, NOW_MS + 2]


IMPOSSIBLE_CARDS: dict[str, list[Any]] = {
    "type": [7, -1, "new", 2.0e300, None],
    "queue": [5, -4, "x", b"2", None],
    "ivl": [-1, 2**40, "text"],
    "factor": [-1, 70_000, "2500x"],
    "reps": [-3, 2**40],
    "lapses": [-3, "x"],
    "left": [-1, 2**40],
    "data": [None, b"\xff"],
}
HARMLESS_CELLS: dict[str, list[Any]] = {
    "due": [2**40, "text", 200_000, None, 1.5],
    "odue": [2**40, "text", None],
    "odid": [-1, "text", 4242],
    "flags": [-1, 999, "text"],
    "mod": [2**60, -1, "text", None],
    "did": [4242],
    "data": ["{", "[]", '{"pos":"x","lrt":-1}', '{"cd":"' + "x" * 500 + '"}', '{"s":1e999}'],
}


def without_constraints(conn: sqlite3.Connection) -> None:
    conn.execute("PRAGMA writable_schema = ON")
    conn.execute("UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '')")
    conn.execute("PRAGMA writable_schema = RESET")


def broken_collection(conn: sqlite3.Connection) -> None:
    """One card for each broken cell, and all other damage that can be survived."""
    without_constraints(conn)
    for cells in (IMPOSSIBLE_CARDS, HARMLESS_CELLS):
        for column, values in cells.items():
            for value in values:
                card_id = make_note(conn, [f"{column} {value!r}", "meaning"]).card_ids[0]
                conn.execute(
                    "UPDATE cards SET type = 2, queue = 2, ivl = 9, reps = 4, due = 40"
                    " WHERE id = ?",
                    (card_id,),
                )
                conn.execute(f"UPDATE cards SET {column} = ? WHERE id = ?", (value, card_id))
    insert_card = (
        "INSERT INTO cards SELECT ?, nid, did, ?, mod, usn, type, queue, due, ivl, factor, reps,"
        " lapses, left, odue, odid, flags, data FROM cards WHERE id = (SELECT max(id) FROM cards)"
    )
    conn.execute(insert_card, (1, 30_000))
    conn.execute(insert_card, (2, 40_000))
    conn.execute(insert_card, (3, 0))
    for guid, flds in (("few", "one"), ("many", "one\x1ftwo\x1fthree\x1ffour")):
        added = make_note(conn, [guid, ""])
        update = "UPDATE notes SET guid = ?, flds = ?, tags = ' a  A b ' WHERE id = ?"
        conn.execute(update, (guid, flds, added.note_id))
    far = make_note(conn, ["far away in the queue", ""])
    conn.execute("UPDATE cards SET due = 5000007 WHERE id = ?", (far.card_ids[0],))
    reviewed = make_note(conn, ["reviewed", ""])
    lost = make_note(conn, ["no notetype", ""])
    conn.execute("UPDATE notes SET mid = 4242 WHERE id = ?", (lost.note_id,))
    unreadable = make_note(conn, ["unreadable", ""])
    conn.execute("UPDATE notes SET flds = x'00' WHERE id = ?", (unreadable.note_id,))
    conn.execute("DELETE FROM notes WHERE id = (SELECT min(id) FROM notes)")
    conn.execute("UPDATE notes SET mod = 99999999999 WHERE guid = 'few'")
    for number, review in enumerate([(9, 0), (0, 9), (3, "x"), (1, None), (3, 1)]):
        conn.execute(
            "INSERT INTO revlog VALUES (?, ?, 0, ?, 1, 1, 2500, 9, ?)",
            (NOW_MS + number, reviewed.card_ids[0], *review),
        )


def test_a_broken_collection_arrives_whole_enough_for_anki(
    fresh: Path, tmp_path: Path, now_ms: int
) -> None:
    path = Path(shutil.copy(fresh, tmp_path / "collection.anki2"))
    file = tmp_path / "broken.anki2"
    file.write_bytes(collection_file(broken_collection))
    report = import_file(path, file, now_ms=now_ms)
    impossible = sum(len(values) for values in IMPOSSIBLE_CARDS.values())
    log = set(report.log)
    assert f"Cards with an impossible schedule made new: {impossible}." in log
    assert log >= {
        "Unreadable notes left out: 1.",
        "Notes left out for want of their notetype: 1.",
        "Notes fitted to the fields of their notetype: 2.",
        "Unreadable cards left out: 1.",
        "Doubled cards left out: 1.",
        "Cards of no template of their notetype left out: 1.",
        "Cards without a deck put into the default deck: 1.",
        "Unreadable reviews left out: 4.",
    }
    assert report.revlog == 1
    assert_clean(path)


def test_what_was_lent_to_a_filtered_deck_comes_along(fresh: Path) -> None:
    def lend(conn: sqlite3.Connection) -> None:
        home = make_deck(conn, "Home")
        card_id = make_note(conn, ["word", ""], deck_id=home).card_ids[0]

        def add_filtered(decks: dict[str, Any]) -> None:
            filtered = {"dyn": 1, "id": 55, "name": "Cram", "terms": [["is:due", 9, 0]]}
            decks["55"] = decks["1"] | filtered | {"resched": True, "separate": True}

        edit(conn, "decks", add_filtered)
        conn.execute(
            "UPDATE cards SET type = 2, queue = 2, did = 55, odid = ?, odue = 30, due = -100000"
            " WHERE id = ?",
            (home, card_id),
        )

    with closing(new_connection()) as target:
        merge(target, collection_file(lend), now_ms=LATER_MS)
        decks = {deck["name"]: deck["id"] for deck in document(target, "decks").values()}
        assert rows(target, "SELECT did, odid, odue FROM cards") == [
            (decks["Cram"], decks["Home"], 30)
        ]


def test_a_note_larger_than_the_limit_is_left_out(target: sqlite3.Connection) -> None:
    data = words(("g1", "x" * 5_000), ("g2", "short"))
    report = merge(target, data, field_bytes=4_000)
    assert report.notes_new == report.cards == 1
    assert report.log == ("Notes larger than the limit left out: 1.",)
    assert merge(target, data).notes_new == 1


@pytest.mark.parametrize(
    "limits",
    [
        {"notes": 2},
        {"cards": 2},
        {"notetypes": 2},
        {"decks": 2},
        {"new_tags": 0},
        {"unpacked_bytes": 5_000},
    ],
    ids=str,
)
def test_above_a_limit_nothing_is_imported(
    target: sqlite3.Connection, limits: dict[str, int]
) -> None:
    before = everything(target)
    data = words(("g1", "one"), ("g2", "two"), ("g3", "three"), deck="A::B::C")
    with pytest.raises(TooLargeError, match=str(*limits.values())):
        merge(target, data, **limits)
    assert everything(target) == before


def test_decks_here_count_towards_the_limit(target: sqlite3.Connection) -> None:
    data = words(("g1", "one"), deck="A::B")
    make_deck(target, "Here::Already")
    with pytest.raises(TooLargeError, match="4 decks"):
        merge(target, data, decks=4)
    assert merge(target, data, decks=5).cards == 1


def test_a_note_with_too_many_or_too_few_fields_is_fitted_as_check_database_does(
    target: sqlite3.Connection,
) -> None:
    def change(conn: sqlite3.Connection) -> None:
        make_note(conn, ["1", ""])
        make_note(conn, ["2", ""])
        conn.execute("UPDATE notes SET flds = '1' WHERE sfld = 1")
        conn.execute("UPDATE notes SET flds = '2\x1fa\x1fb\x1fc' WHERE sfld = 2")

    merge(target, collection_file(change))
    assert rows(target, "SELECT flds FROM notes ORDER BY id") == [("1\x1f",), ("2\x1fa; b; c",)]


def test_decks_are_matched_in_any_case_and_get_their_parents(target: sqlite3.Connection) -> None:
    make_deck(target, "LANGUAGES")
    make_deck(target, "languages::french")
    merge(target, words(("g1", "one"), deck="Languages::French"))
    merge(target, words(("g2", "two"), deck="languages::Czech::Verbs"))
    names = sorted(deck["name"] for deck in document(target, "decks").values())
    assert names == [
        "Default",
        "LANGUAGES",
        "LANGUAGES::Czech",
        "LANGUAGES::Czech::Verbs",
        "LANGUAGES::french",
    ]


@pytest.mark.parametrize(("limited_day", "expected_day"), [(5, 20), (3, 3), (30, 19)])
def test_a_limit_for_today_stays_one_and_no_other_becomes_one(
    limited_day: int, expected_day: int
) -> None:
    """The source is on its day 5, the target on its day 20."""

    def change(conn: sqlite3.Connection) -> None:
        deck_id = make_deck(conn, "Words")
        make_note(conn, ["word", ""], deck_id=deck_id)
        limit = {"newLimitToday": {"limit": 3, "today": limited_day}}
        edit(conn, "decks", lambda decks: decks[str(deck_id)].update(limit))
        conn.execute("UPDATE col SET crt = crt - 5 * 86400")

    with closing(new_connection()) as target:
        target.execute("UPDATE col SET crt = crt - 20 * 86400")
        merge(target, collection_file(change))
        (deck,) = (deck for deck in document(target, "decks").values() if deck["name"] == "Words")
        assert deck["newLimitToday"] == {"limit": 3, "today": expected_day}


def test_a_deck_too_deep_or_too_long_does_no_harm(target: sqlite3.Connection) -> None:
    with pytest.raises(UnusableFileError, match="levels"):
        merge(target, words(("g1", "one"), deck="::".join("x" * 40)))
    merge(target, words(("g1", "one"), deck="y" * 500))
    assert "y" * 120 in {deck["name"] for deck in document(target, "decks").values()}


def test_our_own_export_can_be_imported_by_another_person(tmp_path: Path) -> None:
    with closing(new_connection()) as author, closing(new_connection()) as reader:
        make_note(author, ["mine", "shared"], deck_id=make_deck(author, "Shared"), tags=["nice"])
        report = merge(reader, save(author, tmp_path / "export.anki2").read_bytes())
        assert (report.notes_new, report.cards) == (1, 1)
        shared = "SELECT guid, tags, flds, sfld, csum, flags, data FROM notes"
        assert rows(reader, shared) == rows(author, shared)


def test_two_notes_of_one_guid_do_not_give_ours_their_notetype_twice(
    target: sqlite3.Connection,
) -> None:
    """Its fields, which are in another order there, would be where they were again."""

    def swap(notetypes: dict[str, Any]) -> None:
        for notetype in notetypes.values():
            if notetype["name"] == "Basic (and reversed card)":
                first, second = notetype["flds"]
                names = first["name"], second["name"]
                second["name"], first["name"] = names

    def change(conn: sqlite3.Connection) -> None:
        for _ in range(2):
            make_note(conn, ["back", "front"], notetype="Basic (and reversed card)")
        conn.execute("UPDATE notes SET guid = 'one'")
        edit(conn, "models", swap)

    ours = make_note(target, ["front", "back"])
    target.execute("UPDATE notes SET guid = 'one'")
    edit(target, "models", swap)
    options = ImportOptions(merge_notetypes=True, update_notes="never")
    with opened(collection_file(change)) as source:
        merge_source(target, source, options, now_ms=LATER_MS)
    ((flds, notetype_id),) = rows(target, f"SELECT flds, mid FROM notes WHERE id = {ours.note_id}")
    names = [field["name"] for field in document(target, "models")[str(notetype_id)]["flds"]]
    assert dict(zip(names, flds.split("\x1f"), strict=True)) == {"Front": "front", "Back": "back"}
