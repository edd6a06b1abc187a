"""What the callers of one container do in a fuzzed world, and what they make of the outcome."""

import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from zlib import crc32

from chalicelib.errors import ConflictError, IdempotencyKeyReusedError, StorageUnavailableError
from chalicelib.storage import CollectionStorage, LockedS3SQLiteConnection, Request
from tests.storage.judge import Judge, normal
from tests.storage.ledger import (
    LARGE,
    Answer,
    Seen,
    build,
    change,
    demand,
    edited,
    look,
    look_closely,
)
from tests.storage.memory import Crash


class OwnError(Exception):
    """A handler's own, raised on what it saw."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen


@dataclass(frozen=True)
class Submission:
    """A change that a client asks for, with a key perhaps; sent again it is the same one."""

    username: str
    name: str
    key: str

    @property
    def request(self) -> Request | None:
        return Request(self.key, self.name.encode()) if self.key else None


class Notes:
    """A recorder that notes as many bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def begin(self, conn: sqlite3.Connection) -> None:
        conn.execute("CREATE TEMP TABLE IF NOT EXISTS noted (data BLOB)")
        conn.execute("DELETE FROM noted")

    def end(self, conn: sqlite3.Connection) -> bytes:
        conn.execute("INSERT INTO noted VALUES (?)", (self._data,))
        return self._data


class Surroundings(Protocol):
    """What a driver needs of its world."""

    directory: Path
    outside: bool
    fault_rate: float

    def judge(self, username: str) -> Judge: ...
    def username(self, dice: random.Random) -> str: ...
    def new_name(self) -> str: ...
    def count(self, what: str) -> None: ...
    def container(self, number: int) -> CollectionStorage: ...
    def crashed(self, number: int) -> None: ...
    def overwrite(self, username: str, edit: Callable[[sqlite3.Connection], object]) -> None: ...

    pause: Callable[[random.Random], None]
    meet: Callable[[Submission], None]
    again: list[Submission]
    recent: list[Submission]


