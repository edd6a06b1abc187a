"""What can be made of one person's old account: nothing is stored here."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from chalicelib.accounts.rules import MAX_NAME_LENGTH, check_name
from chalicelib.errors import BadInputError, UnusableFileError
from migrations.flask.conversion import Converted, Moment, convert
from migrations.flask.install import OldUser
from migrations.naming import Person
from migrations.originals import person_files
from migrations.receipts import Receipt

# Raised whenever the same file would be made into something else: then it is taken anew.
_CONVERSION = 1
_BCRYPT = re.compile(r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}")


@dataclass(frozen=True, slots=True)
class Options:
    """How people are taken.

    `offset` is in minutes west of UTC, for whom nothing else is known; None for what was said
    before.
    """

    work_dir: Path
    now_ms: Callable[[], int]
    generation: Callable[[], str]
    offset: int | None = None
    jobs: int = 4


@dataclass(frozen=True, slots=True)
class Source:
    """What a person is taken from: SHA-256 by key of the original, and one of all that counts."""

    files: Mapping[str, str]
    fingerprint: str


def source_of(person: Person, options: Options) -> Source:
    """Tells whether there is anything new to take. Raises OSError."""
    files = {
        key + part.suffix: part.sha256
        for key, file in person_files(person.username, person.old)
        for part in file.parts()
    }
    told = [_CONVERSION, person.old.row_digest, files, person.starts_empty, options.offset or 0]
    return Source(files, hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest())


def examine(
    person: Person, image: Path, fingerprint: str, before: Receipt | None, options: Options
) -> Receipt:
    """The receipt for what the person is to have; a collection, if any, is written to `image`.

    What an earlier run has begun (`before`) goes on with its generation and its moment.
    """
    now_ms = before.now_ms if before else options.now_ms()
    converted, reason = _converted(person, image, Moment(now_ms, options.offset or 0))
    fate = "taken" if converted else "not_taken" if reason else "empty"
    receipt = Receipt(
        user_id=person.old.user_id,
        old_username=person.old.username,
        old_name=person.old.name,
        username=person.username,
        generation=before.generation if before else options.generation(),
        fingerprint=fingerprint,
        row=person.old.row_digest,
        fate=fate,  # type: ignore[arg-type]
        reason=reason,
        layout="id" if _is_old_layout(person.old) else "name",
        now_ms=now_ms,
        attention=tuple(_attention(person)),
        decision=replace(person.decision, username="", why=""),
    )
    return _with_collection(receipt, converted) if converted else receipt


def display_name(old_name: str, username: str) -> str:
    """The old display name where today's rules take it, else what is left of it."""
    text = unicodedata.normalize("NFC", old_name[: 4 * MAX_NAME_LENGTH])
    printable = "".join(
        each for each in text if unicodedata.category(each)[0] not in "CZ" or each == " "
    )
    for candidate in (old_name, printable.strip()[:MAX_NAME_LENGTH]):
        try:
            return check_name(candidate)
        except BadInputError:
            continue
    return username


def _converted(person: Person, image: Path, moment: Moment) -> tuple[Converted | None, str]:
    if person.starts_empty or person.old.file is None:
        return None, ""
    try:
        return convert(person.old.file, image, moment), ""
    except UnusableFileError as error:
        return None, " ".join(error.message.split())


def _with_collection(receipt: Receipt, converted: Converted) -> Receipt:
    values = {name: getattr(receipt, name) for name in receipt.__struct_fields__}
    return Receipt(
        **values
        | {
            "created_s": converted.created_s,
            "counts": converted.counts,
            "digests": converted.digests,
            "repairs": converted.repairs,
            "missing": converted.account.missing,
            "added": converted.account.added,
            "changed": converted.account.changed,
        }
    )


def _is_old_layout(old: OldUser) -> bool:
    return old.file is not None and old.file.path.name == f"user_{old.user_id}.db"


def _attention(person: Person) -> list[str]:
    old = person.old
    found = []
    if person.username != old.username:
        found.append(f"logs in as {person.username} from now on")
    if display_name(old.name, person.username) != old.name:
        found.append("the display name was made to fit the rules")
    if not _BCRYPT.fullmatch(old.password_hash):
        found.append("the password hash is none of bcrypt's: nobody can log in with it")
    if old.other and old.file:
        found.append(f"has two collections: {old.file.path.name} counts, the other is only kept")
    if person.starts_empty and old.file:
        found.append("begins anew by decision; the old collection is only kept")
    return found
