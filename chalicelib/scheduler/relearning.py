"""What each answer makes of a lapsed card on its relearning steps.

Source: Anki's rslib/src/scheduler/states/relearning.rs.
"""

from dataclasses import replace

from chalicelib.scheduler.fuzz import DayPicker
from chalicelib.scheduler.options import SchedulingOptions
from chalicelib.scheduler.review import interval_after_lapse
from chalicelib.scheduler.states import AnsweredState, Rating, Relearning, Review, Step
from chalicelib.scheduler.steps import Steps


def answer_relearning(
    card: Relearning, options: SchedulingOptions, picker: DayPicker
) -> dict[Rating, AnsweredState]:
    """Back to review after the last step; Again shortens the interval once more."""
    steps = Steps.from_minutes(options.relearn_steps)
    remaining, review = card.step.remaining, card.review

    def step_or_review(step: Step | None) -> AnsweredState:
        return Relearning(step, review) if step else review

    return {
        Rating.AGAIN: _fail(steps.after_again(), review, options, picker),
        Rating.HARD: step_or_review(steps.after_hard(remaining)),
        Rating.GOOD: step_or_review(steps.after_good(remaining)),
        Rating.EASY: replace(review, interval=review.interval + 1),
    }


def _fail(
    step: Step | None, review: Review, options: SchedulingOptions, picker: DayPicker
) -> AnsweredState:
    """Without steps (they were removed meanwhile) the card returns as it is."""
    if step is None:
        return review
    shortened = interval_after_lapse(review.interval, options, picker)
    return Relearning(step, replace(review, interval=shortened))
