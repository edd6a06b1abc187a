"""What there is of a person in the new service, and whether anybody has used it since."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from msgspec.structs import replace

from chalicelib.accounts.users import User
from chalicelib.storage import Owner
from chalicelib.storage.ports import LogEntry
from chalicelib.storage.segments import Segment, decode_segment, encode_segment
from chalicelib.storage.versions import BaseVersion
from migrations.examining import display_name
from migrations.receipts import Receipt
from migrations.target import Target

# No password has this hash: the name is reserved, or the account is being taken away.
LOCKED = "*migrating*"
# Says that another file is the collection from here on, which never comes: no program can read or
# commit any further, whatever it had at hand.
_CLOSING = Segment(kind="adopt", etag="*closed*")

REGISTERED = "somebody has registered under this name since; map it to another"
DELETED = "the account was deleted here since"
IN_USE = "the old account has changed, but the new one is in use already"


class RefusedError(Exception):
    """The person cannot be taken, for the reason that is the message."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Account and collection of one registration, with the commits made since."""

    user: User | None
    version: BaseVersion | None
    entries: tuple[LogEntry, ...]

    @property
    def is_closed(self) -> bool:
        """Whether nobody can commit any more."""
        return bool(self.entries) and _is_closing(self.entries[-1])

    @property
    def head(self) -> int:
        """The number of the last commit."""
        commits = [entry.seq for entry in self.entries if not _is_closing(entry)]
        return max([*commits, self.version.seq if self.version else 0])

    def holds(self, receipt: Receipt) -> bool:
        """Whether the receipt's collection was committed in an earlier one's place."""
        keys = (decode_segment(entry.segment).request_key for entry in self.entries)
        return receipt.request_key in keys


def look(target: Target, receipt: Receipt) -> Standing:
    """What there is of the receipt's registration."""
    owner = receipt.owner
    user, version = target.users.get(owner.username), target.version_of(owner)
    return Standing(
        user if user and user.generation == owner.generation else None,
        version if version and version.generation == owner.generation else None,
        tuple(target.log.entries(owner.ring)),
    )


def check_place(target: Target, username: str, known: Collection[Receipt]) -> None:
    """Raises RefusedError where somebody has the name of whom the receipts know nothing."""
    generations = {receipt.generation for receipt in known}
    user, version = target.users.get(username), target.version_of(Owner(username))
    if user and user.generation not in generations:
        raise RefusedError(REGISTERED)
    if version and version.generation not in generations:
        raise RefusedError("a collection of somebody without an account lies in the place")


def why_in_use(receipt: Receipt, standing: Standing) -> str:
    """What somebody has done with what the receipt, or one before it, has made; "" for nothing."""
    user = standing.user
    made = [one for one in receipt.lineage() if one.generation == receipt.generation]
    if user and user.ending:
        return DELETED
    if user and user.password_hash != LOCKED and not is_as_made_by_any(receipt, user):
        return _what_changed(made, user)
    if standing.is_closed:
        return ""
    if standing.version is None:
        return IN_USE if standing.entries else ""
    return "" if any(_is_at_head(one, standing) for one in made) else IN_USE


def found_in_force(target: Target, receipt: Receipt) -> Receipt | None:
    """Of the receipt and those before it the one, done, that a usable account goes by."""
    for one in receipt.registrations():
        there = _in_force(one, look(target, one))
        if there:
            return replace(there, is_done=True, leaving="", former=None)
    return None


def _in_force(receipt: Receipt, standing: Standing) -> Receipt | None:
    user = standing.user
    if user is None or not is_usable(user) or standing.is_closed:
        return None
    made = [one for one in receipt.lineage() if one.generation == receipt.generation]
    placed = (one for one in made if one.seq == 0 or standing.holds(one))
    return next(placed, made[-1])


def is_usable(user: User) -> bool:
    """Whether anybody can log in with the account."""
    return user.password_hash != LOCKED and not user.ending


def is_as_made_by_any(receipt: Receipt, user: User) -> bool:
    """Whether the account is as the receipt, or one before it, has made it."""
    made = [one for one in receipt.lineage() if one.generation == user.generation]
    return any(_is_as_made(one, user) for one in made)


def cannot_leave(username: str) -> str:
    """Why a person who was taken under this name is not moved to another one."""
    return f"the account {username}, under which the person was taken, is in use: keep that name"


def closing_entry(seq: int, tx: str) -> LogEntry:
    """The commit after which there can be none."""
    return LogEntry(seq, tx, encode_segment(_CLOSING))


def _is_closing(entry: LogEntry) -> bool:
    segment = decode_segment(entry.segment)
    return (segment.kind, segment.etag) == (_CLOSING.kind, _CLOSING.etag)


def _is_at_head(receipt: Receipt, standing: Standing) -> bool:
    if receipt.fate != "taken" or receipt.seq != standing.head:
        return False
    return receipt.seq == 0 or standing.holds(receipt)


def _is_as_made(receipt: Receipt, user: User) -> bool:
    is_ready = user.ready == (receipt.fate == "taken")
    return is_ready and _has_name(receipt, user) and _has_password(receipt, user)


def _has_name(receipt: Receipt, user: User) -> bool:
    return user.name == display_name(receipt.old_name, receipt.username)


def _has_password(receipt: Receipt, user: User) -> bool:
    row = [receipt.user_id, receipt.old_username, receipt.old_name, user.password_hash]
    return sha256(json.dumps(row).encode()).hexdigest() == receipt.row


def _what_changed(made: list[Receipt], user: User) -> str:
    if not any(_has_password(one, user) for one in made):
        return "the old account has changed, but so has the password here"
    if not any(_has_name(one, user) for one in made):
        return "the old account has changed, but so has the display name here"
    return IN_USE
