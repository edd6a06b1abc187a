import sqlite3

import pytest

from chalicelib.collection.cards import get_card
from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.day import timing_at
from chalicelib.collection.deck_options.deck_limits import own_limits, set_own_limits
from chalicelib.collection.deck_options.groups import change_options
from chalicelib.collection.deck_options.presets import (
    add_preset,
    all_presets,
    remove_preset,
    use_preset,
)
from chalicelib.collection.decks import Decks
from chalicelib.errors import BadInputError, NotFoundError
from tests.collection.undoing import content, dump, record, undo
from tests.support.collections import DAY_MS, NOW_MS, make_card, make_deck, set_columns

LATER_MS = NOW_MS + 60_000


def add(conn: sqlite3.Connection, name: str, copy_of: int | None = None) -> int:
    return add_preset(conn, name, copy_of=copy_of, max_presets=5, now_ms=LATER_MS)


def options_of(conn: sqlite3.Connection, deck_id: int) -> int:
    options_id: int = Decks(conn).get(deck_id)["conf"]
    return options_id


def scm(conn: sqlite3.Connection) -> int:
    (stamp,) = conn.execute("SELECT scm FROM col").fetchone()
    return int(stamp)


def test_presets_come_by_name_with_the_decks_that_use_them(conn: sqlite3.Connection) -> None:
    a, b = make_deck(conn, "A"), make_deck(conn, "B")
    zen, alpha = add(conn, "Zen"), add(conn, "Alpha")
    use_preset(conn, a, zen, LATER_MS)
    shown = [(one["name"], one["id"], one["deck_ids"]) for one in all_presets(conn)]
    assert shown == [("Alpha", alpha, []), ("Default", 1, [b, 1]), ("Zen", zen, [a])]


