"""Where users are kept in these tests: places that another thread or process can open too."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from chalicelib.accounts.dynamodb import DynamoDBUserRepository
from chalicelib.accounts.dynamodb_throttle import DynamoDBThrottle
from chalicelib.accounts.passwords import PasswordHasher
from chalicelib.accounts.sqlite import SQLiteUserRepository
from chalicelib.accounts.sqlite_throttle import SQLiteThrottle
from chalicelib.accounts.throttle import Throttle
from chalicelib.accounts.users import User, UserRepository
from chalicelib.errors import BadInputError
from tests.emulators.moto_server import dynamodb_client

HASHER = PasswordHasher(rounds=4)


class Place(Protocol):
    def open(self, hasher: PasswordHasher = HASHER) -> UserRepository: ...

    def open_throttle(self) -> Throttle: ...


@dataclass(frozen=True)
class InSQLite:
    path: Path

    def open(self, hasher: PasswordHasher = HASHER) -> UserRepository:
        return SQLiteUserRepository(self.path, hasher)

    def open_throttle(self) -> Throttle:
        return SQLiteThrottle(self.path.with_name("tries.db"))


@dataclass(frozen=True)
class InDynamoDB:
    endpoint_url: str
    table_name: str

    def open(self, hasher: PasswordHasher = HASHER) -> UserRepository:
        return DynamoDBUserRepository(self.table_name, hasher, shared_client(self.endpoint_url))

    def open_throttle(self) -> Throttle:
        return DynamoDBThrottle(self.table_name, lambda: shared_client(self.endpoint_url))


shared_client = cache(dynamodb_client)  # a new one takes a tenth of a second


def user(username: str = "ana", password: str = "correct horse", **values: object) -> User:
    """A user like a freshly registered one, but for the values given."""
    registered: dict[str, object] = {
        "name": "Ana",
        "password_hash": HASHER.hash(password),
        "created_at_ms": 1_700_000_000_123,
        "generation": "g1",
    }
    return User(username=username, **(registered | values))  # type: ignore[arg-type]


def refused_fields(call: Callable[[], object]) -> set[str]:
    """The fields that are reported as bad; none when the input is accepted."""
    try:
        call()
    except BadInputError as error:
        return set(error.fields)
    return set()


def stored(users: UserRepository, username: str = "ana") -> User:
    found = users.get(username)
    assert found is not None
    return found
