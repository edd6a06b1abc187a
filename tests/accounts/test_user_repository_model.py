"""Any sequence of calls leaves SQLite, DynamoDB and a plain dict with the same users."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from chalicelib.accounts.users import User, UserChanges, UserRepository
from chalicelib.errors import JavumboError, NotFoundError, UsernameTakenError
from tests.accounts.places import InDynamoDB, InSQLite, shared_client
from tests.emulators.tables import create_users_table

USERNAMES = st.sampled_from(["ana", "Ana", "bob", "bo.b"])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
GENERATIONS = st.sampled_from(["", "g1", "g2"])
VERSIONS = st.integers(1, 2**53)
OFFSETS = st.none() | st.integers(-840, 840)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXT,
        "password_hash": TEXT,
        "token_version": VERSIONS,
        "ready": st.booleans(),
        "utc_offset_minutes": OFFSETS,
        "language": st.none() | TEXT,
        "ending": st.booleans(),
    },
)
USERS = st.builds(
    User,
    username=USERNAMES,
    name=TEXT,
    password_hash=TEXT,
    created_at_ms=st.integers(0, 2**53),
    generation=GENERATIONS,
    token_version=VERSIONS,
    ready=st.booleans(),
    utc_offset_minutes=OFFSETS,
    language=st.none() | TEXT,
    ending=st.booleans(),
)


class Model:
    """What the port promises, with nothing behind it but a dict."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}

    def create(self, user: User) -> None:
        key = user.username.lower()
        if key in self.users:
            raise UsernameTakenError
        self.users[key] = replace(user, username=key)

    def update(self, username: str, changes: UserChanges) -> User:
        key = username.lower()
        if key not in self.users:
            raise NotFoundError
        self.users[key] = replace(self.users[key], **changes)
        return self.users[key]

    def delete(self, username: str, generation: str | None) -> None:
        user = self.users.get(username.lower())
        if user and generation in (None, user.generation):
            del self.users[user.username]

    def change_password(self, username: str, seen: User | None, fresh: str) -> User | None:
        user = self.users.get(username.lower())
        if not user or not seen or user.generation != seen.generation:
            return None
        if user.password_hash == seen.password_hash:
            self.users[user.username] = replace(
                user, password_hash=fresh, token_version=user.token_version + 1
            )
        elif user.password_hash != fresh:
            return None
        return self.users[user.username]

    def revoke_tokens(self, username: str, generation: str) -> User:
        user = self.users.get(username.lower())
        if not user or user.generation != generation:
            raise NotFoundError
        self.users[user.username] = replace(user, token_version=user.token_version + 1)
        return self.users[user.username]


class Machine(RuleBasedStateMachine):
    endpoint: str

    def __init__(self) -> None:
        super().__init__()
        self.directory = TemporaryDirectory()
        table = f"model-{uuid4()}"
        create_users_table(shared_client(self.endpoint), table)
        self.model = Model()
        self.repositories: list[UserRepository] = [
            InSQLite(Path(self.directory.name) / "admin.db").open(),
            InDynamoDB(self.endpoint, table).open(),
        ]

    def teardown(self) -> None:
        self.directory.cleanup()

    def all_agree(self, expected: Callable[[], Any], call: Callable[[UserRepository], Any]) -> None:
        outcome = _outcome(expected)
        for repository in self.repositories:
            assert _outcome(partial(call, repository)) == outcome

    @rule(user=USERS)
    def create(self, user: User) -> None:
        self.all_agree(lambda: self.model.create(user), lambda users: users.create(user))

    @rule(username=USERNAMES, changes=CHANGES)
    def update(self, username: str, changes: UserChanges) -> None:
        self.all_agree(
            lambda: self.model.update(username, changes),
            lambda users: users.update(username, **changes),
        )

    @rule(username=USERNAMES, generation=st.none() | GENERATIONS)
    def delete(self, username: str, generation: str | None) -> None:
        self.all_agree(
            lambda: self.model.delete(username, generation),
            lambda users: users.delete(username, generation=generation),
        )

    @rule(seen=USERS, fresh=TEXT, as_stored=st.booleans())
    def change_password(self, seen: User, fresh: str, as_stored: bool) -> None:
        stored = self.model.users.get(seen.username.lower())
        seen = stored if as_stored and stored else replace(seen, username=seen.username.lower())
        self.all_agree(
            lambda: self.model.change_password(seen.username, seen, fresh),
            lambda users: users.change_password(seen, fresh),
        )

    @rule(username=USERNAMES, generation=GENERATIONS)
    def revoke_tokens(self, username: str, generation: str) -> None:
        self.all_agree(
            lambda: self.model.revoke_tokens(username, generation),
            lambda users: users.revoke_tokens(username, generation),
        )

    @invariant()
    def the_same_users_are_there(self) -> None:
        for username in ("ana", "bob", "bo.b"):
            for repository in self.repositories:
                assert repository.get(username) == self.model.users.get(username)


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except JavumboError as error:
        return type(error)


def test_sqlite_dynamodb_and_a_dict_agree(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Machine, "endpoint", endpoint, raising=False)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
