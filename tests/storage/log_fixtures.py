"""Fixtures: commit logs of every kind, empty."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest

from chalicelib.storage.dynamodb_log import DynamoDBCommitLog
from chalicelib.storage.ports import RING_SLOTS, CommitLog
from chalicelib.storage.sqlite_log import SQLiteCommitLog
from tests.emulators.dynalite import dynalite
from tests.emulators.moto_server import dynamodb_client
from tests.emulators.tables import create_commits_table
from tests.storage.memory_log import MemoryCommitLog

MakeLog = Callable[[int], CommitLog]

shared_client = cache(dynamodb_client)  # a new one takes a tenth of a second


@pytest.fixture(scope="session")
def dynalite_endpoint() -> Iterator[str]:
    with dynalite() as url:
        yield url


@pytest.fixture(params=["memory", "sqlite", "moto", "dynalite"])
def make_log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeLog]:
    """Makes empty logs of one kind with the given number of slots."""
    with ExitStack() as stack:
        match request.param:
            case "memory":
                yield MemoryCommitLog
            case "sqlite":
                yield lambda slots: stack.enter_context(
                    closing(SQLiteCommitLog(tmp_path / f"{uuid4()}.db", slots=slots))
                )
            case "moto":
                yield in_dynamodb(request.getfixturevalue("s3_endpoint"))
            case "dynalite":
                yield in_dynamodb(request.getfixturevalue("dynalite_endpoint"))


@pytest.fixture
def any_log(make_log: MakeLog) -> CommitLog:
    """An empty log with as many slots as in production, of each kind in turn."""
    return make_log(RING_SLOTS)


def in_dynamodb(endpoint_url: str) -> MakeLog:
    """Makes logs in new tables of the emulator at this address."""

    def make(slots: int) -> DynamoDBCommitLog:
        name, client = f"commits-{uuid4()}", shared_client(endpoint_url)
        create_commits_table(client, name)
        return DynamoDBCommitLog(name, client, slots=slots)

    return make
