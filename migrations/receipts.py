"""What was made of each person's old account, written down beside the original.

A receipt is written before anything is made of it, with the generation that the new account is to
have: whoever goes on after a crash makes the same, and whoever comes later sees that it was done.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage import Owner
from chalicelib.storage.ports import AmbiguousOutcomeError, BaseStore, PreconditionFailedError
from migrations.naming import Decision
from migrations.originals import FOLDER
from migrations.parallel import each_of

Fate = Literal["taken", "empty", "not_taken"]
_ENDING = ".json"


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """`fingerprint` tells what it was made of; `row` is a digest of the old row of `users`.

    `fate` "empty" means an account without a collection yet, "not_taken" no account, for the
    `reason`, by the operator's `decision`, whose name is `username`. `is_done` is written last;
    until then `former` is the receipt of what was there before. `seq` is the commit of the
    collection that was taken: 0, or a later one where it took an earlier one's place. `leaving`
    is the username that the person is being moved to. `layout` is "id" for a file called
    user_<id>.db.
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
    seq: int = 0
    leaving: str = ""
    former: "Receipt | None" = None

    @property
    def owner(self) -> Owner:
        """Whose collection it is."""
        return Owner(self.username, self.generation)

    @property
    def request_key(self) -> str:
        """Names the commit by which the collection took an earlier one's place."""
        return f"migration-{self.seq}-{self.fingerprint}"

    def lineage(self) -> Iterator["Receipt"]:
        """Itself, then those before it of which something may still be there."""
        one: Receipt | None = self
        while one:
            yield one
            one = one.former

    def registrations(self) -> list["Receipt"]:
        """The newest of each registration among them."""
        newest: dict[str, Receipt] = {}
        for one in self.lineage():
            newest.setdefault(one.generation, one)
        return list(newest.values())


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt as it is stored; whoever writes the next one says which he has read."""

    receipt: Receipt
    etag: str


class Receipts:
    """The receipts of one target, by new username."""

    def __init__(self, base: BaseStore) -> None:
        self._base = base

    def get(self, username: str) -> Receipt | None:
        kept = self.read(username)
        return kept.receipt if kept else None

    def read(self, username: str) -> Kept | None:
        """The receipt with what it takes to replace it."""
        stored = self._base.get(_key(username))
        if stored is None:
            return None
        return Kept(msgspec.json.decode(stored.data, type=Receipt), stored.etag)

    def put(self, receipt: Receipt, before: Kept | None) -> Kept:
        """Write the receipt in the place of the one that was read, None for none.

        Raises PreconditionFailedError, and nothing is written, when there is another one by now.
        """
        key, data = _key(receipt.username), msgspec.json.encode(receipt)
        try:
            etag = self._base.put(key, data, metadata={}, if_match=before.etag if before else None)
        except (AmbiguousOutcomeError, PreconditionFailedError) as error:
            # The answer to an earlier send may have been lost.
            stored = self._base.get(key)
            if stored and stored.data == data:
                return Kept(receipt, stored.etag)
            if isinstance(error, PreconditionFailedError):
                raise
            raise StorageUnavailableError from error
        return Kept(receipt, etag)

    def remove(self, kept: Kept) -> None:
        """Remove this very one. Raises PreconditionFailedError when there is another by now."""
        self._base.delete(_key(kept.receipt.username), if_match=kept.etag)

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
