"""What each answer makes of a new or learning card.

Source: Anki's rslib/src/scheduler/states/learning.rs and new.rs.
"""

from chalicelib.scheduler.float32 import f32
from chalicelib.scheduler.fuzz import DayPicker
from chalicelib.scheduler.options import SchedulingOptions
from chalicelib.scheduler.states import AnsweredState, Learning, Rating, Review, Step
from chalicelib.scheduler.steps import Steps


def answer_new(options: SchedulingOptions, picker: DayPicker) -> dict[Rating, AnsweredState]:
    """As a learning card with all its steps before it."""
    return answer_learning(len(options.learn_steps), options, picker)


def answer_learning(
    remaining: int, options: SchedulingOptions, picker: DayPicker
) -> dict[Rating, AnsweredState]:
    """Through the steps by Again, Hard and Good; Easy leaves them at once."""
    steps = Steps.from_minutes(options.learn_steps)

    def step_or_graduate(step: Step | None) -> AnsweredState:
        return Learning(step) if step else graduate(options.graduating_interval)

    def graduate(days: int) -> Review:
        ease = f32(options.initial_factor / 1000)
        return Review(interval=picker.pick(days, 1), ease=ease)

    return {
        Rating.AGAIN: step_or_graduate(steps.after_again()),
        Rating.HARD: step_or_graduate(steps.after_hard(remaining)),
        Rating.GOOD: step_or_graduate(steps.after_good(remaining)),
        Rating.EASY: graduate(options.easy_interval),
    }
