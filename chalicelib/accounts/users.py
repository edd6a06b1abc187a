"""Users and the port to where they are kept."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import TypedDict, Unpack

from chalicelib.accounts.passwords import PasswordHasher
from chalicelib.accounts.rules import username_key
from chalicelib.errors import BadInputError, NotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One person's account.

    `generation` is random text: a name that was deleted and registered again has another one.
    `token_version` is raised to revoke all tokens. `ready` says that the collection was created.
    """

    username: str
    name: str
    password_hash: str = field(repr=False)
    created_at_ms: int
    generation: str
    token_version: int = 1
    ready: bool = False
    utc_offset_minutes: int | None = None
    language: str | None = None


class UserChanges(TypedDict, total=False):
    """What may change about a user; a name that is not given stays as it is."""

    name: str
    password_hash: str
    token_version: int
    ready: bool
    utc_offset_minutes: int | None
    language: str | None


class UserRepository(ABC):
    """Where users are kept, under their case-folded usernames.

    Every read sees every earlier write. All methods raise StorageUnavailableError when the storage
    does not answer: that is never told as "no such user". An adapter implements the methods with
    an underscore, whose usernames are case-folded.
    """

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher

    def create(self, user: User) -> None:
        """Raises UsernameTakenError; of many at once with one name exactly one succeeds."""
        key = username_key(user.username)
        if key is None:
            raise BadInputError(fields={"username": "cannot be a username"})
        self._insert(replace(user, username=key))

    def get(self, username: str) -> User | None:
        """The user of this name in any case, or None; any text may be asked for."""
        key = username_key(username)
        return None if key is None else self._select(key)

    def update(self, username: str, **changes: Unpack[UserChanges]) -> User:
        """The user after changing only what is given.

        Raises NotFoundError; a user who was deleted meanwhile is not brought back.
        """
        key = username_key(username)
        user = self._change(key, changes) if key and changes else self.get(username)
        if user is None:
            raise NotFoundError("There is no such user.")
        return user

    def delete(self, username: str) -> None:
        """The name is free afterwards, whether or not there was such a user."""
        key = username_key(username)
        if key is not None:
            self._remove(key)

    def verify_password(self, username: str, password: str) -> User | None:
        """The user, if this is their password; any text may be tried.

        An unknown name costs the same work as a wrong password. A hash of a lower cost than is
        asked for now is replaced.
        """
        user = self.get(username)
        password_hash = user.password_hash if user else self._hasher.dummy_hash
        verified = self._hasher.verify(password, password_hash)
        if user is None or not verified:
            return None
        return self._rehash(user, password) if self._hasher.needs_rehash(password_hash) else user

    def _rehash(self, user: User, password: str) -> User:
        try:
            password_hash = self._hasher.hash(password)
        except BadInputError:  # the earlier version of the service took it, bcrypt's limit does not
            return user
        # Conditional, or a login would undo a change of password that happens at the same time.
        changed = self._change(
            user.username, {"password_hash": password_hash}, current_hash=user.password_hash
        )
        return changed or user

    @abstractmethod
    def _insert(self, user: User) -> None:
        """Raises UsernameTakenError."""

    @abstractmethod
    def _select(self, username: str) -> User | None:
        """A consistent read."""

    @abstractmethod
    def _change(
        self, username: str, changes: UserChanges, *, current_hash: str | None = None
    ) -> User | None:
        """The changed user, or None if there is no such user.

        Nor is there one, where `current_hash` is given, whose password hash is another.
        """

    @abstractmethod
    def _remove(self, username: str) -> None: ...
