"""What each answer makes of a review card.

Source: Anki's rslib/src/scheduler/states/review.rs.
"""

from dataclasses import replace

from chalicelib.scheduler.float32 import f32, product
from chalicelib.scheduler.fuzz import DayPicker
from chalicelib.scheduler.options import SchedulingOptions
from chalicelib.scheduler.states import AnsweredState, Rating, Relearning, Review
from chalicelib.scheduler.steps import Steps

_MINIMUM_EASE = f32(1.3)
_EASE_AFTER_AGAIN = f32(-0.2)
_EASE_AFTER_HARD = f32(-0.15)
_EASE_AFTER_EASY = f32(0.15)


def answer_review(
    card: Review, options: SchedulingOptions, picker: DayPicker
) -> dict[Rating, AnsweredState]:
    """A lapse by Again; longer intervals by the others."""
    hard, good, easy = _passing_intervals(card, options, picker)
    passed = replace(card, days_late=0)
    return {
        Rating.AGAIN: _lapse(card, options, picker),
        Rating.HARD: replace(passed, interval=hard, ease=_eased(card, _EASE_AFTER_HARD)),
        Rating.GOOD: replace(passed, interval=good),
        Rating.EASY: replace(passed, interval=easy, ease=f32(card.ease + _EASE_AFTER_EASY)),
    }


def interval_after_lapse(interval: int, options: SchedulingOptions, picker: DayPicker) -> int:
    """Days that are left of an interval when a card is failed."""
    return picker.pick(product(interval, options.lapse_multiplier), options.minimum_interval)


def is_leech(lapses: int, threshold: int) -> bool:
    """Whether the last of these lapses makes a leech.

    One at the threshold does, and then every one a half of it (rounded up) later.
    """
    half = max(1, (threshold + 1) // 2)
    return lapses >= threshold and (lapses - threshold) % half == 0


def _lapse(card: Review, options: SchedulingOptions, picker: DayPicker) -> AnsweredState:
    lapses = card.lapses + 1
    lapsed = Review(
        interval=interval_after_lapse(card.interval, options, picker),
        ease=_eased(card, _EASE_AFTER_AGAIN),
        lapses=lapses,
        leech=is_leech(lapses, options.leech_threshold),
    )
    step = Steps.from_minutes(options.relearn_steps).after_again()
    return Relearning(step, lapsed) if step else lapsed


def _eased(card: Review, change: float) -> float:
    return max(_MINIMUM_EASE, f32(card.ease + change))


def _passing_intervals(
    card: Review, options: SchedulingOptions, picker: DayPicker
) -> tuple[int, int, int]:
    """Days after Hard, Good and Easy; each is at least a day more than the one before it."""
    days = f32(max(card.interval, 1))
    late = f32(card.days_late)
    hard_grows = f32(options.hard_factor) > 1

    def pick(computed: float, minimum: int) -> int:
        return picker.pick(product(computed, options.interval_factor), minimum)

    hard = pick(product(days, options.hard_factor), card.interval + 1 if hard_grows else 0)
    good_minimum = hard + 1 if hard_grows else card.interval + 1
    good = pick(product(f32(days + f32(late / 2)), card.ease), good_minimum)
    easy = pick(product(f32(days + late), card.ease, options.easy_bonus), good + 1)
    return hard, good, easy
