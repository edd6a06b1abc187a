from hypothesis import given
from hypothesis import strategies as st

from chalicelib.collection.cardgen import ordinals_to_generate
from chalicelib.collection.col import JsonObject
from tests.golden_rendering import GoldenCase, golden_cases

# Anki gives a note with clozes 500 and 501 the 500th card twice, and its own Check Database
# then complains. Here it is made once.
DOUBLED_CARDS = 1


def notetype(kind: int, *questions: str) -> JsonObject:
    return {
        "type": kind,
        "flds": [{"name": "Front"}, {"name": "Back"}],
        "tmpls": [{"qfmt": question} for question in questions],
    }


def needed_ordinals(case: GoldenCase) -> list[int]:
    return ordinals_to_generate(case.notetype, case.made["stored"], tags=case.made["tags"])


def test_new_notes_get_the_cards_that_anki_gives_them() -> None:
    different = []
    for case in golden_cases():
        notetype, fields, tags = case.notetype, case.made["stored"], case.made["tags"]
        made = ordinals_to_generate(notetype, fields, tags=tags) or [0]
        if made != sorted(set(case.made["made"])):
            different.append((case, made))

    assert different == []


def test_only_a_cloze_beyond_the_five_hundredth_makes_anki_double_a_card() -> None:
    doubled = [
        case for case in golden_cases() if len(set(case.made["made"])) < len(case.made["made"])
    ]

    assert all(case.made["made"].count(499) > 1 for case in doubled)
    assert len(doubled) == DOUBLED_CARDS


def test_the_cards_that_ask_nothing_are_those_that_anki_calls_empty() -> None:
    different = []
    for case in golden_cases():
        rendered = {int(ordinal) for ordinal in case.made["cards"]}
        if rendered & set(needed_ordinals(case)) != set(case.made["needed"]):
            different.append((case, needed_ordinals(case)))

    assert different == []


@given(st.sets(st.integers(1, 499)))
def test_each_cloze_number_makes_one_card(numbers: set[int]) -> None:
    halves = ["", ""]
    for number in numbers:
        halves[number % 2] += f"{{{{c{number}::a}}}} and {{{{c{number}::b::hint}}}}"

    ordinals = ordinals_to_generate(notetype(1, "{{cloze:Front}}"), halves)

    assert ordinals == sorted(number - 1 for number in numbers)


def test_a_note_that_asks_nothing_needs_no_card() -> None:
    for kind, question in ((0, "{{Front}}"), (0, "{{#Front}}"), (0, "x"), (1, "{{cloze:Front}}")):
        assert ordinals_to_generate(notetype(kind, question), ["", "b"]) == []


def test_a_note_that_asks_something_does_not_get_its_first_card_as_well() -> None:
    two = notetype(0, "{{Front}}", "{{Back}}")

    assert ordinals_to_generate(two, ["<br>", "b"]) == [1]
    assert ordinals_to_generate(notetype(1, "{{cloze:Front}}"), ["{{c3::a}}", ""]) == [2]


def test_only_tags_that_are_there_count_as_content() -> None:
    tagged = notetype(0, "{{#Tags}}{{Back}}{{/Tags}}", "{{^Tags}}{{Back}}{{/Tags}}", "{{Deck}}")

    assert ordinals_to_generate(tagged, ["", "b"], tags=" a ") == [0, 2]
    assert ordinals_to_generate(tagged, ["", "b"], tags="") == [1, 2]
