"""The simulation of environments does what is said of them."""

import pytest

from benchmarks import warming
from benchmarks.environments import Environments, Lifetimes
from benchmarks.traffic import ANSWERS, BY_HOUR, DAY_S, DAYS, requests_of_a_month
from javumbo.cost import mix

LONG = Lifetimes(idle_s=(600, 600), whole_s=(7_200, 7_200))


def environments(lifetimes: Lifetimes = LONG) -> Environments:
    return Environments(lifetimes, seed=1)


def test_an_environment_serves_one_request_at_a_time() -> None:
    some = environments()
    assert [some.ask(0, 10, 1) for _ in range(3)] == [True] * 3
    assert [some.ask(12, 10, 1) for _ in range(4)] == [False] * 3 + [True]


def test_an_environment_is_gone_when_nobody_asked_for_its_time() -> None:
    some = environments()
    assert some.ask(0, 0, 0)
    assert not some.ask(599, 0, 0)
    assert not some.ask(1_198, 0, 0)
    assert some.ask(1_799, 0, 0)


def test_an_environment_is_gone_after_its_whole_time_however_busy() -> None:
    some = environments()
    started = [at_s for at_s in range(0, 15_000, 300) if some.ask(at_s, 0, 0)]
    assert started == [0, 7_200, 14_400]


def test_warming_holds_environments_apart() -> None:
    some = environments()
    some.warm(0, 3, hold_s=0.3)
    assert [some.ask(10, 1, 1) for _ in range(4)] == [False] * 3 + [True]


def test_a_month_has_the_mix_s_requests_in_order_and_is_the_same_for_the_same_seed() -> None:
    asked = list(requests_of_a_month(40, seed=1))
    assert asked == list(requests_of_a_month(40, seed=1))
    assert asked != list(requests_of_a_month(40, seed=2))
    times = [one.at_s for one in asked]
    assert times == sorted(times)
    assert times[-1] < DAYS * DAY_S + 3600
    assert len(asked) == pytest.approx(40 * mix.REQUESTS, rel=0.1)
    assert mix.OF_100_USERS["answer"] == ANSWERS * mix.SESSIONS * 100


def test_people_come_by_the_hours_of_the_day() -> None:
    asked = requests_of_a_month(200, seed=1)
    hours = [0] * 24
    for one in asked:
        hours[int(one.at_s % DAY_S // 3600)] += 1
    night, evening = sum(hours[1:4]), sum(hours[19:22])
    wanted = sum(BY_HOUR[1:4]) / sum(BY_HOUR[19:22])
    assert night / evening == pytest.approx(wanted, rel=0.5)


def test_warming_takes_away_most_of_the_waiting_and_nothing_of_the_work() -> None:
    asked = list(requests_of_a_month(20, seed=1))
    without, with_it = (warming._simulated(iter(asked), warmed, 1) for warmed in ((0, 0), (3, 3)))
    assert without.requests == with_it.requests == len(asked)
    assert with_it.waited < without.waited * 0.2
    assert max(without.cold_handlers, without.cold_authorizers) <= without.waited
    assert without.waited <= without.cold_handlers + without.cold_authorizers


def test_the_authorizer_is_asked_once_a_minute_and_for_each_of_those_that_come_at_once() -> None:
    (first, *_) = requests_of_a_month(1, seed=1)

    def authorizations(*seconds: float) -> int:
        asked = [first._replace(at_s=first.at_s + after) for after in seconds]
        return warming._simulated(iter(asked), (0, 0), 1).authorizations

    assert authorizations(0, 0, 0) == 3
    assert authorizations(0, 2, 30, 60) == 1
    assert authorizations(0, 30, 65) == 2
    assert authorizations(0, 0, 30, 65) == 3