def test_a_copy_has_all_options_and_what_only_anki_knows(conn: sqlite3.Connection) -> None:
    change_options(conn, 1, {"new": {"perDay": 7}, "timer": 1}, NOW_MS)
    groups = read_document(conn, "dconf")
    groups["1"] |= {"easyDaysPercentages": [1.0, 0.5]}
    groups["1"]["rev"] |= {"fuzz": 0.05}
    write_document(conn, "dconf", groups)
    added = add(conn, "Copy", copy_of=1)
    copy = read_document(conn, "dconf")[str(added)]
    identity = ("id", "name", "mod", "usn")
    assert {k: v for k, v in copy.items() if k not in identity} == {
        k: v for k, v in groups["1"].items() if k not in identity
    }
    assert (copy["name"], copy["mod"]) == ("Copy", LATER_MS // 1000)


def test_a_new_preset_has_the_defaults(conn: sqlite3.Connection) -> None:
    change_options(conn, 1, {"new": {"perDay": 7}}, NOW_MS)
    added = add(conn, "New")
    (shown,) = [one for one in all_presets(conn) if one["id"] == added]
    assert shown["options"]["new"]["perDay"] == 20


@pytest.mark.parametrize("name", ["", " ", "x" * 121, "a\nb"])
def test_a_preset_needs_a_name(conn: sqlite3.Connection, name: str) -> None:
    with pytest.raises(BadInputError) as caught:
        add(conn, name)
    assert set(caught.value.fields) == {"name"}


def test_only_so_many_presets_and_only_copies_of_known_ones(conn: sqlite3.Connection) -> None:
    with pytest.raises(NotFoundError):
        add(conn, "Copy", copy_of=77)
    for n in range(4):
        add(conn, f"Preset {n}")
    with pytest.raises(BadInputError):
        add(conn, "One too many")


def test_decks_whose_preset_goes_use_the_default_and_devices_must_sync_in_full(
    conn: sqlite3.Connection,
) -> None:
    deck, preset = make_deck(conn, "A"), add(conn, "Gone")
    use_preset(conn, deck, preset, LATER_MS)
    stamp = scm(conn)
    before = content(conn)
    inverse = record(conn, lambda: remove_preset(conn, preset, LATER_MS))
    assert options_of(conn, deck) == 1
    assert set(read_document(conn, "dconf")) == {"1"}
    assert scm(conn) > stamp
    undo(conn, inverse)
    assert content(conn) == before


def test_the_default_preset_and_an_unknown_one_cannot_be_removed(conn: sqlite3.Connection) -> None:
    before = dump(conn)
    with pytest.raises(BadInputError):
        remove_preset(conn, 1, LATER_MS)
    with pytest.raises(NotFoundError):
        remove_preset(conn, 77, LATER_MS)
    assert dump(conn) == before


def test_choosing_a_preset_fits_new_and_learning_cards_to_it(conn: sqlite3.Connection) -> None:
    deck, preset = make_deck(conn, "A"), add(conn, "Other")
    cards = [make_card(conn, f"card {n}", deck).id for n in range(20)]
    learning = make_card(conn, "learning", deck).id
    set_columns(conn, learning, type=1, queue=1, left=1, due=NOW_MS // 1000)
    use_preset(conn, deck, preset, LATER_MS)
    change_options(conn, deck, {"new": {"order": 0, "delays": [1, 10, 60]}}, LATER_MS)
    use_preset(conn, deck, 1, LATER_MS)
    assert [get_card(conn, card).due for card in cards] == list(range(1, 21))
    use_preset(conn, deck, preset, LATER_MS)
    dues = [get_card(conn, card).due for card in cards]
    assert sorted(dues) == list(range(1, 21)) != dues
    assert get_card(conn, learning).left == 2


def test_only_a_known_preset_can_be_chosen_and_not_for_a_filtered_deck(
    conn: sqlite3.Connection,
) -> None:
    deck, filtered = make_deck(conn, "A"), make_deck(conn, "F")
    make_filtered(conn, filtered)
    for deck_id, options_id in ((deck, 77), (filtered, 1)):
        with pytest.raises(BadInputError) as caught:
            use_preset(conn, deck_id, options_id, LATER_MS)
        assert set(caught.value.fields) == {"options_id"}
    with pytest.raises(NotFoundError):
        use_preset(conn, 77, 1, LATER_MS)


def make_filtered(conn: sqlite3.Connection, deck_id: int) -> None:
    decks = read_document(conn, "decks")
    decks[str(deck_id)] |= {"dyn": 1, "resched": True, "terms": [["", 10, 0]]}
    write_document(conn, "decks", decks)


def limits(conn: sqlite3.Connection, deck_id: int, now_ms: int = NOW_MS) -> dict[str, int | None]:
    return own_limits(Decks(conn).get(deck_id), timing_at(conn, now_ms).today)


def test_limits_of_a_deck_are_set_shown_and_cleared(conn: sqlite3.Connection) -> None:
    now_ms = NOW_MS + 3 * DAY_MS
    deck = make_deck(conn, "A")
    wanted = {
        "new_limit": 0,
        "review_limit": 9999,
        "new_limit_today": 5,
        "review_limit_today": None,
    }
    set_own_limits(conn, deck, wanted, now_ms)
    assert limits(conn, deck, now_ms) == wanted
    set_own_limits(conn, deck, {"review_limit": None}, now_ms)
    assert limits(conn, deck, now_ms) == wanted | {"review_limit": None}
    set_own_limits(conn, deck, dict.fromkeys(wanted), now_ms)
    assert limits(conn, deck, now_ms) == dict.fromkeys(wanted)


def test_a_limit_for_today_is_over_tomorrow_and_remembered_when_cleared(
    conn: sqlite3.Connection,
) -> None:
    now_ms = NOW_MS + 3 * DAY_MS
    deck = make_deck(conn, "A")
    set_own_limits(conn, deck, {"new_limit_today": 5}, now_ms)
    assert limits(conn, deck, now_ms + DAY_MS)["new_limit_today"] is None
    set_own_limits(conn, deck, {"new_limit_today": None}, now_ms)
    assert Decks(conn).get(deck)["newLimitToday"] == {"limit": 5, "today": 2}


def test_limits_that_are_so_already_change_nothing(conn: sqlite3.Connection) -> None:
    deck = make_deck(conn, "A")
    set_own_limits(conn, deck, {"new_limit": 3, "new_limit_today": 5}, NOW_MS)
    before = dump(conn)
    set_own_limits(conn, deck, {"new_limit": 3, "new_limit_today": 5}, LATER_MS)
    set_own_limits(conn, deck, {}, LATER_MS)
    assert dump(conn) == before


def test_a_filtered_deck_has_no_limits(conn: sqlite3.Connection) -> None:
    filtered = make_deck(conn, "F")
    make_filtered(conn, filtered)
    set_own_limits(conn, filtered, {}, NOW_MS)
    with pytest.raises(BadInputError) as caught:
        set_own_limits(conn, filtered, {"new_limit": 3}, NOW_MS)
    assert set(caught.value.fields) == {"new_limit"}
