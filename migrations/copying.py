"""Taking everybody of an install over, many at a time."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from msgspec.structs import replace as replace_in

from chalicelib.errors import ConfigurationError, StorageUnavailableError
from chalicelib.storage.ports import AmbiguousOutcomeError, PreconditionFailedError
from migrations.deciding import Decided, decided, remember
from migrations.examining import Options
from migrations.flask.files import OldFile
from migrations.flask.install import OldInstall
from migrations.naming import Decision, Person, name_people
from migrations.originals import install_files
from migrations.outcomes import Outcome
from migrations.parallel import each_of
from migrations.preparing import store_original_again
from migrations.receipts import Receipt
from migrations.taking import plan, take
from migrations.target import Target


@dataclass(frozen=True, slots=True)
class Move:
    """Who comes from where; `receipts` are those of earlier copies.

    `decided` is what holds for all: `everybody` puts together what is said now and what was said
    before.
    """

    install: OldInstall
    people: Sequence[Person]
    receipts: Sequence[Receipt] = ()
    decided: Decided = field(default_factory=Decided)

    def loose_files(self) -> list[OldFile]:
        """Files of nobody who gets an account under a new name: they are kept all the same."""
        olds = [person.old for person in self.people if not person.username]
        return [file for old in olds for file in (old.file, old.other) if file]

    def other_names(self, person: Person) -> list[str]:
        """Under which an earlier copy has taken the same person."""
        who = (person.old.user_id, person.old.username)
        return [
            one.username
            for one in self.receipts
            if (one.user_id, one.old_username) == who and one.username != person.username
        ]

    def options(self, options: Options) -> Options:
        """With what was said before, where nothing is said now."""
        said = self.decided.offset if options.offset is None else options.offset
        return replace(options, offset=said)


def everybody(
    install: OldInstall, target: Target | None, mapping: Mapping[str, Decision], jobs: int
) -> Move:
    """Everybody of the install under the names that they have here or are to have.

    What an earlier run was told by its mapping is remembered; a new one goes before. Raises
    ConfigurationError as `name_people` does, and where nobody has a collection.
    """
    receipts = target.receipts.all(jobs) if target else []
    before = decided(target.base) if target else Decided()
    there = {user.username for user in install.users}
    remembered = {
        name: decision
        for name, decision in (_decided_by(receipts) | before.skipped).items()
        if name in there
    }
    # Who was taken and is not in the old install any more can still be decided on.
    gone = {one.old_username for one in receipts} - there
    said = {name: decision for name, decision in mapping.items() if name not in gone}
    named = {name: _with_name(decision, remembered.get(name)) for name, decision in said.items()}
    people = name_people(install, {**remembered, **named})
    _check_folder(people)
    skipped = _skipped(people, gone, {**before.skipped, **mapping})
    return Move(install, people, receipts, Decided(skipped, before.offset))


def _decided_by(receipts: Sequence[Receipt]) -> dict[str, Decision]:
    """By old username; of two receipts of one person the one that is not being left."""
    ordered = sorted(receipts, key=lambda one: not one.leaving)
    return {
        one.old_username: replace_in(one.decision, username=one.leaving or one.username)
        for one in ordered
    }


def _with_name(decision: Decision, remembered: Decision | None) -> Decision:
    known = remembered.username if remembered else ""
    return replace_in(decision, username=decision.username or known)


def _skipped(
    people: Sequence[Person], gone: Collection[str], decisions: Mapping[str, Decision]
) -> dict[str, Decision]:
    """Who is left out, of those who are there and of those who are gone."""
    all_of = {person.old.username: person.decision for person in people}
    all_of |= {name: decisions[name] for name in gone if name in decisions}
    return {name: one for name, one in all_of.items() if one.collection == "skip"}


def _check_folder(people: Sequence[Person]) -> None:
    """Raises ConfigurationError where it cannot be the right one."""
    undecided = [one for one in people if one.decision.collection == "take"]
    if undecided and not any(one.old.file for one in people):
        raise ConfigurationError(
            "Nobody of admin.db has a collection in this folder: is it the right one?"
            " If so, decide `empty` for everybody in the mapping."
        )


def plan_all(
    target: Target | None, move: Move, options: Options, done: Callable[[int], None]
) -> list[Outcome]:
    """What `take_all` would do; nothing is written."""
    options = move.options(options)
    return each_of(
        move.people,
        lambda person: plan(target, person, options, move.other_names(person)),
        options.jobs,
        done,
    )


def take_all(
    target: Target, move: Move, options: Options, done: Callable[[int], None]
) -> list[Outcome]:
    """Keep what belongs to nobody alone, then take each person over.

    Raises StorageUnavailableError when the first cannot be done, and ConflictError.
    """
    options = move.options(options)
    remember(target.base, Decided(move.decided.skipped, options.offset))
    try:
        for key, file in install_files(move.install, move.loose_files()):
            store_original_again(target.base, key, file)
    except (PreconditionFailedError, AmbiguousOutcomeError) as error:
        raise StorageUnavailableError from error
    return each_of(
        move.people,
        lambda person: take(target, person, options, move.other_names(person)),
        options.jobs,
        done,
    )
