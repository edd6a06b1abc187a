"""What was made of each person's old account, written down beside the original.

A receipt is written before anything is made of it, with the generation that the new account is to
have: whoever goes on after a crash makes the same, and whoever comes later sees that it was done.
"""

from typing import Literal

import msgspec

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.ports import AmbiguousOutcomeError, BaseStore
from migrations.naming import Decision
from migrations.originals import FOLDER
from migrations.parallel import each_of

Fate = Literal["taken", "empty", "not_taken"]
_ENDING = ".json"


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """`fingerprint` tells what it was made of; `row` is a digest of the old row of `users`.

    `fate` "empty" means an account without a collection yet, "not_taken" no account, for the
    `reason`, by the operator's `decision`, whose name is `username`. `is_done` is written last.
    `layout` is "id" for a file called user_<id>.db.
    """

    user_id: int
    old_username: str
    old_name: str
    username: str
    generation: str
    fingerprint: str
    row: str
    fate: Fate
    reason: str = ""
    is_done: bool = False
    layout: Literal["name", "id"] = "name"
    now_ms: int = 0
    created_s: int = 0
    counts: dict[str, int] = {}
    digests: dict[str, str] = {}
    repairs: tuple[str, ...] = ()
    missing: dict[str, int] = {}
    added: dict[str, int] = {}
    changed: dict[str, int] = {}
    attention: tuple[str, ...] = ()
    decision: Decision = Decision()


class Receipts:
    """The receipts of one target, by new username."""

    def __init__(self, base: BaseStore) -> None:
        self._base = base

    def get(self, username: str) -> Receipt | None:
        stored = self._base.get(_key(username))
        return msgspec.json.decode(stored.data, type=Receipt) if stored else None

    def put(self, receipt: Receipt) -> None:
        """Raises PreconditionFailedError when another run writes the same at the same time."""
        key = _key(receipt.username)
        head = self._base.head(key)
        data = msgspec.json.encode(receipt)
        try:
            self._base.put(key, data, metadata={}, if_match=head.etag if head else None)
        except AmbiguousOutcomeError as error:
            raise StorageUnavailableError from error

    def all(self, jobs: int) -> list[Receipt]:
        """Every receipt, so many asked for at a time."""
        return [one for one in each_of(self.usernames(), self.get, jobs) if one]

    def usernames(self) -> list[str]:
        """Of all receipts."""
        names = [key.removeprefix(FOLDER) for key in self._base.keys(FOLDER)]
        own = [name for name in names if name.endswith(_ENDING) and "/" not in name]
        return [name.removesuffix(_ENDING) for name in own]


def _key(username: str) -> str:
    return f"{FOLDER}{username}{_ENDING}"
