"""What became, or would become, of each person; what reports are made of."""

from typing import Literal

import msgspec

from migrations.naming import Person
from migrations.receipts import Receipt

# "already": taken by an earlier run. "empty": an account, whose collection is made at the first
# login. "not_taken": not, for the reason, and the original is kept. "failed": try again.
Status = Literal["taken", "already", "empty", "not_taken", "unnamed", "skipped", "failed"]
WELL: frozenset[Status] = frozenset({"taken", "already", "empty", "skipped"})


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One person's line of a report; `size` is in bytes, `attention` what a person should see."""

    user_id: int
    old_username: str
    username: str
    status: Status
    reason: str = ""
    suggestion: str = ""
    size: int = 0
    counts: dict[str, int] = {}
    repairs: tuple[str, ...] = ()
    missing: dict[str, int] = {}
    added: dict[str, int] = {}
    changed: dict[str, int] = {}
    attention: tuple[str, ...] = ()

    @property
    def is_well(self) -> bool:
        return self.status in WELL


def outcome_without(person: Person, status: Status, reason: str) -> Outcome:
    """Of somebody for whom nothing was made."""
    return Outcome(
        user_id=person.old.user_id,
        old_username=person.old.username,
        username=person.username,
        status=status,
        reason=" ".join(reason.split()),
        suggestion=person.suggestion,
        size=size_of(person),
    )


def outcome_of(person: Person, receipt: Receipt, status: Status) -> Outcome:
    """As the receipt says."""
    return Outcome(
        user_id=receipt.user_id,
        old_username=receipt.old_username,
        username=receipt.username,
        status=status,
        reason=receipt.reason,
        size=size_of(person),
        counts=receipt.counts,
        repairs=receipt.repairs,
        missing=receipt.missing,
        added=receipt.added,
        changed=receipt.changed,
        attention=receipt.attention,
    )


def size_of(person: Person) -> int:
    """Bytes of the person's old files."""
    return sum(file.size() for file in (person.old.file, person.old.other) if file)
