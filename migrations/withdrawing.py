"""Taking back what an earlier copy has made and nobody has used.

First the collection is closed, by a commit on the very state that was looked at, after which there
can be none; then the account is locked, as it was read. From there on nobody can have used it,
and it can be removed.
"""

import uuid
from collections.abc import Sequence

from msgspec.structs import replace

from chalicelib.accounts.users import User
from chalicelib.storage.commits import commit
from migrations.originals import person_keys
from migrations.receipts import Receipt
from migrations.standing import (
    LOCKED,
    RefusedError,
    Standing,
    cannot_leave,
    closing_entry,
    found_in_force,
    look,
    why_in_use,
)
from migrations.target import Target


def withdraw(target: Target, receipt: Receipt) -> None:
    """Shut it and remove the account; `remove_collection` does the rest.

    Raises RefusedError, and everything is as before, where somebody has used it.
    """
    shut(target, receipt)
    target.users.delete(receipt.username, generation=receipt.generation)


def shut(target: Target, receipt: Receipt) -> None:
    """See to it that nobody can use it any more. Raises RefusedError as `withdraw` does."""
    standing = look(target, receipt)
    if reason := why_in_use(receipt, standing) or _what_was_set(standing.user):
        raise RefusedError(reason)
    _close(target, receipt, standing)
    if standing.user and not _lock(target, standing.user):
        target.log.delete(receipt.owner.ring)  # all that is in it is in the base file
        raise RefusedError("the account has just been changed here")


def remove_collection(target: Target, receipt: Receipt) -> None:
    """Remove the file of a closed collection; the closing commit stays, for whoever comes late."""
    owner = receipt.owner
    head = target.base.head(owner.base_key)
    version = target.version_of(owner)
    if head and version and version.generation == owner.generation:
        target.base.delete(owner.base_key, if_match=head.etag)
    for key in target.base.keys(owner.spill_prefix):
        target.base.delete(key)


def leave(target: Target, usernames: Sequence[str], heir: str) -> None:
    """Shut what the person has under these names, and note who is to have it instead.

    Raises RefusedError, and it is open as before, where the person has used it.
    """
    for username in usernames:
        kept = target.receipts.read(username)
        if kept is None or kept.receipt.fate == "not_taken":
            continue
        leaving = target.receipts.put(replace(kept.receipt, leaving=heir, is_done=False), kept)
        try:
            for one in kept.receipt.registrations():
                shut(target, one)
        except RefusedError:
            target.receipts.put(found_in_force(target, kept.receipt) or kept.receipt, leaving)
            raise RefusedError(cannot_leave(username)) from None


def remove_left(target: Target, usernames: Sequence[str]) -> None:
    """Remove what was shut by `leave`, once the person has everything under another name."""
    for username in usernames:
        kept = target.receipts.read(username)
        if kept is None or not (kept.receipt.leaving or kept.receipt.fate == "not_taken"):
            continue
        if kept.receipt.fate != "not_taken":
            for one in kept.receipt.registrations():
                target.users.delete(username, generation=one.generation)
                remove_collection(target, one)
        _remove_originals(target, username)
        target.receipts.remove(kept)


def _remove_originals(target: Target, username: str) -> None:
    for key in person_keys(username):
        if target.base.head(key):
            target.base.delete(key)


def _what_was_set(user: User | None) -> str:
    """What a locked account may have kept of its owner's does not count."""
    if user is None or user.password_hash == LOCKED:
        return ""
    if user.language is not None or user.utc_offset_minutes is not None:
        return "somebody has logged in with it"
    return ""


def _close(target: Target, receipt: Receipt, standing: Standing) -> None:
    if standing.is_closed:
        return
    if standing.version and standing.version.seq != standing.head:
        target.engine().fold(receipt.owner)
    entry = closing_entry(standing.head + 1, uuid.uuid4().hex)
    if commit(target.log, receipt.owner.ring, entry, target.pause):
        raise RefusedError("somebody has just used it")


def _lock(target: Target, user: User) -> bool:
    if user.password_hash == LOCKED:
        return True
    if target.users.change_as_read(user, revoke_tokens=True, password_hash=LOCKED):
        return True
    there = target.users.get(user.username)
    return there is None or there.password_hash == LOCKED
