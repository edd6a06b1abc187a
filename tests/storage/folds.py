"""Commits to fold, and how far they were folded."""

from chalicelib.storage import CollectionStorage, Owner
from chalicelib.storage.ports import BaseStore
from chalicelib.storage.versions import BaseVersion
from tests.storage.tally import add


def base_seq(base: BaseStore, username: str = "ada") -> int:
    """The commit that the base file, which is one of ours, is the state of."""
    head = base.head(Owner(username).base_key)
    assert head
    version = BaseVersion.of(head)
    assert version
    return version.seq


def commit_some(storage: CollectionStorage, count: int) -> None:
    for _ in range(count):
        storage.transact("ada", add("one"))


def never(_: Owner) -> None:
    """What to do about a fold that is due: nothing."""
