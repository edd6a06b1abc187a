"""The alarms ring when they should, and let people sleep when they should."""

import pytest

from tests.infra.alarm_evaluator import Measured, ringing, rings
from tests.infra.watch_template import WatchStack

ALARMS = WatchStack().alarms
MINUTE_S, HOUR_S = 60, 3600
NIGHT_S = 12 * HOUR_S


class Stage:
    """What is measured of a stage in which, without more, everything is well."""

    def __init__(self, until_s: int = 4 * HOUR_S, *, sweeps: bool = True) -> None:
        self.measured = Measured(until_s)
        if sweeps:
            for at_s in range(0, until_s, HOUR_S):
                self.own("Unfolded", 0, at_s + 61)
        for at_s in range(0, until_s, 5 * MINUTE_S):
            for _ in range(3):
                self.function("", at_s, duration_ms=300)

    def own(self, name: str, value: float, at_s: float) -> None:
        self.measured.add(at_s, "Javumbo", name, value, Stage="prod")

    def function(
        self, suffix: str, at_s: float, *, duration_ms: float, failed: bool = False
    ) -> None:
        for name, value in (("Duration", duration_ms), ("Errors", failed), ("Throttles", 0)):
            name_of = f"javumbo-prod{suffix}"
            self.measured.add(at_s, "AWS/Lambda", name, value, FunctionName=name_of)

    def request(self, at_s: float, latency_ms: float = 120, *, failed: bool = False) -> None:
        for name, value in (
            ("Count", 1),
            ("Latency", latency_ms),
            ("4XXError", 0),
            ("5XXError", failed),
        ):
            self.measured.add(at_s, "AWS/ApiGateway", name, value, ApiName="javumbo-prod")
        self.function("", at_s, duration_ms=latency_ms)

    def requests(
        self, number: int, from_s: float, lasting_s: float, latency_ms: float = 120, failed: int = 0
    ) -> None:
        """So many, evenly; the first of them fail."""
        for one in range(number):
            at_s = from_s + one * lasting_s / number
            self.request(at_s, latency_ms, failed=one < failed)

    def dynamodb(self, name: str, value: float, at_s: float, table: str, operation: str) -> None:
        self.measured.add(at_s, "AWS/DynamoDB", name, value, TableName=table, Operation=operation)

    def ringing(self) -> set[str]:
        return ringing(ALARMS, self.measured)


def test_a_quiet_night_with_a_single_cold_start_does_not_ring() -> None:
    stage = Stage(NIGHT_S)
    stage.request(3 * HOUR_S + 7, latency_ms=2900)
    assert stage.ringing() == set()


def test_a_night_on_which_somebody_comes_back_after_each_cold_hour_does_not_ring() -> None:
    stage = Stage(NIGHT_S)
    for hour in range(12):
        stage.request(hour * HOUR_S, latency_ms=2500)
        stage.requests(15, hour * HOUR_S + 5, 10 * MINUTE_S)
    assert stage.ringing() == set()


def test_nobody_at_all_does_not_ring() -> None:
    assert Stage(NIGHT_S).ringing() == set()


def test_a_busy_day_with_a_few_slow_requests_does_not_ring() -> None:
    stage = Stage()
    stage.requests(4000, 0, 4 * HOUR_S)
    stage.requests(40, 0, 4 * HOUR_S, latency_ms=4000)
    assert stage.ringing() == set()


def test_more_than_five_errors_of_our_own_in_five_minutes_ring() -> None:
    stage = Stage()
    for second in range(6):
        stage.own("Errors", 1, 600 + second)
    assert stage.ringing() == {"errors"}


def test_five_errors_do_not() -> None:
    stage = Stage()
    for second in range(5):
        stage.own("Errors", 1, 600 + second)
    stage.requests(5, 600, 60, failed=5)
    assert stage.ringing() == set()


def test_failures_that_only_the_gateway_sees_ring() -> None:
    stage = Stage()
    stage.requests(200, 600, 200, failed=6)
    assert stage.ringing() == {"gateway-errors"}


def test_a_rate_over_five_percent_rings_where_there_are_requests_enough() -> None:
    few, many = Stage(), Stage()
    few.requests(19, 900, 800, failed=2)
    many.requests(30, 900, 800, failed=2)
    assert (few.ringing(), many.ringing()) == (set(), {"error-rate"})


def test_five_percent_exactly_do_not() -> None:
    stage = Stage()
    stage.requests(100, 900, 800, failed=5)
    assert stage.ringing() == set()


def test_a_mean_over_three_seconds_rings_the_second_time() -> None:
    once, twice = Stage(), Stage()
    once.requests(3, 600, 290, latency_ms=3500)
    twice.requests(6, 600, 590, latency_ms=3500)
    assert (once.ringing(), twice.ringing()) == (set(), {"slow"})
    assert rings(ALARMS["slow"], twice.measured)[0] == 1200


