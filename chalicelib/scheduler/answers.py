"""The door of the scheduler: what each of the four answers would make of a card.

Source: Anki's rslib/src/scheduler/answering/ (mod.rs, learning.rs, review.rs, relearning.rs,
revlog.rs).
"""

from dataclasses import dataclass, replace

from chalicelib.scheduler.current import current_state
from chalicelib.scheduler.float32 import f32, round_half_away
from chalicelib.scheduler.fuzz import DayPicker, fuzz_seed, fuzzed_step_s
from chalicelib.scheduler.learning import answer_learning, answer_new
from chalicelib.scheduler.options import SchedulingOptions
from chalicelib.scheduler.relearning import answer_relearning
from chalicelib.scheduler.review import answer_review
from chalicelib.scheduler.states import (
    AnsweredState,
    CardQueue,
    CardState,
    CardType,
    Learning,
    New,
    Rating,
    Relearning,
    Review,
    RevlogType,
    Step,
    StudyState,
)
from chalicelib.scheduler.timing import DAY_S, Timing

__all__ = ["Outcome", "Rating", "capped_ms", "next_state", "next_states"]

_LARGEST_FACTOR = 0xFFFF


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one answer makes of a card, and the revlog row that tells of it.

    `revlog_interval` and `revlog_last_interval` are days when positive, seconds when negative.
    `leech`: this answer made the card a leech (again), so its note is to be tagged. `delay_s` is
    for the button's label.
    """

    card: CardState
    revlog_interval: int
    revlog_last_interval: int
    revlog_factor: int
    revlog_type: int
    leech: bool
    delay_s: int


def next_states(
    card: CardState, options: SchedulingOptions, timing: Timing, *, fuzz: bool = True
) -> dict[Rating, Outcome]:
    """The outcome of each answer at `timing.now_s`.

    With fuzz the days are picked as Anki does without its load balancer: by card id and reps, so
    they stay the same until the card is answered. Raises UnusableFileError for a card whose type
    Anki does not know.
    """
    answers = _answers(card, options, timing, fuzz=fuzz)
    return {rating: _outcome(answer, options) for rating, answer in answers.items()}


def next_state(
    card: CardState,
    options: SchedulingOptions,
    timing: Timing,
    rating: Rating,
    *,
    fuzz: bool = True,
) -> Outcome:
    """One of `next_states`."""
    return _outcome(_answers(card, options, timing, fuzz=fuzz)[rating], options)


def capped_ms(taken_ms: int, options: SchedulingOptions) -> int:
    """Time taken for an answer as the revlog records it."""
    return min(max(0, taken_ms), options.maximum_answer_s * 1000)


@dataclass(frozen=True, slots=True)
class _Answer:
    card: CardState
    current: StudyState
    following: AnsweredState
    timing: Timing
    seed: int | None


def _answers(
    card: CardState, options: SchedulingOptions, timing: Timing, *, fuzz: bool
) -> dict[Rating, _Answer]:
    seed = fuzz_seed(card.card_id, card.reps) if fuzz else None
    current = current_state(card, options, timing)
    following = _following(current, options, DayPicker.seeded(seed, options.maximum_interval))
    return {
        rating: _Answer(card, current, state, timing, seed) for rating, state in following.items()
    }


def _following(
    current: StudyState, options: SchedulingOptions, picker: DayPicker
) -> dict[Rating, AnsweredState]:
    match current:
        case New():
            return answer_new(options, picker)
        case Learning(step):
            return answer_learning(step.remaining, options, picker)
        case Review():
            return answer_review(current, options, picker)
        case Relearning():
            return answer_relearning(current, options, picker)


def _outcome(answer: _Answer, options: SchedulingOptions) -> Outcome:
    interval = _recorded_interval(answer.following, answer.timing)
    review = _review_part(answer.following)
    leech = review is not None and review.leech
    card = _answered_card(answer)
    if leech and options.leech_suspends:
        card = replace(card, queue=CardQueue.SUSPENDED)
    return Outcome(
        card=card,
        revlog_interval=interval,
        revlog_last_interval=_recorded_interval(answer.current, answer.timing),
        revlog_factor=_permille(review.ease) if review else 0,
        revlog_type=_revlog_type(answer.current),
        leech=leech,
        delay_s=interval * DAY_S if interval > 0 else -interval,
    )


def _answered_card(answer: _Answer) -> CardState:
    card = replace(answer.card, reps=answer.card.reps + 1)
    match answer.following:
        case Learning(step):
            return _on_step(replace(card, type=CardType.LEARNING), step, answer)
        case Relearning(step, review):
            lapsed = _with_review(replace(card, type=CardType.RELEARNING), review)
            return _on_step(lapsed, step, answer)
        case Review() as review:
            return replace(
                _with_review(card, review),
                type=CardType.REVIEW,
                queue=CardQueue.REVIEW,
                due=answer.timing.today + review.interval,
                left=0,
            )


def _with_review(card: CardState, review: Review) -> CardState:
    return replace(
        card,
        interval=review.interval,
        factor=min(_permille(review.ease), _LARGEST_FACTOR),
        lapses=review.lapses,
    )


def _on_step(card: CardState, step: Step, answer: _Answer) -> CardState:
    timing = answer.timing
    days = _days_past_cutoff(step.delay_s, timing)
    if days is None:
        queue, due = CardQueue.LEARNING, timing.now_s + fuzzed_step_s(step.delay_s, answer.seed)
    else:
        queue, due = CardQueue.DAY_LEARNING, timing.today + days
    return replace(card, queue=queue, due=due, left=step.remaining)


def _days_past_cutoff(delay_s: int, timing: Timing) -> int | None:
    """Days until a step that reaches the next day or a later one; none if it ends today."""
    past_s = delay_s - (timing.next_cutoff_s - timing.now_s)
    return past_s // DAY_S + 1 if past_s >= 0 else None


def _recorded_interval(state: StudyState, timing: Timing) -> int:
    """A state's delay as the revlog has it: days, or seconds as a negative number."""
    match state:
        case New():
            return 0
        case Review(interval):
            return interval
        case Learning(step) | Relearning(step):
            return _days_past_cutoff(step.delay_s, timing) or -step.delay_s


def _review_part(state: AnsweredState) -> Review | None:
    match state:
        case Review():
            return state
        case Relearning(_, review):
            return review
        case Learning():
            return None


def _revlog_type(state: StudyState) -> RevlogType:
    match state:
        case Review():
            return RevlogType.REVIEW
        case Relearning():
            return RevlogType.RELEARNING
        case _:
            return RevlogType.LEARNING


def _permille(ease: float) -> int:
    return round_half_away(f32(ease * 1000))
