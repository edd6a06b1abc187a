"""What a person's copy is to be, made whole here before anything is written there."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.ports import BaseStore, PreconditionFailedError
from migrations.examining import Options, Source, examine, source_of
from migrations.flask.files import OldFile, Part
from migrations.naming import Person
from migrations.originals import person_files, store_original
from migrations.receipts import Kept, Receipt
from migrations.standing import (
    DELETED,
    RefusedError,
    Standing,
    cannot_leave,
    check_place,
    look,
    why_in_use,
)
from migrations.target import Target

_KEPT = "what was taken before stays as it is"


@dataclass(frozen=True, slots=True)
class Prepared:
    """The receipt to be written, and the files that it was made of."""

    receipt: Receipt
    source: Source

    def is_refused_again(self, before: Receipt) -> bool:
        """Whether the same collection could not be taken before, for the same reason."""
        same = replace(self.receipt, generation="", now_ms=0, is_done=True, former=None)
        is_refused = self.receipt.fate == "not_taken"
        return is_refused and same == replace(before, generation="", now_ms=0, former=None)


def found_finished(person: Person, receipt: Receipt, options: Options) -> bool:
    """Whether the receipt says that there is nothing to do. Raises OSError.

    Whoever could not be taken is looked at anew each time: the reason may have gone.
    """
    if not receipt.is_done or receipt.fate == "not_taken":
        return False
    return receipt.fingerprint == source_of(person, options).fingerprint


def prepare(
    target: Target | None,
    person: Person,
    options: Options,
    kept: Kept | None,
    image: Path,
    others: Sequence[str] = (),
) -> Prepared:
    """The receipt for what the person is to have; a collection, if any, is written to `image`.

    Nothing is written anywhere else. Raises RefusedError for who cannot be taken as it is, and
    OSError.
    """
    source = source_of(person, options)
    before = kept.receipt if kept else None
    if target:
        _check_others(target, others)
        _check_name(target, person, before)
    if before and _goes_on(before, source):
        receipt = examine(person, image, source.fingerprint, before, options)
        return Prepared(replace(receipt, seq=before.seq, former=before.former), source)
    if not (target and before):
        return Prepared(examine(person, image, source.fingerprint, None, options), source)
    standing = look(target, before)
    _check_unused(before, standing)
    receipt = examine(person, image, source.fingerprint, None, options)
    _check_loss(person, receipt, standing)
    return Prepared(_after(before, standing, receipt), source)


def keep_originals(target: Target, person: Person, prepared: Prepared) -> None:
    """Store the old files. Raises StorageUnavailableError where they have changed meanwhile."""
    stored = {
        key + part.suffix: part.sha256
        for key, file in person_files(person.username, person.old)
        for part in store_original_again(target.base, key, file)
    }
    if stored != prepared.source.files:
        raise StorageUnavailableError("The old program has just written to the files.")


def store_original_again(base: BaseStore, key: str, file: OldFile) -> tuple[Part, ...]:
    """`store_original`, also where another run stores the same file at the same time."""
    try:
        return store_original(base, key, file)
    except PreconditionFailedError:
        return store_original(base, key, file)


def _goes_on(before: Receipt, source: Source) -> bool:
    is_open = not before.is_done and not before.leaving
    return is_open and before.fingerprint == source.fingerprint


def _check_others(target: Target, others: Sequence[str]) -> None:
    for username in others:
        other = target.receipts.get(username)
        if other is None or other.fate == "not_taken":
            continue
        for one in other.registrations():
            if why_in_use(one, look(target, one)):
                raise RefusedError(cannot_leave(username))


def _check_name(target: Target, person: Person, before: Receipt | None) -> None:
    if before and not _is_of(person, before):
        raise RefusedError(f"{before.old_username} was taken under this name; map it to another")
    known = list(before.lineage()) if before else []
    check_place(target, person.username, known)


def _is_of(person: Person, receipt: Receipt) -> bool:
    old = person.old
    return old.username == receipt.old_username or old.user_id == receipt.user_id


def _check_unused(before: Receipt, standing: Standing) -> None:
    """What was taken may only be taken anew while nobody has done anything with it."""
    was_there = any(one.is_done and one.fate != "not_taken" for one in before.lineage())
    if was_there and standing.user is None and not before.leaving:
        raise RefusedError(DELETED)
    if reason := why_in_use(before, standing):
        raise RefusedError(reason)


def _check_loss(person: Person, receipt: Receipt, standing: Standing) -> None:
    """Nothing takes no collection's place, unless that was decided."""
    if receipt.fate == "not_taken" and (standing.user or standing.version):
        raise RefusedError(f"{receipt.reason} ({_KEPT})")
    if receipt.fate == "empty" and standing.version and not person.starts_empty:
        raise RefusedError(f"the old collection is gone, or there is nothing in it ({_KEPT})")


def _after(before: Receipt, standing: Standing, receipt: Receipt) -> Receipt:
    """In the same registration where something takes the place of the same kind, else anew."""
    is_same_kind = before.fate == receipt.fate and not standing.is_closed
    if is_same_kind and receipt.fate == "taken" and standing.version:
        seq = standing.head + 1
        return replace(receipt, generation=before.generation, seq=seq, former=before)
    if is_same_kind and receipt.fate == "empty" and standing.user:
        return replace(receipt, generation=before.generation, former=before)
    is_left = before.is_done and before.fate == "not_taken"
    return receipt if is_left else replace(receipt, former=before)
