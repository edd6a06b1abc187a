"""Taking everybody of an install over, many at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.ports import AmbiguousOutcomeError, PreconditionFailedError
from migrations.examining import Options
from migrations.flask.files import OldFile
from migrations.flask.install import OldInstall
from migrations.naming import Decision, Person, name_people
from migrations.originals import install_files, store_original
from migrations.outcomes import Outcome
from migrations.parallel import each_of
from migrations.taking import plan, take
from migrations.target import Target


@dataclass(frozen=True, slots=True)
class Move:
    """Who comes from where."""

    install: OldInstall
    people: Sequence[Person]

    def loose_files(self) -> list[OldFile]:
        """Files of nobody who gets an account under a new name: they are kept all the same."""
        olds = [person.old for person in self.people if not person.username]
        return [file for old in olds for file in (old.file, old.other) if file]


def everybody(
    install: OldInstall, target: Target | None, mapping: Mapping[str, Decision], jobs: int
) -> Move:
    """Everybody of the install under the names that they have here or are to have.

    What an earlier run was told by its mapping is remembered; a new one goes before. Raises
    ConfigurationError as `name_people` does.
    """
    known = {one.old_username: one for one in target.receipts.all(jobs)} if target else {}
    remembered = {
        user.username: replace(
            known[user.username].decision, username=known[user.username].username
        )
        for user in install.users
        if user.username in known
    }
    renewed = {
        name: replace(decision, username=decision.username or remembered[name].username)
        for name, decision in mapping.items()
        if name in remembered
    }
    return Move(install, name_people(install, {**remembered, **mapping, **renewed}))


def plan_all(
    target: Target | None, move: Move, options: Options, done: Callable[[int], None]
) -> list[Outcome]:
    """What `take_all` would do; nothing is written."""
    return each_of(move.people, lambda person: plan(target, person, options), options.jobs, done)


def take_all(
    target: Target, move: Move, options: Options, done: Callable[[int], None]
) -> list[Outcome]:
    """Keep what belongs to nobody alone, then take each person over.

    Raises StorageUnavailableError when the first cannot be done.
    """
    try:
        for key, file in install_files(move.install, move.loose_files()):
            store_original(target.base, key, file)
    except (PreconditionFailedError, AmbiguousOutcomeError) as error:
        raise StorageUnavailableError from error
    return each_of(move.people, lambda person: take(target, person, options), options.jobs, done)
