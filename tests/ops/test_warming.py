"""Warming reaches several environments at once, and says what happened."""

from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from chalicelib.account_services import build_account_services
from chalicelib.errors import StorageUnavailableError
from chalicelib.ops.invoking import Event
from chalicelib.ops.private_events import KEY
from chalicelib.ops.warming import warm_functions
from chalicelib.ops.warming_authorizer import (
    ENVIRONMENT,
    HOLD_MS,
    WARMING_QUESTION,
    warm_authorizer,
)
from chalicelib.settings import load_settings
from tests.ops.invokers import MemoryInvoker

PATIENCE_S = 30


class Environments:
    """A function of which each environment is busy until three are: as Lambda does it."""

    def __init__(self, busy: int = 3) -> None:
        self._all_busy = Barrier(busy)
        self.events: list[Event] = []

    def __call__(self, event: Event) -> dict[str, Any]:
        self.events.append(event)
        report = {"environment": f"environment {self._all_busy.wait(PATIENCE_S)}"}
        return report if KEY in event else {"policyDocument": {}, "context": report}

    @property
    def orders(self) -> list[Any]:
        return [event[KEY] for event in self.events]


def fails(_: Event) -> Any:
    raise StorageUnavailableError


def warm(**functions: Any) -> tuple[dict[str, Any], MemoryInvoker]:
    invoker = MemoryInvoker(functions)
    report = warm_functions(invoker, api_handler="api", authorizer="auth", hold_ms=5)
    return report, invoker


def test_three_environments_of_both_are_reached_at_once() -> None:
    api, auth = Environments(), Environments()
    report, _ = warm(api=api, auth=auth)
    assert (report["environments"], report["authorizers"], report["failed"]) == (3, 3, 0)
    assert auth.events == [WARMING_QUESTION] * 3
    assert [order["hold_ms"] for order in api.orders] == [5, 5, 5]


def test_one_environment_goes_on_with_imports() -> None:
    api = Environments()
    warm(api=api, auth=Environments())
    assert sorted(order["resume"] for order in api.orders) == [False, False, True]


def test_what_fails_is_counted_and_the_others_are_warmed() -> None:
    report, _ = warm(api=Environments(), auth=fails)
    assert (report["environments"], report["authorizers"], report["failed"]) == (3, 0, 3)
    report, _ = warm(api=fails, auth=Environments())
    assert (report["environments"], report["authorizers"], report["failed"]) == (0, 3, 3)


def test_when_nothing_can_be_warmed_the_function_fails() -> None:
    with pytest.raises(StorageUnavailableError):
        warm(api=fails, auth=fails)


def test_an_authorizer_that_is_warmed_is_held_for_a_moment(tmp_path: Path) -> None:
    services = build_account_services(load_settings({"JAVUMBO_DATA": str(tmp_path)}))
    held: list[float] = []
    assert warm_authorizer(services, held.append) == {"environment": ENVIRONMENT}
    assert len(held) == 1
    assert 0 < held[0] <= HOLD_MS / 1000
