"""The replicas at hand: one thread's turn at a time, bounded, private, gone with their process."""

import gc
import os
import random
import shutil
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.keys import Owner
from chalicelib.storage.replica import Replica
from chalicelib.storage.warm import Seat, WarmCopies
from tests.storage.changes import make_file

ADA, BOB, CYD, DAN, EVE = OWNERS = [Owner(name) for name in ("ada", "bob", "cyd", "dan", "eve")]
MINUTE_S = 60.0
LONG_S = 60.0
PAGE_SIZE = 512
# The least that is taken for a whole file: a header, and as many bytes as it promises.
FILE = b"SQLite format 3\0\x02\x00\x01\x01".ljust(31, b"\0") + b"\2".ljust(
    2 * PAGE_SIZE - 31, b"\0"
)
ROOT = Path(__file__).parents[2]


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Disk:
    """How full it is, the more the more replicas there are."""

    def __init__(self, others: float = 0.0, each: float = 0.0) -> None:
        self.others, self.each = others, each

    def __call__(self, directory: Path) -> float:
        return self.others + self.each * len(list(directory.glob("*.anki2")))


class Warm(WarmCopies):
    """Warm copies that a test can look at without using them."""

    def __init__(
        self,
        parent: Path,
        *,
        room_for: float = 100,
        disk: Disk | None = None,
        wait_s: float = LONG_S,
    ) -> None:
        self.parent = parent
        self.time = Clock()
        self.files: dict[Owner, Path] = {}
        max_bytes = int(room_for * len(FILE))
        super().__init__(parent, max_bytes, clock=self.time, fill=disk or Disk(), wait_s=wait_s)

    @contextmanager
    def used(self, owner: Owner) -> Iterator[Seat]:
        """A turn with a replica, which is opened where there is none."""
        with self.turn(owner) as seat:
            if seat.replica is None:
                seat.path.write_bytes(FILE)
                seat.replica = Replica(owner, seat.path, 0, 8)
            self.files[owner] = seat.path
            yield seat

    def use(self, *owners: Owner) -> None:
        for owner in owners:
            with self.used(owner):
                pass

    @property
    def kept(self) -> list[Owner]:
        """Whose replicas are there, by name."""
        return [owner for owner in OWNERS if owner in self.files and self.files[owner].exists()]

    @property
    def beside(self) -> int:
        """How many files there are in all."""
        return sum(path.is_file() for path in self.parent.rglob("*"))


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def warm(parent: Path) -> Warm:
    return Warm(parent)


def test_a_replica_is_found_again(warm: Warm) -> None:
    with warm.used(ADA) as seat:
        replica = seat.replica
    with warm.turn(ADA) as seat:
        assert seat.replica is replica
    with warm.turn(BOB) as seat:
        assert seat.replica is None


def test_two_registrations_of_a_name_have_two_replicas(warm: Warm) -> None:
    warm.use(ADA)
    with warm.turn(Owner("ada", "again")) as seat:
        assert seat.replica is None


def test_threads_take_turns_with_one_replica(warm: Warm) -> None:
    alone = threading.Lock()

    def work(_: int) -> Path:
        with warm.used(ADA) as seat:
            assert alone.acquire(blocking=False)
            path = seat.path
            alone.release()
        return path

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(work, range(400)))) == 1


def test_a_thread_that_would_use_its_own_replica_twice_gets_a_seat_of_its_own(warm: Warm) -> None:
    with warm.used(ADA) as outer:
        with warm.used(ADA) as inner:
            assert inner.path != outer.path
            with warm.used(ADA) as innermost:
                assert len({outer.path, inner.path, innermost.path}) == 3
        assert not inner.path.exists()
        assert outer.path.exists()
    with warm.turn(ADA) as seat:
        assert seat is outer
    assert warm.beside == 1


def test_whoever_would_wait_for_long_gets_a_seat_of_its_own(parent: Path) -> None:
    warm = Warm(parent, wait_s=0.01)
    with warm.used(ADA) as seat, ThreadPoolExecutor(1) as pool:
        other = pool.submit(lambda: work_alone(warm)).result(timeout=LONG_S)
        assert other != seat.path
        assert not other.exists()
        assert warm.beside == 1


def work_alone(warm: Warm) -> Path:
    with warm.turn(ADA) as seat:
        assert seat.replica is None
        seat.path.write_bytes(FILE)
        return seat.path


