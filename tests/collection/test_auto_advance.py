from typing import Any

import pytest

from chalicelib.collection.deck_options.auto_advance import AutoAdvance, auto_advance


def test_cards_go_on_by_themselves_where_the_options_have_a_time() -> None:
    group = {"secondsToShowQuestion": 2.5, "secondsToShowAnswer": 10, "answerAction": 2}
    assert auto_advance(group) == AutoAdvance(
        question_ms=2500,
        answer_ms=10_000,
        question_action="show_answer",
        answer_action="good",
        waits_for_audio=True,
    )
    quiet = auto_advance({**group, "waitForAudio": False, "questionAction": 1})
    assert quiet is not None
    assert (quiet.question_action, quiet.waits_for_audio) == ("show_reminder", False)


@pytest.mark.parametrize("value", [None, 0, 0.0, -1, "5", True, [], float("nan"), 1e300])
def test_what_is_no_time_is_none(value: Any) -> None:
    assert auto_advance({"secondsToShowQuestion": value, "secondsToShowAnswer": 0}) is None


@pytest.mark.parametrize("value", [None, -1, 99, "good", True])
def test_an_unknown_action_is_the_first(value: Any) -> None:
    found = auto_advance(
        {"secondsToShowQuestion": 1, "questionAction": value, "answerAction": value}
    )
    assert found is not None
    assert (found.question_action, found.answer_action) == ("show_answer", "bury")
