"""A process that dies at a given write, and a person who goes on studying meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.accounts.users import User
from chalicelib.errors import StorageUnavailableError
from chalicelib.storage import CollectionStorage, Owner
from migrations.standing import is_usable
from migrations.target import Target

_WRITES = {
    *("put", "delete", "append", "mark"),
    *("create", "update", "change_as_read", "change_password"),
}


class KilledError(BaseException):
    """The process is gone."""


class Life:
    """`writes` happen; then the process dies, just before or just after one."""

    def __init__(self, writes: int, *, after: bool) -> None:
        self._left, self._after = writes, after

    def guarded(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self._left -= 1
            if self._left < 0 and not self._after:
                raise KilledError
            result = write(*args, **kwargs)
            if self._left < 0:
                raise KilledError
            return result

        return call


class Interruption:
    """Things happen just before one of the writes and those that follow it, which then go on."""

    def __init__(self, writes: int, *acts: Callable[[], object]) -> None:
        self._left, self._acts = writes, list(acts)

    @property
    def has_begun(self) -> bool:
        return self._left < 0

    def finish(self) -> None:
        """What has not happened yet happens now."""
        while self._acts:
            self._acts.pop(0)()

    def guarded(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self._left -= 1
            if self._left < 0 and self._acts:
                self._acts.pop(0)()
            return write(*args, **kwargs)

        return call


class _Guarded:
    """Passes everything on, and the writes by way of what guards them."""

    def __init__(self, inner: Any, life: Life | Interruption) -> None:
        self._inner, self._life = inner, life

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._life.guarded(found) if name in _WRITES else found


def mortal(target: Target, life: Life | Interruption) -> Target:
    """The same target for a process that has no longer to live, or is interrupted."""
    return replace(
        target,
        base=_Guarded(target.base, life),
        users=_Guarded(target.users, life),  # type: ignore[arg-type]
        log=_Guarded(target.log, life),
    )


@dataclass
class Student:
    """Whoever can log in under one of these names; `reviews` are the ids of those acknowledged.

    The server has had the collection at hand since before.
    """

    target: Target
    names: tuple[str, ...]
    reviews: list[int] = field(default_factory=list)
    server: CollectionStorage = field(init=False)

    def __post_init__(self) -> None:
        self.server = self.target.engine()

    def account(self) -> User | None:
        """The account that lets the person in; there are never two."""
        users = [user for name in self.names if (user := self.target.users.get(name))]
        usable = [user for user in users if is_usable(user)]
        assert len(usable) < 2
        return usable[0] if usable else None

    def looks(self) -> set[int]:
        """Opens the collection, where that is possible; its reviews."""
        user = self.account()
        if user is None or not user.ready:
            return set()
        try:
            return self.server.read(Owner(user.username, user.generation), _reviews)
        except StorageUnavailableError:
            return set()

    def changes_password(self, password_hash: str) -> bool:
        """As the API does, whoever is let in; whether it was acknowledged."""
        user = self.account()
        return bool(user and self.target.users.change_password(user, password_hash))

    def studies(self, review_id: int) -> None:
        """Answers a card, where that is possible: whoever is let in has a collection."""
        user = self.account()
        if user is None or not user.ready:
            return
        sql = f"INSERT INTO revlog VALUES ({review_id}, 1, 0, 3, 4, 2, 2500, 900, 1)"
        try:
            owner = Owner(user.username, user.generation)
            self.server.transact(owner, lambda conn: conn.execute(sql).close())
        except StorageUnavailableError:
            return
        self.reviews.append(review_id)


def _reviews(conn: Any) -> set[int]:
    return {row[0] for row in conn.execute("SELECT id FROM revlog")}
