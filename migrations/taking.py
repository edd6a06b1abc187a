"""Taking one person over: original, receipt, name, collection, account, in this order.

Each step is a compare-and-set that may be repeated. Killed anywhere and run again, it ends in
the same state; the account is opened after the collection is there, so nobody can log in to half
of it. What somebody has here already is neither removed nor replaced before what takes its place
is known to be whole, and never once it was used.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from chalicelib.errors import JavumboError
from chalicelib.storage.ports import AmbiguousOutcomeError, PreconditionFailedError
from migrations.examining import Options
from migrations.naming import Person
from migrations.originals import store_original, unclaimed_key
from migrations.outcomes import Outcome, Status, outcome_of, outcome_without
from migrations.placing import open_account, place_collection, reserve
from migrations.preparing import Prepared, found_finished, keep_originals, prepare
from migrations.receipts import Kept
from migrations.standing import RefusedError, found_in_force
from migrations.target import Target
from migrations.withdrawing import leave, remove_collection, remove_left, withdraw
from migrations.wording import sentence_of

logger = logging.getLogger(__name__)


def take(target: Target, person: Person, options: Options, others: Sequence[str] = ()) -> Outcome:
    """Take the person over, or go on with it, or find it done.

    `others` are names under which an earlier copy has taken the same person.
    """
    outcome = _told(person, lambda: _taken(target, person, options, others))
    if person.username and not others and outcome.status in ("not_taken", "failed"):
        _keep_whatever_happens(target, person)
    return outcome


def plan(
    target: Target | None, person: Person, options: Options, others: Sequence[str] = ()
) -> Outcome:
    """What `take` would do; nothing is written."""
    return _told(person, lambda: _planned(target, person, options, others))


def _told(person: Person, work: Callable[[], Outcome]) -> Outcome:
    """The outcome, whatever happens: nobody's trouble stops the others."""
    if not person.username:
        status: Status = "unnamed" if person.suggestion else "skipped"
        return outcome_without(person, status, person.problem)
    try:
        return work()
    except RefusedError as error:
        return outcome_without(person, "not_taken", str(error))
    except (JavumboError, OSError) as error:
        return outcome_without(person, "failed", sentence_of(error))
    except (PreconditionFailedError, AmbiguousOutcomeError):
        return outcome_without(person, "failed", "somebody else writes there at the same time")
    except Exception as error:
        logger.exception("user %d could not be taken", person.old.user_id)
        kind = type(error).__name__
        return outcome_without(person, "failed", f"a mistake of this program ({kind}), see its log")


def _planned(
    target: Target | None, person: Person, options: Options, others: Sequence[str]
) -> Outcome:
    kept = target.receipts.read(person.username) if target else None
    if kept and found_finished(person, kept.receipt, options):
        return outcome_of(person, kept.receipt, "already")
    with TemporaryDirectory(dir=options.work_dir) as folder:
        image = Path(folder, "new.anki2")
        receipt = prepare(target, person, options, kept, image, others).receipt
    return outcome_of(person, receipt, receipt.fate)


def _taken(target: Target, person: Person, options: Options, others: Sequence[str]) -> Outcome:
    kept = target.receipts.read(person.username)
    if kept and found_finished(person, kept.receipt, options):
        leave(target, others, person.username)
        remove_left(target, others)
        return outcome_of(person, kept.receipt, "already")
    with TemporaryDirectory(dir=options.work_dir) as folder:
        image = Path(folder, "new.anki2")
        try:
            prepared = prepare(target, person, options, kept, image, others)
            if kept and prepared.is_refused_again(kept.receipt):
                return outcome_of(person, kept.receipt, "not_taken")
            keep_originals(target, person, prepared)
            leave(target, others, person.username)
            kept = target.receipts.put(prepared.receipt, kept)
            _place(target, person, prepared, image)
        except RefusedError:
            _restore(target, kept)
            raise
    receipt = replace(prepared.receipt, is_done=True, former=None)
    target.receipts.put(receipt, kept)
    remove_left(target, others)
    return outcome_of(person, receipt, receipt.fate)


def _place(target: Target, person: Person, prepared: Prepared, image: Path) -> None:
    receipt = prepared.receipt
    if receipt.fate == "not_taken":
        return
    _, *earlier = receipt.registrations()
    for one in earlier:
        withdraw(target, one)
    reserve(target, receipt, person)
    for one in earlier:
        remove_collection(target, one)
    if receipt.fate == "taken":
        place_collection(target, receipt, image)
    open_account(target, receipt, person)


def _restore(target: Target, kept: Kept | None) -> None:
    """Let the receipt say again what is there, where somebody has used it meanwhile."""
    if kept and not kept.receipt.is_done and (there := found_in_force(target, kept.receipt)):
        target.receipts.put(there, kept)


def _keep_whatever_happens(target: Target, person: Person) -> None:
    """The old files of whom nothing was made, so that there is a way back for them too."""
    with suppress(JavumboError, OSError, PreconditionFailedError, AmbiguousOutcomeError):
        own = target.receipts.get(person.username)
        if own and own.old_username == person.old.username:
            return
        for file in (person.old.file, person.old.other):
            if file:
                store_original(target.base, unclaimed_key(file.path.name), file)
