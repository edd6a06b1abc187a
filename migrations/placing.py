"""Account and collection of a person, each written on exactly what was read.

First the name is reserved, under which nobody can log in; then the collection; then the account
is opened. What takes the place of an earlier copy is one commit on that copy, which the log
refuses once anybody else has made one.
"""

from pathlib import Path

from chalicelib.accounts.users import User, UserChanges
from chalicelib.errors import UsernameTakenError
from chalicelib.storage import Request
from chalicelib.storage.counted import CountedCommitLog
from chalicelib.storage.ports import CommitLog, LogEntry, PreconditionFailedError
from migrations.examining import display_name
from migrations.naming import Person
from migrations.receipts import Receipt
from migrations.standing import (
    DELETED,
    IN_USE,
    LOCKED,
    REGISTERED,
    RefusedError,
    is_as_made_by_any,
    look,
    why_in_use,
)
from migrations.target import Target


class _UsedError(Exception):
    """Somebody has committed something since the collection was looked at."""


class _OnlyNext(CountedCommitLog):
    """A commit log that takes no commit but number `seq`."""

    def __init__(self, log: CommitLog, seq: int) -> None:
        super().__init__(log)
        self._seq = seq

    def append(self, ring: str, entry: LogEntry) -> LogEntry | None:
        if entry.seq != self._seq:
            raise _UsedError
        return super().append(ring, entry)


def reserve(target: Target, receipt: Receipt, person: Person) -> None:
    """See to it that nobody else gets the name.

    Raises RefusedError where somebody has it, or an earlier copy's account was deleted.
    """
    user = User(
        username=receipt.username,
        name=display_name(person.old.name, receipt.username),
        password_hash=LOCKED,
        created_at_ms=receipt.created_s * 1000,
        generation=receipt.generation,
    )
    there = target.users.get(receipt.username)
    if there is None:
        if _was_open(receipt):
            raise RefusedError(DELETED)
        try:
            target.users.create(user)
        except UsernameTakenError:
            there = target.users.get(receipt.username)
    if there and there.generation != receipt.generation:
        raise RefusedError(REGISTERED)


def place_collection(target: Target, receipt: Receipt, image: Path) -> None:
    """Put the file, which is changed, in its place, unless it is there already.

    Raises RefusedError where somebody uses what is there.
    """
    standing = look(target, receipt)
    if standing.version is None:
        if standing.entries or receipt.seq:
            raise RefusedError(DELETED)
        _put(target, receipt, image)
    elif receipt.seq and not standing.holds(receipt):
        if reason := why_in_use(receipt, standing):
            raise RefusedError(reason)
        _put_over(target, receipt, image)


def open_account(target: Target, receipt: Receipt, person: Person) -> None:
    """Give the account what the old one has; what its owner has changed meanwhile stays.

    Raises RefusedError where it was deleted.
    """
    user = target.users.get(receipt.username)
    if user is None or user.generation != receipt.generation or user.ending:
        raise RefusedError(DELETED)
    wanted = _wanted(receipt, person)
    if not (user.password_hash == LOCKED or is_as_made_by_any(receipt, user)):
        return
    if all(getattr(user, name) == value for name, value in wanted.items()):
        return
    is_new_password = user.password_hash not in (LOCKED, wanted["password_hash"])
    if target.users.change_as_read(user, revoke_tokens=is_new_password, **wanted) is None:
        # Somebody was first, if not this very change, the answer to which was lost.
        open_account(target, receipt, person)


def _was_open(receipt: Receipt) -> bool:
    earlier = [one for one in receipt.lineage() if one.is_done and one.fate != "not_taken"]
    return receipt.generation in {one.generation for one in earlier}


def _wanted(receipt: Receipt, person: Person) -> UserChanges:
    wanted = UserChanges(
        name=display_name(person.old.name, receipt.username),
        password_hash=person.old.password_hash,
    )
    # Never taken back: a first login may just have made a collection.
    return UserChanges(**wanted, ready=True) if receipt.fate == "taken" else wanted


def _put(target: Target, receipt: Receipt, image: Path) -> None:
    try:
        target.put_collection(receipt.owner, image)
    except PreconditionFailedError:
        # Another run that goes by the same receipt may have been first.
        if look(target, receipt).version is None:
            raise


def _put_over(target: Target, receipt: Receipt, image: Path) -> None:
    """By one commit, number `seq`: nobody's other commit can be in between."""
    engine = target.engine(_OnlyNext(target.log, receipt.seq))
    try:
        engine.replace(receipt.owner, image, request=Request(receipt.request_key, b""))
    except _UsedError:
        raise RefusedError(IN_USE) from None
