"""Bringing a stage's data to a version, forwards or backwards, and remembering which it has.

The version lies beside the data, in the object `migrations/version.json`, and changes by
compare-and-set once a step is done for everybody. A run that is cut short is simply repeated.
"""

from collections.abc import Callable, Sequence

import msgspec

from chalicelib.errors import ConfigurationError, ConflictError
from chalicelib.storage.ports import BaseStore
from migrations.parallel import each_of
from migrations.replacing import replace_document
from migrations.steps import STEPS, Step
from migrations.target import Target

KEY = "migrations/version.json"
_MEANWHILE = "Another run has changed the data meanwhile."


class Passage(msgspec.Struct, frozen=True):
    """One step that was done, and which way; `at_ms` epoch milliseconds."""

    number: int
    name: str
    at_ms: int
    is_backward: bool = False


class DataVersion(msgspec.Struct, frozen=True):
    """The version of the data, and how it came to it; version 0 is where nothing was noted."""

    version: int = 0
    passages: tuple[Passage, ...] = ()


class Runner:
    """Runs `steps` on a target, `jobs` subjects at a time."""

    def __init__(
        self,
        target: Target,
        now_ms: Callable[[], int],
        *,
        steps: Sequence[Step] = STEPS,
        jobs: int = 4,
    ) -> None:
        """Raises ConfigurationError for steps that are not numbered from 1 on."""
        if [step.number for step in steps] != list(range(1, len(steps) + 1)):
            raise ConfigurationError("Steps are numbered from 1 on, none left out.")
        self._target = target
        self._now_ms = now_ms
        self._steps = steps
        self._jobs = jobs

    @property
    def latest(self) -> int:
        return len(self._steps)

    def current(self) -> DataVersion:
        return _read(self._target.base)[0]

    def run(self, to: int, done: Callable[[Step, int], None] = lambda _step, _n: None) -> int:
        """Bring the data to version `to`; how many steps that took.

        `done(step, n)` after the nth subject of a step. Raises ConfigurationError for a version
        that there is none of, ConflictError when another run came in between, and what a step
        raises: then the version is still the one before that step.
        """
        if not 0 <= to <= self.latest:
            raise ConfigurationError(f"There are versions 0 to {self.latest} of the data.")
        version = self.current().version
        if version > self.latest:
            raise ConfigurationError(f"The data is of version {version}, which is not known here.")
        going = range(version + 1, to + 1) if to > version else range(version, to, -1)
        for number in going:
            self._pass(self._steps[number - 1], is_backward=to < version, done=done)
        return len(going)

    def note(self, number: int, *, is_backward: bool = False) -> None:
        """Remember that a step is done; fine when that is known already.

        Raises ConflictError when another run has brought the data elsewhere meanwhile.
        """
        before, etag = _read(self._target.base)
        step = self._steps[number - 1]
        came_from, version = (number, number - 1) if is_backward else (number - 1, number)
        if before.version < number if is_backward else before.version >= number:
            return
        if before.version != came_from:
            raise ConflictError(_MEANWHILE)
        passage = Passage(number, step.name, self._now_ms(), is_backward)
        after = DataVersion(version, (*before.passages, passage))
        data = msgspec.json.format(msgspec.json.encode(after), indent=2)
        replace_document(self._target.base, KEY, data, etag, told=_MEANWHILE)

    def _pass(self, step: Step, *, is_backward: bool, done: Callable[[Step, int], None]) -> None:
        work = step.backward if is_backward else step.forward
        each_of(
            step.subjects(self._target),
            lambda subject: work(self._target, subject),
            self._jobs,
            lambda number: done(step, number),
        )
        self.note(step.number, is_backward=is_backward)


def _read(base: BaseStore) -> tuple[DataVersion, str | None]:
    stored = base.get(KEY)
    if stored is None:
        return DataVersion(), None
    return msgspec.json.decode(stored.data, type=DataVersion), stored.etag
