from collections.abc import Callable
from typing import Any

import pytest

from tests.support.server import Person


def stats(person: Person, **query: Any) -> Any:
    return person.ok("GET", "/api/stats", params=query)


def test_answers_show_in_the_statistics(person: Person) -> None:
    deck = person.deck("D")
    for number in range(3):
        person.card(deck, f"front {number}")
    first, second, _ = person.next_cards(deck)
    person.answer(first, 1)
    person.answer(second, 4)
    found = stats(person)
    assert found["today"] == {
        "answer_count": 2,
        "answer_ms": 5000,
        "again_count": 1,
        "correct_count": 1,
        "mature_count": 0,
        "mature_correct": 0,
        "learn_count": 2,
        "review_count": 0,
        "relearn_count": 0,
        "filtered_count": 0,
    }
    assert found["reviews"] == {"count": [[0, 2, 0, 0, 0, 0]], "time_ms": [[0, 5000, 0, 0, 0, 0]]}
    assert found["calendar"] == [[0, 2]]
    assert found["streak"] == {"current": 1, "longest": 1}
    assert found["buttons"]["period"]["learning"] == [1, 0, 0, 1]
    assert found["card_counts"]["excluding_inactive"] == {
        "new": 1,
        "learn": 1,
        "relearn": 0,
        "young": 1,
        "mature": 0,
        "suspended": 0,
        "buried": 0,
    }
    assert found["eases"] == {"average": 250.0, "eases": [[250, 1]]}
    assert found["added"] == [[0, 3]]
    assert sum(total for total, _ in found["hours"]["month"]) == 2


def test_a_window_has_one_name_everywhere_and_the_chosen_days_are_the_period(
    person: Person,
) -> None:
    found = stats(person, days=7)
    windows = ["all_time", "month", "period", "three_months", "year"]
    assert sorted(found["hours"]) == sorted(found["buttons"]) == windows
    assert set(found["retention"]) == {
        *("today", "yesterday", "week", "month", "year", "all_time", "period")
    }
    nothing = {"passed": 0, "failed": 0}
    assert found["retention"]["period"] == {"young": nothing, "mature": nothing, "all": nothing}


def test_a_deck_has_statistics_of_its_own(person: Person) -> None:
    parent, child, other = (person.deck(name) for name in ("A", "A::B", "C"))
    for deck in (child, other, other):
        person.card(deck, f"card of {deck}", allow_duplicate=True)
    added = [stats(person, deck_id=deck)["added"] for deck in (parent, child, other)]
    assert added == [[[0, 1]], [[0, 1]], [[0, 2]]]


def test_another_persons_deck_is_not_found(new_person: Callable[..., Person]) -> None:
    deck = new_person(sample_deck=False).deck("mine")
    stranger = new_person(sample_deck=False)
    stranger.fails(404, "not_found", "GET", "/api/stats", params={"deck_id": deck})


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"days": -1}, "days"),
        ({"days": 36_501}, "days"),
        ({"days": "many"}, "days"),
        ({"days": 2.5}, "days"),
        ({"deck_id": 0}, "deck_id"),
        ({"deck_id": "D"}, "deck_id"),
        ({"deck_id": 2**63}, "deck_id"),
        ({"period": 30}, "period"),
    ],
)
def test_a_bad_query_names_its_field(person: Person, query: dict[str, Any], field: str) -> None:
    error = person.fails(400, "invalid_input", "GET", "/api/stats", params=query)
    assert list(error["fields"]) == [field]


def test_the_longest_period_is_taken(person: Person) -> None:
    assert stats(person, days=36_500)["reviews"] == {"count": [], "time_ms": []}
