"""What a card's columns mean at the moment of an answer.

Source: Anki's rslib/src/scheduler/answering/current.rs.
"""

from chalicelib.errors import UnusableFileError
from chalicelib.scheduler.float32 import f32
from chalicelib.scheduler.options import SchedulingOptions
from chalicelib.scheduler.states import (
    CardState,
    CardType,
    Learning,
    New,
    Relearning,
    Review,
    Step,
    StudyState,
)
from chalicelib.scheduler.steps import Steps
from chalicelib.scheduler.timing import Timing

_LEFT_MODULUS = 1000  # old clients wrote the steps left today in the thousands


def current_state(card: CardState, options: SchedulingOptions, timing: Timing) -> StudyState:
    """The state that `card.type` names; the queue, which burying changes too, does not matter.

    Raises UnusableFileError for a type that Anki does not know.
    """
    match card.type:
        case CardType.NEW:
            return New()
        case CardType.LEARNING:
            return Learning(_step(card, options.learn_steps))
        case CardType.REVIEW:
            return _review(card, days_late=max(0, timing.today - card.due))
        case CardType.RELEARNING:
            return Relearning(_step(card, options.relearn_steps), _review(card, days_late=0))
    raise UnusableFileError("A card is of a type that Anki does not know.")


def _step(card: CardState, minutes: tuple[float, ...]) -> Step:
    return Steps.from_minutes(minutes).current(card.left % _LEFT_MODULUS)


def _review(card: CardState, *, days_late: int) -> Review:
    return Review(
        interval=card.interval,
        ease=f32(card.factor / 1000),
        lapses=card.lapses,
        days_late=days_late,
    )