def test_two_threads_that_want_each_others_replicas_do_not_wait_for_ever(parent: Path) -> None:
    warm, both = Warm(parent, wait_s=0.01), threading.Barrier(2)

    def work(first: Owner, second: Owner) -> bool:
        with warm.used(first):
            both.wait(LONG_S)
            with warm.used(second):
                both.wait(LONG_S)
        return True

    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(work, ADA, BOB), pool.submit(work, BOB, ADA)]
        assert all(one.result(timeout=LONG_S) for one in waiting)


def test_a_turn_that_was_waited_for_may_find_nothing(warm: Warm) -> None:
    """Whoever had it before was stopped."""
    entered = threading.Event()

    def stopped() -> None:
        with suppress(KeyboardInterrupt), warm.used(ADA):
            entered.set()
            raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(stopped)
        assert entered.wait(LONG_S)
        with warm.turn(ADA) as seat:
            assert seat.replica is None
        stopping.result(timeout=LONG_S)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_a_replica_whose_user_was_stopped_is_dropped(
    warm: Warm, error: type[BaseException]
) -> None:
    with pytest.raises(error), warm.used(ADA):
        raise error
    assert warm.kept == []
    with warm.turn(ADA) as seat:
        assert seat.replica is None


def test_a_replica_whose_user_failed_stays(warm: Warm) -> None:
    with pytest.raises(ZeroDivisionError), warm.used(ADA):
        raise ZeroDivisionError
    assert warm.kept == [ADA]


def test_what_lies_beside_a_replica_goes_with_it(warm: Warm) -> None:
    """A left log would be taken for that of the next file of this name."""
    with warm.used(ADA) as seat:
        for suffix in ("-wal", "-journal"):
            seat.path.with_name(seat.path.name + suffix).write_bytes(b"left")
    warm.forget(ADA)
    assert warm.beside == 0


def test_the_least_recently_used_go_first_and_reading_is_using(parent: Path) -> None:
    warm = Warm(parent, room_for=3)
    warm.use(ADA, BOB, CYD, ADA, DAN)
    assert warm.kept == [ADA, CYD, DAN]
    warm.use(CYD, EVE)
    assert warm.kept == [CYD, DAN, EVE]


def test_a_replica_is_used_until_its_turn_ends(parent: Path) -> None:
    warm = Warm(parent, room_for=2)
    with warm.used(ADA):
        warm.use(BOB)
    warm.use(CYD)
    assert warm.kept == [ADA, CYD]


def test_a_replica_that_has_grown_counts_as_it_is(parent: Path) -> None:
    warm = Warm(parent, room_for=3)
    warm.use(ADA, BOB, CYD)
    with warm.used(CYD) as seat:
        seat.path.write_bytes(FILE * 2)
    assert warm.kept == [BOB, CYD]


def test_one_replica_that_is_too_large_does_not_stay(parent: Path) -> None:
    warm = Warm(parent, room_for=0.5)
    warm.use(ADA)
    assert warm.kept == []


def test_a_replica_in_use_is_never_removed(parent: Path) -> None:
    warm = Warm(parent, room_for=0.5, disk=Disk(others=1.0))
    with warm.used(ADA) as seat:
        warm.use(*OWNERS[1:])
        warm.time.now_s += 60 * MINUTE_S
        warm.clean_up()
        assert warm.kept == [ADA]
        assert seat.path.read_bytes() == FILE


def test_of_five_replicas_the_three_unused_for_a_quarter_of_an_hour_are_removed(
    warm: Warm,
) -> None:
    warm.use(ADA, BOB, CYD)
    warm.time.now_s += 15 * MINUTE_S
    warm.use(DAN, EVE)
    assert warm.clean_up() == 3
    assert warm.kept == [DAN, EVE]
    assert warm.beside == 2
    assert warm.clean_up() == 0


def test_a_seat_without_a_replica_is_none_that_is_removed(warm: Warm) -> None:
    """As of an owner who has no collection."""
    with warm.turn(ADA):
        pass
    warm.time.now_s += 15 * MINUTE_S
    assert warm.clean_up() == 0


def test_ten_minutes_without_use_are_too_many_and_any_use_counts(warm: Warm) -> None:
    warm.use(ADA, BOB)
    warm.time.now_s += 9.9 * MINUTE_S
    assert warm.clean_up() == 0
    warm.use(BOB)
    warm.time.now_s += 0.1 * MINUTE_S
    assert warm.clean_up() == 1
    assert warm.kept == [BOB]


