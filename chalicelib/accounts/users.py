"""Users and the port to where they are kept."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypedDict, Unpack

from chalicelib.accounts.passwords import PasswordHasher
from chalicelib.accounts.rules import username_key
from chalicelib.errors import BadInputError, NotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One person's account.

    `generation` is random text: a name that was deleted and registered again has another one.
    `token_version` is raised to revoke all tokens. `ready` says that the collection was created,
    `ending` that the account is being deleted: nobody is let in any more.
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
    ending: bool = False


class UserChanges(TypedDict, total=False):
    """What may change about a user; a name that is not given stays as it is."""

    name: str
    password_hash: str
    token_version: int
    ready: bool
    utc_offset_minutes: int | None
    language: str | None
    ending: bool


class Ending(NamedTuple):
    """A registration whose deletion was begun at `at_ms`, and may have been cut short."""

    username: str
    generation: str
    at_ms: int


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

    def update(
        self, username: str, *, generation: str | None = None, **changes: Unpack[UserChanges]
    ) -> User:
        """The user after changing only what is given.

        Raises NotFoundError; a user who was deleted meanwhile is not brought back. With a
        `generation`, nor is whoever has the name now changed.
        """
        key = username_key(username)
        expected = {} if generation is None else {"generation": generation}
        user = self._change(key, changes, expected) if key and changes else self.get(username)
        if user is None or (generation is not None and user.generation != generation):
            raise NotFoundError("There is no such user.")
        return user

    def delete(self, username: str, *, generation: str | None = None) -> None:
        """The name is free afterwards, whether or not there was such a user.

        With a `generation`, a later registration of the name stays.
        """
        key = username_key(username)
        if key is not None:
            self._remove(key, generation)

    def change_password(self, user: User, password_hash: str) -> User | None:
        """Replace the password of `user` as it was read, and revoke all tokens.

        The changed user; None when the password was another one already, or the user is gone.
        """
        changes: UserChanges = {"password_hash": password_hash}
        expected = {"generation": user.generation, "password_hash": user.password_hash}
        changed = self._change(user.username, changes, expected, revoke_tokens=True)
        if changed:
            return changed
        # The answer to an earlier send of this very change may have been lost.
        stored = self._select(user.username)
        return stored if stored and stored.password_hash == password_hash else None

    def change_as_read(
        self, user: User, *, revoke_tokens: bool = False, **changes: Unpack[UserChanges]
    ) -> User | None:
        """The user after changing only what is given, and only while it is the one that was read.

        None, and nothing is changed, when the registration, the password or the name is another
        one by now.
        """
        expected = {
            "generation": user.generation,
            "password_hash": user.password_hash,
            "name": user.name,
        }
        return self._change(user.username, changes, expected, revoke_tokens=revoke_tokens)

    def revoke_tokens(self, username: str, generation: str) -> User:
        """Revoke all of the user's tokens. Raises NotFoundError."""
        key, expected = username_key(username), {"generation": generation}
        user = self._change(key, {}, expected, revoke_tokens=True) if key else None
        if user is None:
            raise NotFoundError("There is no such user.")
        return user

    def begin_ending(self, user: User, at_ms: int) -> None:
        """Let nobody in any more as this user, and note that the deletion has to be finished.

        Raises NotFoundError when the user is gone.
        """
        # First the note: what is marked is certainly found again.
        self._note_ending(Ending(user.username, user.generation, at_ms))
        self.update(user.username, generation=user.generation, ending=True)

    @abstractmethod
    def endings(self) -> list[Ending]:
        """All that were begun and are not forgotten, in no order."""

    @abstractmethod
    def forget_ending(self, ending: Ending) -> None:
        """Nothing is left to do for it; fine when it is forgotten already."""

    @abstractmethod
    def revoke_token(self, jti: str, expires_at_ms: int, now_ms: int) -> None:
        """Revoke one token, which expires by itself at `expires_at_ms`."""

    @abstractmethod
    def is_token_revoked(self, jti: str) -> bool:
        """Whether that token was revoked; may be False again once it has expired."""

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
            user.username,
            {"password_hash": password_hash},
            {"generation": user.generation, "password_hash": user.password_hash},
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
        self,
        username: str,
        changes: UserChanges,
        expected: Mapping[str, str],
        *,
        revoke_tokens: bool = False,
    ) -> User | None:
        """The changed user, or None if there is no such user with these values.

        `revoke_tokens` raises the token version as well, by one whatever it is.
        """

    @abstractmethod
    def _remove(self, username: str, generation: str | None) -> None: ...

    @abstractmethod
    def _note_ending(self, ending: Ending) -> None: ...
