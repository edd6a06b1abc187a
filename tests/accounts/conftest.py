from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from chalicelib.accounts.users import UserRepository
from tests.accounts.places import InDynamoDB, InSQLite, Place, shared_client
from tests.emulators.moto_server import serialised_moto
from tests.emulators.tables import create_users_table


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    with serialised_moto() as url:
        yield url


@pytest.fixture
def dynamodb_place(endpoint: str) -> InDynamoDB:
    place = InDynamoDB(endpoint, f"users-{uuid4()}")
    create_users_table(shared_client(endpoint), place.table_name)
    return place


@pytest.fixture
def sqlite_place(tmp_path: Path) -> InSQLite:
    return InSQLite(tmp_path / "admin.db")


@pytest.fixture(params=["sqlite_place", "dynamodb_place"])
def place(request: pytest.FixtureRequest) -> Place:
    """An empty place, once of each kind."""
    chosen: Place = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def users(place: Place) -> UserRepository:
    return place.open()