def test_on_a_full_disk_the_least_recently_used_go_until_it_is_not(parent: Path) -> None:
    warm = Warm(parent, disk=Disk(others=0.5, each=0.1))
    warm.use(BOB, CYD, DAN)
    assert warm.clean_up() == 0
    warm.use(ADA, EVE, BOB)
    with warm.used(CYD):
        assert warm.clean_up() == 2
        assert warm.kept == [BOB, CYD, EVE]


def test_a_disk_that_others_fill_takes_all_but_what_is_in_use(parent: Path) -> None:
    warm = Warm(parent, disk=Disk(others=0.81))
    warm.use(*OWNERS)
    with warm.used(BOB):
        assert warm.clean_up() == 4
        assert warm.kept == [BOB]


def test_old_ones_go_before_the_fill_is_looked_at(parent: Path) -> None:
    warm = Warm(parent, disk=Disk(others=0.5, each=0.1))
    warm.use(ADA, BOB, CYD)
    warm.time.now_s += 15 * MINUTE_S
    warm.use(DAN, EVE)
    assert warm.clean_up() == 3
    assert warm.kept == [DAN, EVE]


def test_the_disk_is_asked_by_default(parent: Path) -> None:
    warm = WarmCopies(parent, 10_000)
    with warm.turn(ADA) as seat:
        seat.path.write_bytes(FILE)
        seat.replica = Replica(ADA, seat.path, 0, 8)
    assert warm.clean_up(max_fill=1.0) == 0
    assert warm.clean_up(max_fill=0.0) == 1


def drafted(seat: Seat) -> Replica:
    """The seat's replica, over a file that can be drafted on, with a connection."""
    if seat.replica is None:
        make_file(seat.path, PAGE_SIZE)
        seat.replica = Replica(seat.owner, seat.path, 0, 8)
    with seat.replica.draft(None):
        pass
    assert seat.replica.is_open
    return seat.replica


def test_the_last_eight_connections_are_kept(parent: Path) -> None:
    warm = WarmCopies(parent, 1 << 30)
    before = len(os.listdir("/dev/fd"))
    replicas = {}
    owners = [Owner(f"user{number}") for number in range(12)]
    for owner in [*owners, *owners[2:4]]:
        with warm.turn(owner) as seat:
            replicas[owner] = drafted(seat)
    kept = [owner for owner in owners if replicas[owner].is_open]
    assert kept == [*owners[2:4], *owners[6:]]
    assert len(os.listdir("/dev/fd")) == before + 3 * len(kept)
    warm.close_idle()
    assert len(os.listdir("/dev/fd")) == before


def test_a_connection_in_use_is_not_closed(parent: Path) -> None:
    warm = WarmCopies(parent, 1 << 30)
    with warm.turn(ADA) as seat:
        drafted(seat)
    with warm.turn(ADA) as seat, drafted(seat).draft(None) as draft:
        warm.close_idle()
        for number in range(12):
            with warm.turn(Owner(f"user{number}")) as other:
                drafted(other)
        assert draft.conn.execute("SELECT count(*) FROM card").fetchone() == (1200,)
    warm.close_idle()
    assert not (seat.replica and seat.replica.is_open)


@pytest.mark.parametrize("end", ["drop", "forget", "evict", "gone"])
def test_a_replica_that_goes_closes_its_connection(parent: Path, end: str) -> None:
    warm = WarmCopies(parent, 1 << 30)
    with warm.turn(ADA) as seat:
        replica = drafted(seat)
        if end == "drop":
            seat.drop()
    if end == "forget":
        warm.forget(ADA)
    if end == "evict":
        assert warm.clean_up(unused_s=0) == 1
    if end == "gone":
        replica.path.unlink()
        with warm.turn(ADA) as seat:
            assert seat.replica is None
    assert not replica.is_open


def test_a_forgotten_replica_is_gone(warm: Warm) -> None:
    warm.use(ADA, BOB)
    warm.forget(ADA)
    warm.forget(CYD)
    assert warm.kept == [BOB]
    with warm.turn(ADA) as seat:
        assert seat.replica is None


def test_a_replica_that_is_forgotten_while_in_use_goes_when_it_is_left(warm: Warm) -> None:
    with warm.used(ADA) as seat:
        warm.forget(ADA)
        assert seat.path.read_bytes() == FILE
    assert warm.kept == []
    assert warm.beside == 0


def test_whoever_comes_after_forgetting_does_not_get_the_forgotten(warm: Warm) -> None:
    with warm.used(ADA) as seat:
        warm.forget(ADA)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(work_alone, warm).result(timeout=LONG_S) != seat.path
    with warm.turn(ADA) as later:
        assert later is not seat


