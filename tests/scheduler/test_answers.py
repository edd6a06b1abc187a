from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import UnusableFileError
from chalicelib.scheduler.answers import Rating, capped_ms, next_states
from chalicelib.scheduler.options import SchedulingOptions
from chalicelib.scheduler.states import CardQueue, CardState, CardType, RevlogType
from chalicelib.scheduler.timing import DAY_S, Timing
from tests.scheduler import strategies as some

ON_STEPS = (CardType.LEARNING, CardType.RELEARNING)


@given(some.cards, some.options, some.timings, st.booleans())
def test_any_card_can_be_answered_and_lands_in_a_queue_of_its_type(
    card: CardState, options: SchedulingOptions, timing: Timing, fuzz: bool
) -> None:
    outcomes = next_states(card, options, timing, fuzz=fuzz)
    assert list(outcomes) == list(Rating)
    for outcome in outcomes.values():
        after = outcome.card
        assert after.card_id == card.card_id
        assert after.reps == card.reps + 1
        if outcome.leech and options.leech_suspends:
            assert after.queue == CardQueue.SUSPENDED
        elif after.type in ON_STEPS:
            assert after.queue in (CardQueue.LEARNING, CardQueue.DAY_LEARNING)
        else:
            assert (after.type, after.queue) == (CardType.REVIEW, CardQueue.REVIEW)


@given(some.cards, some.options, some.timings, st.booleans())
def test_the_card_comes_back_when_the_button_says(
    card: CardState, options: SchedulingOptions, timing: Timing, fuzz: bool
) -> None:
    options = replace(options, leech_suspends=False)
    for outcome in next_states(card, options, timing, fuzz=fuzz).values():
        after = outcome.card
        if after.queue == CardQueue.LEARNING:
            assert 0 <= after.due - timing.now_s - outcome.delay_s <= (300 if fuzz else 0)
        else:
            assert (after.due - timing.today) * DAY_S == outcome.delay_s


@given(
    some.cards, some.options, some.timings, st.integers(0, 10**6), st.sampled_from(list(CardQueue))
)
def test_the_buttons_stay_the_same_until_the_card_is_answered(
    card: CardState, options: SchedulingOptions, timing: Timing, later_s: int, queue: CardQueue
) -> None:
    """Waiting within the day, or being suspended or buried meanwhile, changes no interval."""
    options = replace(options, learn_steps=(), relearn_steps=())
    later_s = min(later_s, timing.next_cutoff_s - timing.now_s - 1)
    later = Timing(timing.now_s + later_s, timing.today, timing.next_cutoff_s)
    afterwards = next_states(replace(card, queue=queue), options, later)
    assert afterwards == next_states(card, options, timing)


@given(some.cards, some.options, some.timings, st.booleans())
def test_a_better_rating_of_a_review_gives_a_longer_interval_up_to_the_maximum(
    card: CardState, options: SchedulingOptions, timing: Timing, fuzz: bool
) -> None:
    card = replace(card, type=CardType.REVIEW)
    outcomes = next_states(card, options, timing, fuzz=fuzz)
    days = [outcomes[rating].revlog_interval for rating in (Rating.HARD, Rating.GOOD, Rating.EASY)]
    for shorter, longer in pairwise(days):
        assert shorter < longer or longer >= options.maximum_interval or options.hard_factor <= 1
    if card.interval < options.maximum_interval:
        assert days[1] > card.interval


@given(some.cards, some.options, some.timings)
def test_ease_stays_above_its_floor_and_only_reviews_change_it(
    card: CardState, options: SchedulingOptions, timing: Timing
) -> None:
    outcomes = next_states(replace(card, type=CardType.REVIEW), options, timing)
    factors = {rating: outcome.card.factor for rating, outcome in outcomes.items()}
    assert factors[Rating.AGAIN] == max(1300, card.factor - 200)
    assert factors[Rating.HARD] == max(1300, card.factor - 150)
    assert factors[Rating.GOOD] == card.factor
    assert factors[Rating.EASY] == min(card.factor + 150, 65_535)
    relearning = next_states(replace(card, type=CardType.RELEARNING), options, timing)
    assert {outcome.card.factor for outcome in relearning.values()} == {card.factor}


@given(some.cards, some.options, some.timings)
def test_the_revlog_tells_the_kind_of_card_that_was_answered(
    card: CardState, options: SchedulingOptions, timing: Timing
) -> None:
    kinds = {
        CardType.NEW: RevlogType.LEARNING,
        CardType.LEARNING: RevlogType.LEARNING,
        CardType.REVIEW: RevlogType.REVIEW,
        CardType.RELEARNING: RevlogType.RELEARNING,
    }
    outcomes = next_states(card, options, timing)
    assert {outcome.revlog_type for outcome in outcomes.values()} == {kinds[CardType(card.type)]}


@given(st.integers(1, 60), st.integers(1, 120))
def test_a_leech_is_reported_at_the_threshold_and_every_half_of_it_after(
    threshold: int, failures: int
) -> None:
    options = SchedulingOptions(leech_threshold=threshold, relearn_steps=())
    card = review_card()
    reported = []
    for _ in range(failures):
        outcome = next_states(card, options, NOON)[Rating.AGAIN]
        card = outcome.card
        if outcome.leech:
            reported.append(card.lapses)
    half = -(-threshold // 2)
    assert reported == list(range(threshold, failures + 1, half))


@pytest.mark.parametrize("kind", [-1, 4])
def test_a_card_of_an_unknown_type_is_refused(kind: int) -> None:
    with pytest.raises(UnusableFileError):
        next_states(replace(review_card(), type=kind), SchedulingOptions(), NOON)


def test_steps_left_today_of_old_clients_do_not_count() -> None:
    learning = replace(review_card(), type=CardType.LEARNING, left=2)
    old = replace(learning, left=1_002)
    assert next_states(old, SchedulingOptions(), NOON) == next_states(
        learning, SchedulingOptions(), NOON
    )


@given(st.integers(-10, 10**9), st.integers(1, 9999))
def test_time_taken_is_capped_by_the_options(taken_ms: int, maximum_s: int) -> None:
    capped = capped_ms(taken_ms, SchedulingOptions(maximum_answer_s=maximum_s))
    assert capped == sorted([0, taken_ms, maximum_s * 1000])[1]


NOON = Timing(now_s=1_700_000_000, today=100, next_cutoff_s=1_700_000_000 + DAY_S // 2)


def review_card() -> CardState:
    return CardState(
        card_id=1,
        type=CardType.REVIEW,
        queue=CardQueue.REVIEW,
        due=100,
        interval=10,
        factor=2500,
        reps=3,
        lapses=0,
        left=0,
    )
