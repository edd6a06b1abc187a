"""Whether everybody is there: person by person, never by counts.

Nothing of what a copy has noted is trusted: the old files are read and converted once more.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from chalicelib.accounts.users import User
from chalicelib.errors import JavumboError
from chalicelib.storage import Owner
from migrations.contents import digests_of
from migrations.copying import Move
from migrations.examining import Options, display_name, examine, source_of
from migrations.naming import Person
from migrations.originals import difference, install_files, person_files
from migrations.parallel import each_of
from migrations.receipts import Receipt
from migrations.target import Target


class Finding(msgspec.Struct, frozen=True):
    """Something that is not as it should be; `username` is the old one, "" for nobody's.

    `is_note` is for what is as it was decided, or may well be so, and is told all the same.
    """

    username: str
    difference: str
    is_note: bool = False


def verify_all(
    target: Target, move: Move, options: Options, done: Callable[[int], None]
) -> list[Finding]:
    """Every difference between the old install and the target; nothing is changed."""
    options = move.options(options)
    people = each_of(
        move.people, lambda person: _verified(target, person, options), options.jobs, done
    )
    return [
        *_install_findings(target, move, options.jobs),
        *(each for findings in people for each in findings),
    ]


def _install_findings(target: Target, move: Move, jobs: int) -> Iterator[Finding]:
    for key, file in install_files(move.install, move.loose_files()):
        if found := difference(target.base, key, file):
            yield Finding("", found)
    for user_id in move.install.nameless:
        yield Finding("", f"user {user_id} has no username")
    yield from _too_many(target, move, jobs)


def _too_many(target: Target, move: Move, jobs: int) -> Iterator[Finding]:
    """Who is here, and not among those to be taken."""
    names = {person.username for person in move.people}
    receipts = target.receipts.all(jobs)
    for receipt in receipts:
        if receipt.username in names or receipt.fate == "not_taken":
            continue
        if receipt.old_username in move.decided.skipped:
            left = "was taken, and is left out by decision: the account stays as it is"
            yield Finding(receipt.old_username, left, is_note=True)
        else:
            yield Finding(receipt.old_username, "was taken, but is not among those to be taken")
    for username in sorted({*target.usernames()} - {receipt.username for receipt in receipts}):
        yield Finding("", f"{username} was not taken over, but has an account here", is_note=True)


def _verified(target: Target, person: Person, options: Options) -> list[Finding]:
    name = person.old.username
    if not person.username:
        return [Finding(name, "has no new name")] if person.suggestion else []
    try:
        return [Finding(name, each) for each in _differences(target, person, options)]
    except (JavumboError, OSError) as error:
        return [Finding(name, f"cannot be compared: {error}")]


def _differences(target: Target, person: Person, options: Options) -> Iterator[str]:
    receipt = target.receipts.get(person.username)
    if receipt is None or not receipt.is_done:
        yield "was not taken" if receipt is None else "was not taken to the end"
        return
    for key, file in person_files(person.username, person.old):
        if found := difference(target.base, key, file):
            yield found
    if receipt.fingerprint != source_of(person, options).fingerprint:
        yield "has changed in the old install since"
        return
    if receipt.fate == "not_taken":
        yield f"could not be taken: {receipt.reason}"
        return
    yield from _account_differences(target.users.get(person.username), person, receipt)
    yield from _collection_differences(target, person, receipt, options)


def _account_differences(user: User | None, person: Person, receipt: Receipt) -> Iterator[str]:
    if user is None:
        yield "has no account"
        return
    wanted = {
        "generation": receipt.generation,
        "password_hash": person.old.password_hash,
        "name": display_name(person.old.name, person.username),
        "ready": receipt.fate == "taken",
        "ending": False,
    }
    for attribute, value in wanted.items():
        if getattr(user, attribute) != value:
            yield f"has another {attribute.replace('_', ' ')}"


def _collection_differences(
    target: Target, person: Person, receipt: Receipt, options: Options
) -> Iterator[str]:
    owner = Owner(receipt.username, receipt.generation)
    with _examined(person, receipt, options) as again:
        if msgspec.structs.replace(again, is_done=True, seq=receipt.seq) != receipt:
            yield "would be made into something else today"
        if receipt.fate == "empty":
            if target.storage.exists(owner):
                yield "has a collection, which the old install has not"
            return
        live = target.storage.read(owner, digests_of)
        for part, digest in again.digests.items():
            if live.get(part) != digest:
                yield f"has other {part}"


@contextmanager
def _examined(person: Person, receipt: Receipt, options: Options) -> Iterator[Receipt]:
    with TemporaryDirectory(dir=options.work_dir) as folder:
        image = Path(folder, "again.anki2")
        yield examine(person, image, receipt.fingerprint, receipt, options)
