"""The engine: a base file a collection and a log of its commits; nothing is locked.

Every change is one conditional append to the log, whatever the size of the collection. What a
process has at hand of a collection may be out of date: a change made on old state is refused by
the log and made again, and everything else that leaves the engine was validated with the log.
"""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from chalicelib.errors import ConflictError, StorageUnavailableError
from chalicelib.storage.access import Access
from chalicelib.storage.adoption import Adoption
from chalicelib.storage.disk import disk_errors
from chalicelib.storage.folding import Folder, is_due
from chalicelib.storage.history import History
from chalicelib.storage.image import settle, stamp
from chalicelib.storage.inspecting import Inspection, Inspector
from chalicelib.storage.keys import Owner
from chalicelib.storage.opening import Opener
from chalicelib.storage.ports import BaseStore, CommitLog, PreconditionFailedError
from chalicelib.storage.reverting import Answer, Reversion, Reverting
from chalicelib.storage.spills import SpillStore
from chalicelib.storage.sweeping import Sweeper
from chalicelib.storage.transacting import Done, Job, Transactions, encoded_answer
from chalicelib.storage.transaction import Recorder, check_integrity, making, reading
from chalicelib.storage.versions import may_be_of, store_base
from chalicelib.storage.warm import Seat, WarmCopies
from chalicelib.storage.writing import About, Request, Writer

T = TypeVar("T")
FoldTrigger = Callable[[Owner], None]

CACHE_BYTES = 256 * 1024 * 1024
# A jittered wait between tries, growing to four times the first one.
_PAUSE_S = 0.025
_MAX_PAUSES = 4


@dataclass(frozen=True, slots=True)
class StorageOptions:
    """How a storage works in this process, and what it takes from its surroundings.

    `cache_dir` holds the process's private directory of replicas (None: the system's temporary
    one), `cache_bytes` is what they may take up together. `retries` is how often a change is
    made again after another writer was first. `generation_of` looks a username's generation up;
    `sleep` takes seconds, `random` gives 0 to 1.
    """

    cache_dir: Path | None = None
    cache_bytes: int = CACHE_BYTES
    retries: int = 20
    generation_of: Callable[[str], str] = lambda _: ""
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random


