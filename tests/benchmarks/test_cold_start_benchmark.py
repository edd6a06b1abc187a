"""The models of a cold start and of a login do what is said of them."""

from dataclasses import replace

import pytest

from benchmarks import cold_start, login
from benchmarks.model import CONSERVATIVE, FAST, INSTANT
from javumbo.cost.measured import Latency, Operation, Spread
from javumbo.cost.plan import FULL_CORE_MB

AUTHORIZER = cold_start.Environment(
    "jwt_auth", 40, 300, {"ssm GetParameter": 1, "dynamodb GetItem": 2}
)
HANDLER = cold_start.Environment("app", 40, 500, {"dynamodb Query": 1, "s3 PutObject": 1})
CHOSEN = cold_start.ColdStart(FULL_CORE_MB, "conservative", 1_999, 900, 199)


def modelled(memory_mb: int) -> cold_start.ColdStart:
    return cold_start._modelled([AUTHORIZER, HANDLER], 8, memory_mb, CONSERVATIVE)


def test_both_functions_start_one_after_the_other_with_their_requests_and_connections() -> None:
    one = modelled(FULL_CORE_MB)
    authorizer = 250 + 340 + (30 + 8 + 8) + 2 * 15
    handler = 250 + 540 + (8 + 60) + 2 * 15
    assert one.handler_ms == handler
    assert one.both_ms == authorizer + handler
    assert one.warm_ms == 8 + 2 * 8 + 10


def test_half_the_memory_is_half_the_core_and_more_than_a_core_helps_nothing() -> None:
    whole, half = modelled(FULL_CORE_MB), modelled(FULL_CORE_MB // 2)
    assert half.both_ms - whole.both_ms == pytest.approx(340 + 540, rel=0.01)
    assert replace(modelled(3008), memory_mb=FULL_CORE_MB) == whole


def test_the_fast_model_is_faster() -> None:
    fast = cold_start._modelled([AUTHORIZER, HANDLER], 8, 1024, FAST)
    assert fast.both_ms < modelled(1024).both_ms
    assert fast.warm_ms < modelled(1024).warm_ms


@pytest.mark.parametrize(("changes", "broken"), [({"both_ms": 2_000}, 0), ({"warm_ms": 200}, 1)])
def test_promises_that_are_not_kept_are_told(changes: dict[str, float], broken: int) -> None:
    assert all(bar.kept for bar in cold_start.bars(CHOSEN))
    kept = [bar.kept for bar in cold_start.bars(replace(CHOSEN, **changes))]  # type: ignore[arg-type]
    assert kept == [number != broken for number in range(2)]


def choice(rounds: int, memory_mb: int, slower_ms: float) -> login.Choice:
    return login.Choice(rounds, memory_mb, slower_ms / 2, slower_ms, 1)


def test_the_highest_cost_that_fits_is_chosen_with_the_least_memory_for_it() -> None:
    choices = [
        choice(10, 512, 301),
        choice(10, 1024, 250),
        choice(11, 1769, 300),
        choice(11, 3008, 299),
        choice(12, 3008, 301),
    ]
    chosen = login.choose(choices)
    assert (chosen.rounds, chosen.memory_mb) == (11, 1769)
    with pytest.raises(ValueError, match="empty"):
        login.choose([choice(10, 512, 301)])


def test_a_login_computes_at_its_share_of_a_core_and_waits_in_any_case() -> None:
    measured = Operation("login", Spread(80), {"dynamodb GetItem": 2, "s3 GetObject": 1}, 0, 0, 0)
    times = Latency("slow", 30, 60, 8, 10)
    bcrypt_ms = {10: 70.0, 12: 280.0}
    one = login._choice(12, FULL_CORE_MB, measured, times, bcrypt_ms)
    assert one.ms == 80 - 70 + 280 + 46
    assert one.slower_ms == 1.5 * (80 - 70 + 280) + 46
    half = login._choice(10, 1024, measured, times, bcrypt_ms)
    assert half.ms == pytest.approx(80 * 1769 / 1024 + 46, abs=0.01)
    # A gigabyte, so many seconds, $13.3334 for a million.
    assert half.dollars_per_million == pytest.approx(half.ms / 1000 * 13.3334, abs=0.001)


def test_times_of_requests_are_those_of_the_model() -> None:
    assert cold_start._request_ms("dynamodb UpdateItem", CONSERVATIVE) == 10
    assert cold_start._request_ms("s3 HeadObject", CONSERVATIVE) == 30
    assert cold_start._request_ms("s3 ListObjectsV2", INSTANT) == 0
