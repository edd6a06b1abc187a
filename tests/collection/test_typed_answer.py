"""What a card asks to be typed in: the field, and what it is compared with."""

import pytest

from chalicelib.collection.study.typed_answer import TypedAnswer, typed_answer

NOTETYPE = {"flds": [{"name": "Text", "font": "Arial", "size": 20}, {"name": "Back"}]}
FIELDS = ["a {{c1::b::hint}} {{c2::c}} {{c1::d}}", "back"]


def typed(question: str, ordinal: int = 0) -> TypedAnswer | None:
    return typed_answer(question, NOTETYPE, ordinal, FIELDS)


def test_the_field_is_expected_as_it_is() -> None:
    found = TypedAnswer("Back", "back", ignores_accents=False, font="", size=0)
    assert typed("<b>front</b>\n[[type:Back]]") == found


def test_accents_may_be_ignored() -> None:
    found = TypedAnswer("Back", "back", ignores_accents=True, font="", size=0)
    assert typed("[[type:nc:Back]]") == found


@pytest.mark.parametrize(("ordinal", "expected"), [(0, "b, d"), (1, "c")])
def test_of_clozes_those_of_the_card_are_expected(ordinal: int, expected: str) -> None:
    found = TypedAnswer("Text", expected, ignores_accents=False, font="Arial", size=20)
    assert typed("[[type:cloze:Text]]", ordinal) == found


@pytest.mark.parametrize(
    "question",
    [
        "front",
        "[[type:]]",
        "[[type:Nobody]]",
        "[[type:Back",
        "[[type:\nBack]]",
        "]] [[type:Back",
        "[[type:Nobody]] [[type:Back]]",
    ],
)
def test_nothing_is_asked_where_no_mark_names_a_field(question: str) -> None:
    assert typed(question) is None


def test_a_cloze_that_is_not_there_is_not_to_be_typed() -> None:
    assert typed("[[type:cloze:Text]]", 2) is None


def test_the_first_mark_that_ends_on_its_line_counts() -> None:
    found = typed("[[type:Text\n[[type:Back]]")
    assert found is not None
    assert found.field == "Back"


@pytest.mark.parametrize("hostile", ["[[type:", "[[type:\n"])
def test_marks_that_never_end_are_read_once(hostile: str) -> None:
    assert typed(hostile * 500_000 + "\n]]") is None
