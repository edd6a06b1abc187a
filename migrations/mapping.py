"""The operator's decisions, as a file that is written with suggestions, edited and fed back."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from chalicelib.errors import ConfigurationError
from migrations.flask.install import OldInstall
from migrations.naming import Decision, MappingFile, Person, name_people

NAME = "mapping.json"
# Whose the mapping is, and its digest: another one tells that somebody has edited it since.
_DIGEST = ".mapping.sha256"


def read_mapping(path: Path | None) -> MappingFile:
    """The decisions. Raises ConfigurationError for an unusable file, a misspelt word included."""
    if path is None:
        return MappingFile()
    try:
        return msgspec.json.decode(path.read_bytes(), type=MappingFile)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(f"The mapping {path} cannot be used: {error}.") from error


def check_mapping(install: OldInstall, mapping: MappingFile) -> None:
    """What a mapping may not say when it is given.

    Raises ConfigurationError for a file or a row that is not there, for a name that somebody else
    has of old and was not decided to give up, and as `name_people` does.
    """
    for decision in mapping.users.values():
        if decision.file and not (install.user_dbs / decision.file).is_file():
            raise ConfigurationError(
                f"The mapping names a file that is not there: {install.user_dbs / decision.file}."
            )
    strange = mapping.rows_without_username.keys() - set(install.nameless)
    if strange:
        raise ConfigurationError(f"User {min(strange)} of the mapping is no row without username.")
    _check_nobody_evicted(install, mapping.users)


def check_edits_given(folder: Path, given: Path | None) -> None:
    """Raises ConfigurationError for an edited mapping in the report's folder that is not given."""
    path = folder / NAME
    if given is None and _owner_of(path) == "somebody":
        raise ConfigurationError(f"{path} was edited: give it by --mapping, or remove it.")


def write_mapping(
    folder: Path,
    people: Sequence[Person],
    nameless: Sequence[int],
    decided: MappingFile,
    given: Path | None,
) -> None:
    """Write what is decided, and a suggestion for everything else, to be edited.

    The operator's own stays as it is, unless it is the one that was `given`: that is added to.
    """
    path = folder / NAME
    is_given = given is not None and given.resolve() == path.resolve()
    if _owner_of(path) != "program" and not is_given:
        return
    open_ones = {
        person.old.username: replace(
            person.decision, username=person.suggestion, why=person.problem
        )
        for person in people
        if person.suggestion
    }
    rows = dict.fromkeys(nameless, "undecided") | decided.rows_without_username
    mapping = {"users": {**decided.users, **open_ones}, "rows_without_username": rows}
    data = msgspec.json.format(msgspec.json.encode(mapping), indent=2) + b"\n"
    path.write_bytes(data)
    owner = "operator" if is_given else "program"
    (folder / _DIGEST).write_text(f"{owner} {hashlib.sha256(data).hexdigest()}")


def _check_nobody_evicted(install: OldInstall, users: Mapping[str, Decision]) -> None:
    own = {person.username: person.old.username for person in name_people(install, {})}
    for old_name, decision in users.items():
        owner = own.get(decision.username, old_name) if decision.username else old_name
        of_owner = users.get(owner, Decision())
        if owner != old_name and not of_owner.username and of_owner.collection != "skip":
            raise ConfigurationError(
                f"The mapping gives {old_name} the name of {owner}, who has no other one."
            )


def _owner_of(path: Path) -> str:
    """Whose the mapping is.

    "program": its own, or there is none; "operator": it was given; "somebody": edited since.
    """
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return "program"
    try:
        owner, _, known = path.with_name(_DIGEST).read_text().partition(" ")
    except FileNotFoundError:
        return "somebody"
    return owner if known == digest else "somebody"