class CollectionStorage:
    """Every user's collection, read and changed in transactions; safe to use from many threads.

    A method's `owner` is one registration of a username; given the username alone, the
    registration is looked up. All methods raise BadInputError for what is not a normalised
    username, NotFoundError when the owner has no collection, and StorageUnavailableError when
    the storage does not answer or what it holds is damaged (which is never written over).
    """

    def __init__(self, base: BaseStore, log: CommitLog, options: StorageOptions) -> None:
        """Nothing is opened or asked for before the first use."""
        self._base = base
        self._log = log
        self._options = options
        self._warm = WarmCopies(options.cache_dir, options.cache_bytes)
        self._spills = SpillStore(base)
        adoption = Adoption(base, log, self._spills, options.generation_of)
        self._access = Access(Opener(base, log, self._spills, adoption, self._pause))
        self._writer = Writer(log, self._spills, self._pause)
        self._folder = Folder(base, log, self._warm, self._access, adoption, self._pause)
        self._sweeper = Sweeper(
            base, log, self._spills, self._folder, options.now_ms, options.generation_of
        )
        self._inspector = Inspector(base, log, self._spills)
        self._transactions = Transactions(
            self._access, self._folder, self._writer, log, self._spills, options.now_ms
        )
        self._reverting = Reverting(self._access, self._transactions, log, self._spills, self._warm)
        self._trigger: FoldTrigger = self._sweeper.fold_quietly

    def on_fold_due(self, trigger: FoldTrigger) -> None:
        """Say what happens after a commit that makes a fold due; by default it is done at once."""
        self._trigger = trigger

    def create(self, owner: Owner | str, build: Callable[[sqlite3.Connection], None]) -> bool:
        """Make the owner's collection by `build(conn)` on an empty database and store it.

        False when there is one already: then nothing changes. The file has 4096-byte pages,
        UTF-8, rollback mode and user_version 0.
        """
        owner = self._owner(owner)
        with self._warm.scratch() as path:
            with making(path) as conn:
                build(conn)
            with disk_errors():
                settle(path)
                stamp(path, owner.offset)
            return self._created(owner, path)

    def transact(
        self,
        owner: Owner | str,
        fn: Callable[[sqlite3.Connection], T],
        request: Request | None = None,
        *,
        recorder: Recorder | None = None,
        operation: str = "",
    ) -> T:
        """Run `fn` and commit all of its changes, or none; its result.

        `fn` runs again on fresh state when another writer was first, so it touches nothing but
        its connection and returns no open cursor. It cannot end the transaction, attach files or
        set pragmas. Its exception is raised through and nothing is changed; where it changed
        nothing, nothing is written. Raises ConflictError when the retries are used up.

        With a `request`, whose result has to be JSON, the same request again gives the first
        result and changes nothing, while it is among the last commits that the log holds; raises
        IdempotencyKeyReusedError when its key was used for another one. `operation` is a name
        for a person, under which the log keeps what `recorder` noted.
        """
        owner = self._owner(owner)
        job = Job(fn, request, recorder, operation)
        with self._warm.turn(owner) as seat:
            done = self._tried(seat, lambda seat: self._transactions.attempt(seat, job))
            due = done.committed and seat.replica is not None and is_due(seat.replica)
        if due:
            self._trigger(owner)
        return done.value

    @contextmanager
    def attempt(self, owner: Owner | str) -> Iterator[sqlite3.Connection]:
        """One transaction on a private copy of the current state, committed when left normally.

        Raises ConflictError on leaving when another writer was first, and then, or on an
        exception, nothing is changed. LockedS3SQLiteConnection is made of it.
        """
        owner = self._owner(owner)
        with self._warm.scratch() as path:
            with self._warm.turn(owner) as seat:
                self._access.validated(seat)
                with disk_errors():
                    replica = self._folder.make_room(seat).clone(path)
                due = is_due(self._access.at_hand(seat))
            private = Seat(owner, path, replica)
            with replica.draft(None) as draft:
                yield draft.conn
            if draft.pages is None:
                return
            if self._transactions.commit(private, replica, draft.pages, About()):
                raise ConflictError
        if due:
            self._trigger(owner)

    def replace(
        self,
        owner: Owner | str,
        image: Path,
        *,
        operation: str = "",
        request: Request | None = None,
        answer: Answer | None = None,
    ) -> Answer:
        """Put the complete database file at `image`, which is changed, in the collection's place.

        One commit like any other; what was there is kept with it for as long as the log holds
        it. Gives `answer`, or for a `request` that was made before what was answered then, as
        `transact` does. Raises StorageUnavailableError for a file that is not sound.
        """
        owner = self._owner(owner)
        with disk_errors():
            settle(image)
        check_integrity(image)
        answer = answer or {}
        about = About(request, encoded_answer(request, answer), operation)

        def attempt(seat: Seat) -> Done[Answer] | None:
            replica = self._access.validated(seat)
            if request and replica.outcome(request.key):
                return self._transactions.attempt(seat, Job(lambda _: answer, request))
            committed = self._transactions.replace(seat, image, about)
            return Done(answer, committed) if committed else None

        with self._warm.turn(owner) as seat:
            done = self._tried(seat, attempt)
        if done.committed:
            self._trigger(owner)
        return done.value

    def history(self, owner: Owner | str) -> History:
        """Which of the last changes can be undone and redone."""
        with self._warm.turn(self._owner(owner)) as seat:
            return self._tried(seat, self._reverting.history)

    def revert(self, owner: Owner | str, reversion: Reversion) -> Answer:
        """Take the last change back, or do the one taken back again: a change like any other.

        The answer is that of the reversion's function, and the name of the `operation`; where
        a whole image is put back, only that. Raises NothingToUndoError, ConflictError when the
        retries are used up, and through what the reversion's function raises.
        """
        owner = self._owner(owner)
        with self._warm.turn(owner) as seat:
            done = self._tried(seat, lambda seat: self._reverting.attempt(seat, reversion))
            due = done.committed and (seat.replica is None or is_due(seat.replica))
        if due:
            self._trigger(owner)
        return done.value

    def read(self, owner: Owner | str, fn: Callable[[sqlite3.Connection], T]) -> T:
        """Run `fn` on the current state; its result.

        `fn` cannot write, and returns no open cursor.
        """
        with self._warm.turn(self._owner(owner)) as seat:
            replica = self._access.validated(seat)
            try:
                with reading(replica.path) as conn:
                    return fn(conn)
            except StorageUnavailableError:
                seat.drop()
                raise

    def image(self, owner: Owner | str) -> bytes:
        """The current collection as the bytes of one complete `.anki2` file."""
        with self._warm.scratch() as path:
            self.image_to(owner, path)
            with disk_errors():
                return path.read_bytes()

    def image_to(self, owner: Owner | str, path: Path) -> None:
        """Write the current collection to `path` as one complete `.anki2` file."""
        with self._warm.turn(self._owner(owner)) as seat:
            replica = self._access.validated(seat)
            with disk_errors():
                replica.copy_to(path)

    def fold(self, owner: Owner | str) -> int:
        """Bring the base file up to date; the number of the commit that it is the state of."""
        owner = self._owner(owner)
        folded = self._folder.fold(owner)
        self._sweeper.tidy(owner, folded)
        return folded

    def fold_soon(self, owner: Owner | str) -> None:
        """Ask for a fold, as after a commit that makes one due."""
        self._trigger(self._owner(owner))

    def sweep(self) -> list[Owner]:
        """Fold every collection that has commits to fold; the owners for whom that failed."""
        return self._sweeper.sweep()

    def everybody(self) -> list[Owner]:
        """The owners of all that is stored."""
        return self._sweeper.everybody()

    def inspect(self, owner: Owner | str) -> Inspection:
        """How the owner's collection is stored, and what is wrong with it; changes nothing."""
        with self._warm.scratch() as path:
            return self._inspector.inspect(self._owner(owner), path)

    def clean_up(self) -> int:
        """Remove replicas that were not used for 10 minutes; how many, never one in use.

        Where the disk is over 80% full the least recently used go as well.
        """
        return self._warm.clean_up()

    def exists(self, owner: Owner | str) -> bool:
        """Whether anybody has a collection of this name, whole or not."""
        return self._base.head(self._owner(owner).base_key) is not None

    def delete(self, owner: Owner | str) -> None:
        """Remove the owner's collection and its commits for good; fine when there is none.

        A later registration of the name is not touched. What is asked of the deleted one
        afterwards may be answered, and leaves nothing that anybody would read.
        """
        owner = self._owner(owner)
        head = self._base.head(owner.base_key)
        if head and may_be_of(head, owner):
            with suppress(PreconditionFailedError):
                self._base.delete(owner.base_key, if_match=head.etag)
        self._spills.remove_all(owner)
        for key in self._base.keys(owner.conflict_prefix):
            self._base.delete(key)
        self._log.delete(owner.ring)
        self._warm.forget(owner)

    def _created(self, owner: Owner, image: Path) -> bool:
        for attempt in range(self._options.retries + 1):
            if attempt:
                self._pause(attempt)
            if self._base.head(owner.base_key) is not None:
                return False
            if self._log.entries(owner.ring):
                raise StorageUnavailableError("The stored collection is gone.")
            # Refused though there is none: somebody else's write is under way, or was taken back.
            with suppress(PreconditionFailedError):
                store_base(self._base, owner, image, 0, None, self._pause)
                return True
        raise StorageUnavailableError

    def _tried(self, seat: Seat, attempt: Callable[[Seat], T | None]) -> T:
        """What `attempt` gives as soon as it is not None."""
        for number in range(self._options.retries + 1):
            self._prepare(seat, number)
            result = attempt(seat)
            if result is not None:
                return result
        raise ConflictError

    def _owner(self, owner: Owner | str) -> Owner:
        if isinstance(owner, Owner):
            return owner
        return Owner(Owner(owner).username, self._options.generation_of(owner))

    def _prepare(self, seat: Seat, attempt: int) -> None:
        """Before a try that follows others: let the others pass, then see what they did.

        Not after the first loss, whose winner came with the refusal.
        """
        if attempt > 1:
            self._pause(attempt - 1)
            self._access.catch_up(seat)

    def _pause(self, attempt: int) -> None:
        options = self._options
        options.sleep(_PAUSE_S * options.random() * min(attempt, _MAX_PAUSES))
