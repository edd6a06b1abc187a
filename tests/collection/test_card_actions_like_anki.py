"""Operations on cards, decks and deck options leave behind what they leave behind in real Anki."""

import pytest

from tests.golden_cards import GoldenCase, differences, golden_cases

OPERATIONS = sorted({case.operation[0] for case in golden_cases()})


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_row_and_document_is_as_in_anki(operation: str) -> None:
    cases = [case for case in golden_cases() if case.operation[0] == operation]
    assert len(cases) >= 15
    wrong = {str(case.operation): found for case in cases if (found := differences(case))}
    assert wrong == {}


def test_a_difference_would_be_seen() -> None:
    case = next(one for one in golden_cases() if one.operation[0] == "suspend" and not one.error)
    undone = GoldenCase(case.now_ms, case.before, case.operation, None, case.before)
    assert differences(undone)
