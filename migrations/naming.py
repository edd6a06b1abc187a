"""Who is called what from now on.

A username of the Flask version could be any text. Those that today's rules refuse, and those that
differ from another one only in case, get a suggestion; the operator edits the list of them and
feeds it back. Nobody is renamed without that.
"""

import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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


class Decision(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the operator decided for one old username.

    `username` is the new one. `collection` "empty" lets a person begin anew whose collection
    cannot be taken, "skip" leaves the person out. `file` names another file of `user_dbs`, or one
    by its whole path, to be taken for the person's own.
    """

    username: str = ""
    collection: Literal["take", "empty", "skip"] = "take"
    file: str = ""
    why: str = ""


class MappingFile(msgspec.Struct, forbid_unknown_fields=True):
    """What the operator edits: decisions by old username, and by id for rows that have none."""

    users: dict[str, Decision] = {}
    rows_without_username: dict[int, Literal["undecided", "skip"]] = {}

    @property
    def skipped_rows(self) -> set[int]:
        """The ids of rows without a username that are left out by decision."""
        return {row for row, decided in self.rows_without_username.items() if decided == "skip"}


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


def name_people(install: OldInstall, decisions: Mapping[str, Decision]) -> list[Person]:
    """Everybody of the install with a new name, or with the reason why not and a suggestion.

    Whose name is fine keeps it; of those that differ only in case, who is called exactly so, else
    who came first. A file that was decided on and is gone is the person's own trouble. Raises
    ConfigurationError for decisions that cannot be: two people of one name or one file, a name
    that the rules refuse, somebody who is not there.
    """
    _check_decisions(install, decisions)
    files = decided_files(install, decisions)
    decided = {key for user in install.users if (key := _decided_name(user, decisions))}
    taken = set(decided)
    owners = _owners_of_names(install.users, decisions, taken)
    people = []
    for user in install.users:
        decision = decisions.get(user.username, Decision())
        name = decision.username or owners.get(user.user_id, "")
        old = _with_decided_file(user, files)
        people.append(_named(old, name, decision, taken, decided))
    return people


def _named(
    old: OldUser, name: str, decision: Decision, taken: set[str], decided: set[str]
) -> Person:
    if decision.collection == "skip":
        return Person(old, "", "left out by decision", decision=decision)
    if name:
        return Person(old, name, decision=decision)
    suggestion = _free_name(old.username, taken)
    taken.add(suggestion)
    return Person(old, "", _why_refused(old.username, decided), suggestion, decision)


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


def decided_files(install: OldInstall, decisions: Mapping[str, Decision]) -> dict[int, Path]:
    """The file that was decided on, by user id.

    Raises ConfigurationError where somebody else has it, who was not given another one.
    """
    users = [user for user in install.users if _decided_file(user, decisions)]
    files = {user.user_id: install.user_dbs / _decided_file(user, decisions) for user in users}
    owners = _owners_of_files(install, decisions)
    for user in users:
        path = files[user.user_id].resolve()
        if owners.setdefault(path, user.user_id) != user.user_id:
            raise ConfigurationError(
                f"The mapping gives {user.username} a file that somebody else has: {path.name}."
            )
    return files


def _owners_of_files(install: OldInstall, decisions: Mapping[str, Decision]) -> dict[Path, int]:
    """Of those who keep what is theirs."""
    return {
        file.path.resolve(): user.user_id
        for user in install.users
        if not _decided_file(user, decisions)
        for file in (user.file, user.other)
        if file
    }


def _decided_file(user: OldUser, decisions: Mapping[str, Decision]) -> str:
    decision = decisions.get(user.username)
    return decision.file if decision else ""


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


def _with_decided_file(user: OldUser, files: Mapping[int, Path]) -> OldUser:
    """With the file decided on, and without what others are to have."""
    others = {path.resolve() for user_id, path in files.items() if user_id != user.user_id}
    own = [file for file in (user.file, user.other) if file and file.path.resolve() not in others]
    if path := files.get(user.user_id):
        kept = [file for file in own if file.path.resolve() != path.resolve()]
        own = [OldFile(path), *kept]
    return replace(user, file=own[0] if own else None, other=own[1] if len(own) > 1 else None)


def _normal(username: str) -> str:
    """The name as it is stored, "" where the rules refuse it."""
    try:
        return normalise_username(username)
    except BadInputError:
        return ""


def _why_refused(username: str, decided: set[str]) -> str:
    name = _normal(username)
    if name and name in decided:
        return "the mapping gives this name to somebody else"
    if name:
        return "somebody else's name differs only in case"
    return "the name is not 3 to 32 letters a-z, digits, dots, underscores or dashes"


def _free_name(username: str, taken: set[str]) -> str:
    ascii_only = unicodedata.normalize("NFKD", username.casefold()).encode("ascii", "ignore")
    base = _NOT_IN_NAMES.sub("-", ascii_only.decode()).strip("-.") or "user"
    numbered = (f"{base[: MAX_LENGTH - _ROOM]}-{number}" for number in itertools.count(2))
    candidates = itertools.chain([base[:MAX_LENGTH]], numbered)
    return next(name for name in candidates if _normal(name) == name and name not in taken)