def test_two_slow_answers_of_a_quiet_night_an_hour_apart_do_not_ring() -> None:
    stage = Stage(NIGHT_S)
    for hour in (2, 3):
        stage.request(hour * HOUR_S, latency_ms=9000)
    assert stage.ringing() == set()


def test_a_mean_of_nearly_three_seconds_does_not_ring() -> None:
    stage = Stage()
    stage.requests(12, 600, 1200, latency_ms=2900)
    assert stage.ringing() == set()


def test_the_warming_does_not_hide_a_slow_service() -> None:
    stage = Stage(2 * HOUR_S)
    for at_s in range(0, 2 * HOUR_S, 5 * MINUTE_S):
        stage.request(at_s + 30, latency_ms=5000)
    assert stage.ringing() == {"slow"}


def test_every_twentieth_over_half_a_second_rings_after_three_quarters_of_an_hour() -> None:
    stage = Stage()
    stage.requests(90, 0, 45 * MINUTE_S)
    stage.requests(9, 0, 45 * MINUTE_S, latency_ms=900)
    assert stage.ringing() == {"slow-for-some"}
    assert rings(ALARMS["slow-for-some"], stage.measured)[0] == 45 * MINUTE_S


@pytest.mark.parametrize(("requests", "minutes"), [(57, 45), (60, 30)])
def test_few_requests_or_half_an_hour_do_not(requests: int, minutes: int) -> None:
    stage = Stage()
    stage.requests(requests, 0, minutes * MINUTE_S, latency_ms=900)
    assert stage.ringing() == set()


def test_throttles_ring_at_once() -> None:
    stage = Stage()
    stage.measured.add(700, "AWS/Lambda", "Throttles", 1, FunctionName="javumbo-prod")
    assert stage.ringing() == {"throttles"}


def test_a_backlog_rings_when_two_sweeps_could_not_fold_it() -> None:
    passing, lasting = Stage(sweeps=False), Stage(sweeps=False)
    for hour, (left, still_left) in enumerate([(0, 0), (2, 2), (0, 1), (0, 0)]):
        passing.own("Unfolded", left, hour * HOUR_S + 61)
        lasting.own("Unfolded", still_left, hour * HOUR_S + 61)
    assert (passing.ringing(), lasting.ringing()) == (set(), {"unfolded"})


def test_a_sweep_that_does_not_run_any_more_rings_and_one_missed_does_not() -> None:
    silent, missed = Stage(8 * HOUR_S, sweeps=False), Stage(8 * HOUR_S, sweeps=False)
    for hour in range(8):
        if hour < 3:
            silent.own("Unfolded", 0, hour * HOUR_S + 61)
        if hour not in {3, 4}:
            missed.own("Unfolded", 0, hour * HOUR_S + 61)
    assert (silent.ringing(), missed.ringing()) == ({"unfolded"}, set())
    assert rings(ALARMS["unfolded"], silent.measured)[0] == 7 * HOUR_S


def test_a_new_stage_rings_until_its_first_sweep() -> None:
    stage = Stage(sweeps=False)
    stage.own("Unfolded", 0, HOUR_S + 61)
    assert rings(ALARMS["unfolded"], stage.measured) == [HOUR_S]


def test_an_upkeep_that_fails_rings() -> None:
    well, ill = Stage(), Stage()
    well.function("-upkeep", 900, duration_ms=5000)
    ill.function("-upkeep", 900, duration_ms=5000, failed=True)
    assert (well.ringing(), ill.ringing()) == (set(), {"upkeep"})


def test_calls_of_the_stores_that_fail_ring() -> None:
    stage = Stage()
    stage.own("StoreErrors", 6, 600)
    assert stage.ringing() == {"store-errors"}


@pytest.mark.parametrize(
    ("metric", "alarm"),
    [("SystemErrors", "dynamodb-errors"), ("ThrottledRequests", "dynamodb-throttles")],
)
def test_what_dynamodb_fails_or_refuses_rings_whatever_the_operation(
    metric: str, alarm: str
) -> None:
    ours, others = Stage(), Stage()
    for number in range(3):
        ours.dynamodb(metric, 1, 600 + number, "javumbo-users-prod", "GetItem")
        ours.dynamodb(metric, 1, 600 + number, "javumbo-commits-prod", f"Operation{number}")
        others.dynamodb(metric, 9, 600 + number, "javumbo-commits-staging", "PutItem")
    assert (ours.ringing(), others.ringing()) == ({alarm}, set())


def test_these_are_all_alarms() -> None:
    tried = {"errors", "gateway-errors", "error-rate", "slow", "slow-for-some", "throttles"}
    tried |= {"unfolded", "upkeep", "store-errors", "dynamodb-errors", "dynamodb-throttles"}
    assert set(ALARMS) == tried