class Driver:
    """The callers of container `number`."""

    def __init__(self, world: Surroundings, number: int, dice: random.Random) -> None:
        self._world = world
        self._number = number
        self._dice = dice
        self._steps: dict[Callable[[], None], int] = {
            self._change: 42,
            self._fail: 6,
            self._leave_unchanged: 6,
            self._read: 20,
            self._use_connection: 8,
            self._take_image: 4,
            self._repeat: 4,
            self._reuse_key: 2,
            self._fold: 2,
            self._sweep: 2,
            self._replace: 0 if world.outside else 1,
            self._overwrite: 1 if world.outside else 0,
            self._create: 1,
        }

    def step(self) -> None:
        """One call, of whatever kind."""
        if self._world.again and self._dice.random() < 0.3:
            self.submit(self._world.again.pop(0))
            return
        self._dice.choices(list(self._steps), weights=list(self._steps.values()))[0]()

    def submit(self, submission: Submission) -> None:
        """Send a change, for the first time or again."""
        judge = self._world.judge(submission.username)
        nonces: list[str] = []

        def fn(conn: sqlite3.Connection) -> list[str | int]:
            self._look_known(conn, judge)
            if not nonces and submission.key and self._dice.random() < 0.04:
                self._world.meet(submission)
            nonces.append(f"{self._dice.getrandbits(64):x}")
            self._pass_time()
            return change(conn, submission.name, nonces[-1]).plain

        with self._outcome(judge, submission) as storage:
            plain = storage.transact(
                submission.username,
                fn,
                submission.request,
                recorder=self._recorder(),
                operation=submission.name,
            )
            self._acknowledged(judge, submission, Answer.of(plain), nonces)

    def _acknowledged(
        self, judge: Judge, submission: Submission, answer: Answer, nonces: list[str]
    ) -> None:
        self._world.count("acknowledged")
        judge.acknowledge(submission.name, answer)
        if answer.nonce not in nonces:
            self._world.count("replayed")
            if submission.name in judge.doubtful:
                self._world.count("doubts resolved")
        if submission.key:
            self._world.recent[:] = [*self._world.recent, submission][-8:]

    def _change(self) -> None:
        name = self._world.new_name()
        key = f"key-{name}" if self._dice.random() < 0.7 else ""
        self.submit(Submission(self._world.username(self._dice), name, key))

    def _repeat(self) -> None:
        if self._world.recent:
            self.submit(self._dice.choice(self._world.recent))

    def _reuse_key(self) -> None:
        """Another request under a key that was used."""
        if not self._world.recent:
            return
        used = self._world.recent[-1]
        other = Submission(used.username, self._world.new_name(), used.key)
        self.submit(other)
        self._world.judge(used.username).check_reuse(used.name, other.name)

    def _fail(self) -> None:
        username = self._world.username(self._dice)
        judge, since = self._since(username)
        name = self._world.new_name()
        key = f"key-{name}" if self._dice.random() < 0.5 else ""

        def fn(conn: sqlite3.Connection) -> None:
            seen = self._look_known(conn, judge)
            change(conn, name, "failed")
            self._pass_time()
            raise OwnError(seen)

        submission = Submission(username, name, key)
        with self._outcome(judge, submission, since) as storage:
            storage.transact(username, fn, submission.request)

    def _leave_unchanged(self) -> None:
        """A transaction whose result is what it saw."""
        judge, since = self._since(self._world.username(self._dice))

        def fn(conn: sqlite3.Connection) -> Seen:
            conn.execute("UPDATE last SET name = name")
            self._pass_time()
            return look(conn)

        with self._outcome(judge) as storage:
            judge.saw(storage.transact(judge.owner.username, fn), since)
            self._world.count("unchanged")

    def _read(self) -> None:
        judge, since = self._since(self._world.username(self._dice))
        looking = look_closely if self._dice.random() < 0.2 else look
        with self._outcome(judge) as storage:
            judge.saw(storage.read(judge.owner.username, looking), since)
            self._world.count("reads")

    def _take_image(self) -> None:
        judge, since = self._since(self._world.username(self._dice))
        with self._outcome(judge) as storage:
            judge.saw_image(storage.image(judge.owner.username), since)
            self._world.count("images")

    def _use_connection(self) -> None:
        username = self._world.username(self._dice)
        judge, since = self._since(username)
        name, nonce = self._world.new_name(), f"{self._dice.getrandbits(64):x}"
        with self._outcome(judge, Submission(username, name, ""), since) as storage:
            with LockedS3SQLiteConnection(username, storage) as conn:
                judge.saw(look(conn), since)
                answer = change(conn, name, nonce)
                self._pass_time()
                if self._dice.random() < 0.1:
                    raise OwnError(look(conn))
            self._world.count("connections")
            judge.acknowledge(name, answer)

    def _replace(self) -> None:
        username, name = self._world.username(self._dice), self._world.new_name()
        judge = self._world.judge(username)
        path = Path(tempfile.mkdtemp(dir=self._world.directory)) / "image.anki2"
        with self._outcome(judge, Submission(username, name, "")) as storage:
            path.write_bytes(storage.image(username))
            with closing(sqlite3.connect(path, isolation_level=None)) as conn:
                answer = edited(conn, name)
            judge.images[name] = crc32(normal(path.read_bytes()))
            storage.replace(username, path, operation=name)
            judge.acknowledge(name, answer)

    def _overwrite(self) -> None:
        name = f"by hand {self._world.new_name()}"
        self._world.overwrite(self._world.username(self._dice), lambda conn: edited(conn, name))

    def _fold(self) -> None:
        judge = self._world.judge(self._world.username(self._dice))
        with self._outcome(judge) as storage:
            folded = storage.fold(judge.owner.username)
            with judge.lock:
                demand(folded <= judge.base_seq, "the base is older than told")

    def _sweep(self) -> None:
        with self._outcome(self._world.judge(self._world.username(self._dice))) as storage:
            storage.sweep()
            storage.clean_up()
            self._world.count("sweeps")

    def _create(self) -> None:
        judge = self._world.judge(self._world.username(self._dice))
        with self._outcome(judge) as storage:
            demand(not storage.create(judge.owner.username, build), "made again")

    @contextmanager
    def _outcome(
        self, judge: Judge, submission: Submission | None = None, since: int = 0
    ) -> Iterator[CollectionStorage]:
        """The container for one call, whose errors become what they mean for the submission."""
        name = submission.name if submission else ""
        try:
            yield self._world.container(self._number)
        except OwnError as error:
            self._world.count("own errors")
            judge.refused.add(name)
            if error.seen.name != name:
                judge.saw(error.seen, since)
        except (ConflictError, IdempotencyKeyReusedError) as error:
            self._world.count(type(error).__name__)
            judge.refused.add(name)
        except (StorageUnavailableError, Crash) as error:
            self._world.count(type(error).__name__)
            demand(self._world.fault_rate, "unavailable without a fault")
            if submission:
                self._doubt(judge, submission)
            if isinstance(error, Crash):
                self._world.crashed(self._number)

    def _doubt(self, judge: Judge, submission: Submission) -> None:
        self._world.count("doubtful")
        judge.doubtful.add(submission.name)
        if submission.key and self._dice.random() < 0.5:
            self._world.again.append(submission)

    def _look_known(self, conn: sqlite3.Connection, judge: Judge) -> Seen:
        """Behind others perhaps, but never anything that was not committed."""
        seen = look(conn)
        with judge.lock:
            demand(judge.seq_of(seen) is not None, f"{seen.name} is read and was not committed")
        return seen

    def _pass_time(self) -> None:
        if self._dice.random() < self._world.fault_rate / 2:
            self._world.count("faults")
            raise Crash
        self._world.pause(self._dice)

    def _recorder(self) -> Notes | None:
        dice = self._dice.random()
        if dice < 0.5:
            return None
        return Notes(self._dice.randbytes(LARGE if dice > 0.995 else 200))

    def _since(self, username: str) -> tuple[Judge, int]:
        judge = self._world.judge(username)
        return judge, judge.last_acknowledged