uses = st.tuples(st.just("use"), st.sampled_from(OWNERS))
steps = st.lists(
    st.one_of(
        uses,
        uses,
        st.tuples(st.just("forget"), st.sampled_from(OWNERS)),
        st.tuples(st.just("wait"), st.sampled_from([1, 4, 9, 11])),
        st.tuples(st.just("clean up"), st.none()),
    ),
    max_size=30,
)


@given(steps, st.integers(1, 5), st.integers(1, 5))
def test_exactly_those_are_kept_that_are_wanted_and_fit(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, object]],
    room_for: int,
    disk_for: int,
) -> None:
    """Against a model: the owners by their last use."""
    disk = Disk(each=0.8 / disk_for)
    warm = Warm(tmp_path_factory.mktemp("model"), room_for=room_for, disk=disk)
    used_s: OrderedDict[Owner, float] = OrderedDict()
    for step, what in steps:
        match step, what:
            case "use", Owner() as owner:
                warm.use(owner)
                used_s.pop(owner, None)
                used_s[owner] = warm.time.now_s
                while len(used_s) > room_for:
                    used_s.popitem(last=False)
            case "forget", Owner() as owner:
                warm.forget(owner)
                used_s.pop(owner, None)
            case "wait", int(minutes):
                warm.time.now_s += minutes * MINUTE_S
            case _:
                before = len(used_s)
                for owner, at in list(used_s.items()):
                    if at <= warm.time.now_s - 10 * MINUTE_S:
                        del used_s[owner]
                while len(used_s) > disk_for:
                    used_s.popitem(last=False)
                assert warm.clean_up() == before - len(used_s)
        assert set(warm.kept) == set(used_s)
        assert warm.beside == len(used_s)


def test_many_threads_never_share_or_lose_a_replica_in_use(parent: Path) -> None:
    warm = Warm(parent, room_for=2, wait_s=0.001)
    in_use: set[Path] = set()
    guard = threading.Lock()

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(80):
            owner = chance.choice(OWNERS)
            with warm.used(owner) as seat:
                with guard:
                    assert seat.path not in in_use
                    in_use.add(seat.path)
                assert seat.replica
                assert seat.replica.owner == owner
                if chance.random() < 0.2:
                    warm.forget(chance.choice(OWNERS))
                if chance.random() < 0.2:
                    warm.clean_up()
                assert seat.path.read_bytes() == FILE
                with guard:
                    in_use.remove(seat.path)

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(work, seed) for seed in range(6)]:
            done.result(timeout=LONG_S)
    warm.use(ADA)
    assert warm.beside <= 2


