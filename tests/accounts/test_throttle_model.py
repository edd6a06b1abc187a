"""Any sequence of tries, right and wrong ones, is counted alike in a dict, SQLite and DynamoDB."""

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from chalicelib.accounts.throttle import Limit, Throttle, Ticket
from chalicelib.errors import TooManyRequestsError
from tests.accounts.memory_throttle import MemoryThrottle
from tests.accounts.places import InDynamoDB, InSQLite, shared_client
from tests.emulators.tables import create_users_table

LIMITS = [Limit("waits", 3, 60_000, 20_000), Limit("ends", 3, 60_000)]
PAUSES_MS = st.sampled_from([0, 1, 999, 1000, 2000, 4000, 20_000, 59_999, 60_000, 80_000])


class Machine(RuleBasedStateMachine):
    endpoint: str

    def __init__(self) -> None:
        super().__init__()
        self.directory = TemporaryDirectory()
        table = f"tries-{uuid4()}"
        create_users_table(shared_client(self.endpoint), table)
        self.throttles: list[Throttle] = [
            MemoryThrottle(),
            InSQLite(Path(self.directory.name) / "admin.db").open_throttle(),
            InDynamoDB(self.endpoint, table).open_throttle(),
        ]
        self.now_ms = 1_700_000_000_000
        self.tickets: list[list[Ticket]] = []

    def teardown(self) -> None:
        self.directory.cleanup()

    @rule(limit=st.sampled_from(LIMITS), pause_ms=PAUSES_MS)
    def admit(self, limit: Limit, pause_ms: int) -> None:
        self.now_ms += pause_ms
        outcomes = [_admitted(throttle, limit, self.now_ms) for throttle in self.throttles]
        tickets = [one for one in outcomes if isinstance(one, Ticket)]
        if tickets:
            assert len({(one.after, one.before) for one in tickets}) == 1
            assert len(tickets) == len(outcomes)
            self.tickets.append(tickets)
        else:
            assert len(set(outcomes)) == 1

    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        if self.tickets:
            chosen = data.draw(st.integers(0, len(self.tickets) - 1))
            for throttle, ticket in zip(self.throttles, self.tickets.pop(chosen), strict=True):
                throttle.take_back(ticket)


def _admitted(throttle: Throttle, limit: Limit, now_ms: int) -> Ticket | int:
    try:
        return throttle.admit(limit, "ana", now_ms)
    except TooManyRequestsError as error:
        return error.retry_after_s


def test_a_dict_sqlite_and_dynamodb_agree(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Machine, "endpoint", endpoint, raising=False)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
