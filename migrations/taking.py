"""Taking one person over: original, receipt, collection, account, in this order.

Each step is a conditional write that may be repeated. Killed anywhere and run again, it ends in
the same state; the account comes after the collection, so nobody can log in to half of it.
"""

import json
import logging
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from chalicelib.accounts.users import User
from chalicelib.errors import JavumboError, NotFoundError, UsernameTakenError
from chalicelib.storage import Owner
from chalicelib.storage.ports import AmbiguousOutcomeError, PreconditionFailedError
from migrations.examining import Options, display_name, examine, fingerprint_of
from migrations.naming import Person
from migrations.originals import person_files, store_original
from migrations.outcomes import Outcome, Status, outcome_of, outcome_without
from migrations.receipts import Receipt
from migrations.target import Target

logger = logging.getLogger(__name__)


class _RefusedError(Exception):
    """The person cannot be taken, for the reason that is the message."""


def take(target: Target, person: Person, options: Options) -> Outcome:
    """Take the person over, or go on with it, or find it done."""
    return _told(person, lambda: _taken(target, person, options))


def plan(target: Target | None, person: Person, options: Options) -> Outcome:
    """What `take` would do; nothing is written."""
    return _told(person, lambda: _planned(target, person, options))


def _told(person: Person, work: Callable[[], Outcome]) -> Outcome:
    """The outcome, whatever happens: nobody's trouble stops the others."""
    if not person.username:
        status: Status = "unnamed" if person.suggestion else "skipped"
        return outcome_without(person, status, person.problem)
    try:
        return work()
    except _RefusedError as error:
        return outcome_without(person, "not_taken", str(error))
    except (JavumboError, OSError) as error:
        return outcome_without(person, "failed", str(error))
    except (PreconditionFailedError, AmbiguousOutcomeError):
        return outcome_without(person, "failed", "somebody else writes there at the same time")
    except Exception as error:
        logger.exception("user %d could not be taken", person.old.user_id)
        kind = type(error).__name__
        return outcome_without(person, "failed", f"a mistake of this program ({kind}), see its log")


def _planned(target: Target | None, person: Person, options: Options) -> Outcome:
    fingerprint = fingerprint_of(person, options)
    before = target.receipts.get(person.username) if target else None
    if before and before.is_done and before.fingerprint == fingerprint:
        return _found_done(person, before)
    if target:
        _check_place(target, person, before, fingerprint)
    with TemporaryDirectory(dir=options.work_dir) as folder:
        receipt = examine(person, Path(folder, "new.anki2"), fingerprint, None, options)
    return outcome_of(person, receipt, receipt.fate)


def _found_done(person: Person, receipt: Receipt) -> Outcome:
    return outcome_of(person, receipt, "not_taken" if receipt.fate == "not_taken" else "already")


def _taken(target: Target, person: Person, options: Options) -> Outcome:
    fingerprint = fingerprint_of(person, options)
    before = target.receipts.get(person.username)
    if before and before.is_done and before.fingerprint == fingerprint:
        return _found_done(person, before)
    _check_place(target, person, before, fingerprint)
    if before and before.fingerprint != fingerprint:
        _take_away(target, before)
        before = None
    for key, file in person_files(person.username, person.old):
        store_original(target.base, key, file)
    with TemporaryDirectory(dir=options.work_dir) as folder:
        image = Path(folder, "new.anki2")
        receipt = examine(person, image, fingerprint, before, options)
        target.receipts.put(receipt)
        owner = Owner(receipt.username, receipt.generation)
        if receipt.fate == "taken" and target.version_of(owner) is None:
            target.put_collection(owner, image)
    if receipt.fate != "not_taken":
        _create_user(target, person, receipt)
    target.receipts.put(msgspec.structs.replace(receipt, is_done=True))
    return outcome_of(person, receipt, receipt.fate)


def _check_place(target: Target, person: Person, before: Receipt | None, fingerprint: str) -> None:
    """Raises _RefusedError where somebody has the name, or has gone on with what was taken."""
    user = target.users.get(person.username)
    version = target.version_of(Owner(person.username))
    if before is None:
        if user:
            raise _RefusedError("somebody has registered under this name since; map it to another")
        if version:
            raise _RefusedError("a collection of somebody without an account lies in the place")
        return
    if any(one.generation != before.generation for one in (user, version) if one):
        raise _RefusedError("somebody has registered under this name since; map it to another")
    if before.is_done and before.fate != "not_taken" and before.fingerprint != fingerprint:
        _check_unused(target, before, user)


def _check_unused(target: Target, before: Receipt, user: User | None) -> None:
    """What was taken may only be taken anew while nobody has done anything with it."""
    if user is None:
        raise _RefusedError("the account was deleted here since")
    owner = Owner(before.username, before.generation)
    version = target.version_of(owner)
    is_used = bool(target.log.entries(owner.ring)) or (version is not None and version.seq > 0)
    if is_used or user.ready != (before.fate == "taken"):
        raise _RefusedError("the old account has changed, but the new one is in use already")
    row = [before.user_id, before.old_username, before.old_name, user.password_hash]
    if sha256(json.dumps(row).encode()).hexdigest() != before.row:
        raise _RefusedError("the old account has changed, but so has the password here")


def _take_away(target: Target, before: Receipt) -> None:
    """Undo what an earlier run has made, to take the person anew."""
    target.receipts.put(msgspec.structs.replace(before, is_done=False))
    target.users.delete(before.username, generation=before.generation)
    target.storage.delete(Owner(before.username, before.generation))


def _create_user(target: Target, person: Person, receipt: Receipt) -> None:
    user = User(
        username=receipt.username,
        name=display_name(person.old.name, receipt.username),
        password_hash=person.old.password_hash,
        created_at_ms=receipt.created_s * 1000,
        generation=receipt.generation,
        ready=receipt.fate == "taken",
    )
    try:
        target.users.create(user)
    except UsernameTakenError:
        there = target.users.get(receipt.username)
        if there is None or there.generation != receipt.generation:
            raise NotFoundError("Somebody else has just registered under this name.") from None
