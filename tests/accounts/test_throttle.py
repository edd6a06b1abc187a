"""How often one may try, wherever the tries are counted."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.accounts.throttle import Limit, Throttle, Ticket
from chalicelib.errors import TooManyRequestsError
from tests.accounts.memory_throttle import MemoryThrottle
from tests.accounts.places import InDynamoDB, InSQLite

NOW_MS = 1_700_000_000_000
MINUTE_MS = 60_000
NAME = Limit("name", 10, 15 * MINUTE_MS, 15 * MINUTE_MS)
ADDRESS = Limit("address", 100, 15 * MINUTE_MS)


@pytest.fixture(params=["memory", "sqlite", "dynamodb"])
def throttle(request: pytest.FixtureRequest) -> Throttle:
    if request.param == "memory":
        return MemoryThrottle()
    place: InSQLite | InDynamoDB = request.getfixturevalue(f"{request.param}_place")
    return place.open_throttle()


def wait_s(throttle: Throttle, limit: Limit, now_ms: int, subject: str = "ana") -> int:
    """How long a try has to wait; 0 when it is let through, and counted."""
    try:
        throttle.admit(limit, subject, now_ms)
    except TooManyRequestsError as error:
        return error.retry_after_s or -1
    return 0


def use_up(throttle: Throttle, limit: Limit, now_ms: int = NOW_MS) -> None:
    for _ in range(limit.free):
        assert wait_s(throttle, limit, now_ms) == 0


def test_after_ten_tries_each_further_one_waits_twice_as_long_up_to_15_minutes(
    throttle: Throttle,
) -> None:
    use_up(throttle, NAME)
    now_ms, waits = NOW_MS, []
    for _ in range(13):
        waits.append(wait_s(throttle, NAME, now_ms))
        assert wait_s(throttle, NAME, now_ms + waits[-1] * 1000 - 1) == 1
        now_ms += waits[-1] * 1000
        assert wait_s(throttle, NAME, now_ms) == 0
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_without_waits_none_is_let_through_until_the_window_is_over(throttle: Throttle) -> None:
    use_up(throttle, ADDRESS)
    assert wait_s(throttle, ADDRESS, NOW_MS) == 900
    assert wait_s(throttle, ADDRESS, NOW_MS + 14 * MINUTE_MS) == 60
    use_up(throttle, ADDRESS, NOW_MS + 15 * MINUTE_MS)
    assert wait_s(throttle, ADDRESS, NOW_MS + 15 * MINUTE_MS) == 900


def test_ten_tries_are_free_again_after_15_quiet_minutes(throttle: Throttle) -> None:
    for _ in range(9):
        assert wait_s(throttle, NAME, NOW_MS) == 0
    use_up(throttle, NAME, NOW_MS + 15 * MINUTE_MS)
    # The wait of a second, and 15 minutes more in which it is remembered.
    assert wait_s(throttle, NAME, NOW_MS + 30 * MINUTE_MS + 999) == 0
    assert wait_s(throttle, NAME, NOW_MS + 30 * MINUTE_MS + 999) == 2
    use_up(throttle, NAME, NOW_MS + 46 * MINUTE_MS)


def test_subjects_and_kinds_have_nothing_to_do_with_each_other(throttle: Throttle) -> None:
    use_up(throttle, NAME)
    assert wait_s(throttle, NAME, NOW_MS) == 1
    for other in ("Ana", "", "\ud800", "nul\0", "x" * 100_000):
        assert wait_s(throttle, NAME, NOW_MS, other) == 0
    assert wait_s(throttle, ADDRESS, NOW_MS) == 0


def test_what_was_taken_back_does_not_count(throttle: Throttle) -> None:
    for _ in range(30):
        throttle.take_back(throttle.admit(NAME, "ana", NOW_MS))
    use_up(throttle, NAME)
    assert wait_s(throttle, NAME, NOW_MS) == 1
    # A right one after the wait leaves the next one as free as itself, and no freer.
    throttle.take_back(throttle.admit(NAME, "ana", NOW_MS + 1000))
    assert wait_s(throttle, NAME, NOW_MS + 1000) == 0
    assert wait_s(throttle, NAME, NOW_MS + 1000) == 2


def test_what_is_taken_back_late_takes_nothing_from_a_later_window(throttle: Throttle) -> None:
    early = throttle.admit(NAME, "ana", NOW_MS)
    use_up(throttle, NAME, NOW_MS + 15 * MINUTE_MS)
    throttle.take_back(early)
    assert wait_s(throttle, NAME, NOW_MS + 15 * MINUTE_MS) == 1


def test_one_that_is_taken_back_ends_no_wait_that_another_began(throttle: Throttle) -> None:
    use_up(throttle, NAME)
    first = throttle.admit(NAME, "ana", NOW_MS + 1000)
    assert wait_s(throttle, NAME, NOW_MS + 3000) == 0  # wrong: the next waits four seconds
    throttle.take_back(first)
    assert wait_s(throttle, NAME, NOW_MS + 3000) == 4


@pytest.mark.parametrize("limit", [NAME, ADDRESS], ids=lambda limit: limit.kind)
def test_of_many_at_once_no_more_than_the_free_ones_get_through(
    throttle: Throttle, limit: Limit
) -> None:
    threads = 16
    start = Barrier(threads)

    def many(_: int) -> int:
        start.wait(60)
        return sum(wait_s(throttle, limit, NOW_MS) == 0 for _ in range(12))

    with ThreadPoolExecutor(threads) as pool:
        assert sum(pool.map(many, range(threads))) == limit.free


def test_of_many_at_once_after_the_wait_one_gets_through(throttle: Throttle) -> None:
    use_up(throttle, NAME)
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda _: wait_s(throttle, NAME, NOW_MS + 1000), range(64)))
    assert sorted(set(waits)) == [0, 2]
    assert waits.count(0) == 1


def test_many_right_ones_at_once_leave_nothing_behind(throttle: Throttle) -> None:
    limit = Limit("name", 50, NAME.window_ms, NAME.longest_wait_ms)

    def right(_: int) -> None:
        throttle.take_back(throttle.admit(limit, "ana", NOW_MS))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(right, range(100)))
    use_up(throttle, limit)
    assert wait_s(throttle, limit, NOW_MS) == 1


TRIES = st.lists(st.tuples(st.integers(0, 20 * MINUTE_MS), st.booleans()), max_size=60)
LIMITS = st.builds(
    Limit, st.just("x"), st.integers(1, 4), st.just(NAME.window_ms), st.sampled_from([0, 900_000])
)


def admitted(limit: Limit, tries: list[tuple[int, bool]], *, right_ones: bool) -> list[bool]:
    """What became of the wrong tries, each so many ms after the one before."""
    throttle, now_ms, outcomes = MemoryThrottle(), NOW_MS, []
    for pause_ms, right in tries:
        now_ms += pause_ms
        if not right:
            outcomes.append(wait_s(throttle, limit, now_ms) == 0)
        elif right_ones:
            ticket = admit_or_none(throttle, limit, now_ms)
            if ticket:
                throttle.take_back(ticket)
    return outcomes


def admit_or_none(throttle: Throttle, limit: Limit, now_ms: int) -> Ticket | None:
    try:
        return throttle.admit(limit, "ana", now_ms)
    except TooManyRequestsError:
        return None


@settings(deadline=None)
@given(LIMITS, TRIES)
def test_right_tries_change_nothing_for_wrong_ones(
    limit: Limit, tries: list[tuple[int, bool]]
) -> None:
    with_them = admitted(limit, tries, right_ones=True)
    assert with_them == admitted(limit, tries, right_ones=False)


@settings(deadline=None)
@given(LIMITS, TRIES)
def test_who_waits_as_long_as_told_is_let_through(
    limit: Limit, tries: list[tuple[int, bool]]
) -> None:
    throttle, now_ms = MemoryThrottle(), NOW_MS
    for pause_ms, _ in tries:
        now_ms += pause_ms // 100
        told_s = wait_s(throttle, limit, now_ms)
        assert told_s <= 900
        if told_s:
            now_ms += told_s * 1000
            assert wait_s(throttle, limit, now_ms) == 0
