"""Who is called what from now on.

A username of the Flask version could be any text. Those that today's rules refuse, and those that
differ from another one only in case, get a suggestion; the operator edits the list of them and
feeds it back. Nobody is renamed without that.
"""

import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from chalicelib.accounts.rules import normalise_username
from chalicelib.errors import BadInputError, ConfigurationError
from migrations.flask.files import OldFile
from migrations.flask.install import OldInstall, OldUser

MAX_LENGTH = 32
# For a dash and a number behind a name.
_ROOM = 8
_NOT_IN_NAMES = re.compile(r"[^a-z0-9._-]+")


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the operator decided for one old username.

    `username` is the new one. `collection` "empty" lets a person begin anew whose collection
    cannot be taken, "skip" leaves the person out. `file` names another file of `user_dbs`, or one
    by its whole path, to be taken for the person's own.
    """

    username: str = ""
    collection: Literal["take", "empty", "skip"] = "take"
    file: str = ""
    why: str = ""


class Mapping_(msgspec.Struct):  # noqa: N801  # the name of the file's content
    """The file that the operator edits: decisions by old username."""

    users: dict[str, Decision] = {}


@dataclass(frozen=True, slots=True)
class Person:
    """An old user and the new username; `problem` says why there is none yet, or a skip."""

    old: OldUser
    username: str
    problem: str = ""
    suggestion: str = ""
    decision: Decision = field(default_factory=Decision)

    @property
    def starts_empty(self) -> bool:
        """Whether the old collection is only kept."""
        return self.decision.collection == "empty"


def read_mapping(path: Path | None) -> Mapping[str, Decision]:
    """The operator's decisions by old username. Raises ConfigurationError for an unusable file."""
    if path is None:
        return {}
    try:
        return msgspec.json.decode(path.read_bytes(), type=Mapping_).users
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(f"The mapping {path} cannot be used: {error}.") from error


def write_mapping(path: Path, people: Sequence[Person], decided: Mapping[str, Decision]) -> None:
    """Write what is decided, and a suggestion for everybody without a name, to be edited."""
    open_ones = {
        person.old.username: Decision(username=person.suggestion, why=person.problem)
        for person in people
        if person.suggestion
    }
    mapping = Mapping_({**decided, **open_ones})
    path.write_bytes(msgspec.json.format(msgspec.json.encode(mapping), indent=2) + b"\n")


def name_people(install: OldInstall, decisions: Mapping[str, Decision]) -> list[Person]:
    """Everybody of the install with a new name, or with the reason why not and a suggestion.

    Whose name is fine keeps it; of those that differ only in case, who is called exactly so, else
    who came first. Raises ConfigurationError for decisions that cannot be: two people of one name,
    a name that the rules refuse, somebody who is not there.
    """
    _check_decisions(install, decisions)
    taken = {key for user in install.users if (key := _decided_name(user, decisions))}
    owners = _owners_of_names(install.users, decisions, taken)
    people = []
    for user in install.users:
        decision = decisions.get(user.username, Decision())
        name = decision.username or owners.get(user.user_id, "")
        old = _with_decided_file(user, decision, install.user_dbs)
        people.append(_named(old, name, decision, taken))
    return people


def _named(old: OldUser, name: str, decision: Decision, taken: set[str]) -> Person:
    if decision.collection == "skip":
        return Person(old, "", "left out by decision", decision=decision)
    if name:
        return Person(old, name, decision=decision)
    suggestion = _free_name(old.username, taken)
    taken.add(suggestion)
    return Person(old, "", _why_refused(old.username), suggestion, decision)


def _check_decisions(install: OldInstall, decisions: Mapping[str, Decision]) -> None:
    strangers = decisions.keys() - {user.username for user in install.users}
    if strangers:
        raise ConfigurationError(f"The mapping names nobody who is there: {min(strangers)}.")
    seen: dict[str, str] = {}
    for old_name, decision in decisions.items():
        if not decision.username:
            continue
        if _normal(decision.username) != decision.username:
            raise ConfigurationError(
                f"The mapping gives {old_name} a name that cannot be: {decision.username}."
            )
        if decision.username in seen:
            raise ConfigurationError(f"The mapping gives two people one name: {decision.username}.")
        seen[decision.username] = old_name


def _owners_of_names(
    users: Sequence[OldUser], decisions: Mapping[str, Decision], taken: set[str]
) -> dict[int, str]:
    """Who has an acceptable name of their own, by user id; `taken` grows by these names."""
    owners: dict[int, str] = {}
    exact_first = sorted(users, key=lambda user: user.username != _normal(user.username))
    for user in exact_first:
        name = _normal(user.username)
        if name and name not in taken and not _decided_name(user, decisions):
            owners[user.user_id] = name
            taken.add(name)
    return owners


def _decided_name(user: OldUser, decisions: Mapping[str, Decision]) -> str:
    decision = decisions.get(user.username)
    return decision.username if decision else ""


def _with_decided_file(user: OldUser, decision: Decision, user_dbs: Path) -> OldUser:
    if not decision.file:
        return user
    path = user_dbs / decision.file  # a whole path stays what it is
    if not path.is_file():
        raise ConfigurationError(f"The mapping names a file that is not there: {path}.")
    others = [file for file in (user.file, user.other) if file and file.path != path]
    return OldUser(
        user.user_id,
        user.username,
        user.name,
        user.password_hash,
        OldFile(path),
        others[0] if others else None,
    )


def _normal(username: str) -> str:
    """The name as it is stored, "" where the rules refuse it."""
    try:
        return normalise_username(username)
    except BadInputError:
        return ""


def _why_refused(username: str) -> str:
    if _normal(username):
        return "somebody else's name differs only in case"
    return "the name is not 3 to 32 letters a-z, digits, dots, underscores or dashes"


def _free_name(username: str, taken: set[str]) -> str:
    ascii_only = unicodedata.normalize("NFKD", username.casefold()).encode("ascii", "ignore")
    base = _NOT_IN_NAMES.sub("-", ascii_only.decode()).strip("-.") or "user"
    numbered = (f"{base[: MAX_LENGTH - _ROOM]}-{number}" for number in itertools.count(2))
    candidates = itertools.chain([base[:MAX_LENGTH]], numbered)
    return next(name for name in candidates if _normal(name) == name and name not in taken)
