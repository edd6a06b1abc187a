"""How cards go on by themselves, where a deck's options say so.

Sources: Anki's rslib/src/deckconfig/schema11.rs, proto/anki/deck_config.proto.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from chalicelib.collection.col import JsonObject

QuestionAction = Literal["show_answer", "show_reminder"]
AnswerAction = Literal["bury", "again", "good", "hard", "show_reminder"]

_QUESTION_ACTIONS: tuple[QuestionAction, ...] = ("show_answer", "show_reminder")
_ANSWER_ACTIONS: tuple[AnswerAction, ...] = ("bury", "again", "good", "hard", "show_reminder")
# What a group says that has nothing about it. Times are seconds.
DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "secondsToShowQuestion": 0.0,
        "secondsToShowAnswer": 0.0,
        "questionAction": 0,
        "answerAction": 0,
        "waitForAudio": True,
    }
)
# Nobody looks at a card for longer; what is larger was not meant as a time.
MAX_S = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoAdvance:
    """0 ms: that side does not go on by itself. Sounds are waited for if `waits_for_audio`."""

    question_ms: int
    answer_ms: int
    question_action: QuestionAction
    answer_action: AnswerAction
    waits_for_audio: bool


def auto_advance(group: JsonObject) -> AutoAdvance | None:
    """What a group of options says about it; None where neither side has a time."""
    question_ms = _milliseconds(group.get("secondsToShowQuestion"))
    answer_ms = _milliseconds(group.get("secondsToShowAnswer"))
    if question_ms == answer_ms == 0:
        return None
    return AutoAdvance(
        question_ms=question_ms,
        answer_ms=answer_ms,
        question_action=_QUESTION_ACTIONS[_index(group.get("questionAction"), _QUESTION_ACTIONS)],
        answer_action=_ANSWER_ACTIONS[_index(group.get("answerAction"), _ANSWER_ACTIONS)],
        waits_for_audio=group.get("waitForAudio") is not False,
    )


def _milliseconds(seconds: Any) -> int:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return 0
    if not 0 < seconds <= MAX_S:
        return 0
    return round(seconds * 1000)


def _index(value: object, known: tuple[str, ...]) -> int:
    """As in Anki, what is unknown is the first."""
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if 0 <= value < len(known) else 0