def test_scratch_files_are_private_and_gone_afterwards(warm: Warm) -> None:
    def work() -> None:
        with warm.scratch() as one, warm.scratch() as two:
            assert one != two
            one.write_bytes(b"x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert warm.beside == 0


def test_nothing_of_it_can_be_read_by_other_users(parent: Path, warm: Warm) -> None:
    warm.use(ADA)
    (directory,) = parent.iterdir()
    assert parent.stat().st_mode & 0o077 == 0
    assert directory.stat().st_mode & 0o077 == 0


def remove_all(parent: Path) -> None:
    shutil.rmtree(parent)


def remove_files(parent: Path) -> None:
    for path in list(parent.rglob("*.anki2")):
        path.unlink()


@pytest.mark.parametrize("remove", [remove_all, remove_files])
def test_a_cache_that_somebody_removed_is_begun_anew(
    parent: Path, warm: Warm, remove: Callable[[Path], None]
) -> None:
    warm.use(ADA, BOB)
    remove(parent)
    with warm.turn(ADA) as seat:
        assert seat.replica is None
        seat.path.write_bytes(FILE)
    with warm.used(BOB):
        remove(parent)
    warm.clean_up()
    warm.use(ADA, BOB)
    assert warm.kept == [ADA, BOB]


def test_a_cache_that_cannot_be_made_is_an_outage(parent: Path, warm: Warm) -> None:
    parent.write_bytes(b"in the way")
    with pytest.raises(StorageUnavailableError):
        warm.use(ADA)
    with pytest.raises(StorageUnavailableError):
        warm.clean_up()
    with pytest.raises(StorageUnavailableError), warm.scratch():
        pass
    parent.unlink()
    warm.use(ADA)
    assert warm.kept == [ADA]


def test_a_cache_that_is_gone_leaves_no_directory(parent: Path) -> None:
    warm = Warm(parent)
    warm.use(ADA)
    assert list(parent.iterdir())
    del warm
    gc.collect()
    assert list(parent.iterdir()) == []


def test_two_caches_of_one_process_leave_each_other_alone(parent: Path) -> None:
    one, two = Warm(parent), Warm(parent / ".." / parent.name)
    one.use(ADA)
    two.use(ADA)
    assert one.kept == two.kept == [ADA]
    assert one.files[ADA] != two.files[ADA]


OTHER_PROCESS = """
import sys
from pathlib import Path
from chalicelib.storage.keys import Owner
from chalicelib.storage.warm import WarmCopies
warm = WarmCopies(Path(sys.argv[1]), 1000)
with warm.turn(Owner("ada")) as seat:
    seat.path.write_bytes(b"torn")
    print(seat.path, flush=True)
    sys.stdin.read()
"""
FORKING_PROCESS = """
import os, sys
from pathlib import Path
from chalicelib.storage.warm import WarmCopies
warm = WarmCopies(Path(sys.argv[1]), 1000)
with warm.scratch() as path:
    pass
path.write_text("mine")
if child := os.fork():
    os.waitpid(child, 0)
    print(path.read_text())
"""

# A change that was not committed is in the log of the connection that its replica keeps.
FORKING_DRAFTER = """
import os, sys
from pathlib import Path
from chalicelib.storage.keys import Owner
from chalicelib.storage.replica import Replica
from chalicelib.storage.transaction import making
from chalicelib.storage.warm import WarmCopies
warm = WarmCopies(Path(sys.argv[1]), 100_000)
with warm.turn(Owner("ada")) as seat:
    with making(seat.path) as conn:
        conn.execute("CREATE TABLE one (a)")
    replica = seat.replica = Replica(seat.owner, seat.path, 0, 8)
    with replica.draft(None) as draft:
        draft.conn.execute("INSERT INTO one VALUES (1)")
del draft, conn
assert replica.is_open
before = replica.path.read_bytes()
if child := os.fork():
    assert os.waitpid(child, 0)[1] == 0
    print("same" if replica.path.read_bytes() == before else "changed")
"""


def start(code: str, parent: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, str(parent)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_what_a_killed_process_left_is_removed_but_not_before_it_is_dead(parent: Path) -> None:
    with start(OTHER_PROCESS, parent) as other:
        assert other.stdout
        theirs = Path(other.stdout.readline().strip())
        Warm(parent).use(ADA)
        assert theirs.read_bytes() == b"torn"
        other.kill()
        other.wait()
        assert theirs.exists()
    Warm(parent).use(ADA)
    assert not theirs.parent.exists()


def test_a_process_that_ends_leaves_nothing(parent: Path) -> None:
    with start(OTHER_PROCESS, parent) as other:
        other.communicate(timeout=LONG_S)
    assert other.returncode == 0
    assert list(parent.iterdir()) == []


def test_a_forked_child_that_ends_takes_nothing_of_its_parent_along(parent: Path) -> None:
    with start(FORKING_PROCESS, parent) as other:
        assert other.communicate(timeout=LONG_S)[0] == "mine\n"


def test_a_forked_child_that_ends_writes_nothing_of_its_parents_drafts(parent: Path) -> None:
    with start(FORKING_DRAFTER, parent) as other:
        assert other.communicate(timeout=LONG_S)[0] == "same\n"


def test_a_dead_predecessor_with_our_number_is_not_taken_for_ourselves(parent: Path) -> None:
    left = parent / f"javumbo-{os.getpid()}-left"
    left.mkdir(parents=True)
    (left / "copy.anki2").write_bytes(b"torn")
    Warm(parent).use(ADA)
    assert not left.exists()


def test_what_another_users_process_works_with_is_not_removed(
    parent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(pid: int, signal: int) -> None:
        raise PermissionError

    left = parent / "javumbo-1-theirs"
    left.mkdir(parents=True)
    monkeypatch.setattr(os, "kill", refuse)
    Warm(parent).use(ADA)
    assert left.exists()


@pytest.mark.parametrize(
    "name", ["javumbo", "javumbo-x-1", "other-1-x", "javumbo-", f"javumbo-{10**30}-x"]
)
def test_what_is_not_a_directory_of_replicas_is_left_alone(parent: Path, name: str) -> None:
    (parent / name).mkdir(parents=True)
    Warm(parent).use(ADA)
    assert (parent / name).exists()
