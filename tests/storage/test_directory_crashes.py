"""What a killed process or a power failure leaves of a directory, at every step of a change."""

import os
import random
from collections.abc import Callable, Iterable, Iterator
from itertools import count, product
from pathlib import Path

import pytest

from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.disk import DurableFiles
from chalicelib.storage.ports import StoredObject

KEY = "user_dbs/ada.anki2"

State = frozenset[tuple[Path, Path]]
"""The files that are there: each name, and where its bytes are put by."""

Change = Callable[[DirectoryBaseStore], object]


class FailingDisk(DurableFiles):
    """Notes every state that the files below `root` could be left in.

    A killed process leaves all that it has done so far. After a power failure each name that was
    given, moved or removed since its directory was synced may be back at any earlier meaning.
    """

    def __init__(self, root: Path, put_by: Path) -> None:
        self._put_by = put_by
        put_by.mkdir(parents=True)
        self._lasting: dict[Path, Path | None] = {
            path: self._bytes(path) for path in root.rglob("*") if path.is_file()
        }
        self._open: list[tuple[Path, Path | None]] = []
        self.seen = self.possible()

    def possible(self) -> dict[State, None]:
        """The states that a failure now could leave, always in the same order."""
        states: dict[State, None] = {}
        for outcomes in product((True, False), repeat=len(self._open)):
            changes = zip(self._open, outcomes, strict=True)
            names = self._lasting | dict(change for change, happened in changes if happened)
            states[frozenset((path, file) for path, file in names.items() if file)] = None
        return states

    def write(self, path: Path, chunks: Iterable[bytes]) -> os.stat_result:
        data = b"".join(chunks)
        self._note(path, None)
        super().write(path, [data[: len(data) // 2]])
        self._note(path, self._bytes(path))
        stat = super().write(path, [data])
        self._note(path, self._bytes(path))
        return stat

    def link(self, source: Path, target: Path) -> None:
        super().link(source, target)
        self._note(target, None)
        self._note(target, self._bytes(target))

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        self._note(target, self._bytes(target))
        self._note(source, None)

    def remove(self, path: Path) -> None:
        super().remove(path)
        self._note(path, None)

    def sync(self, directory: Path) -> None:
        self._lasting |= {path: file for path, file in self._open if path.parent == directory}
        self._open = [change for change in self._open if change[0].parent != directory]

    def _note(self, path: Path, file: Path | None) -> None:
        if file or path in self._lasting or path in dict(self._open):
            self._open.append((path, file))
            self.seen |= self.possible()

    def _bytes(self, path: Path) -> Path:
        """The same file under another name, so that it is there whatever happens to this one."""
        file = self._put_by / str(path.stat().st_ino)
        if not file.exists():
            file.hardlink_to(path)
        return file


class UnsyncedFiles(DurableFiles):
    """For looking at what is left: nothing will fail any more."""

    def sync(self, directory: Path) -> None:
        pass


class Failures:
    """Runs changes of the store at `root`, and shows what failures in them would leave."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root = root
        self._scratch = scratch
        self._numbers = count()

    def in_the_middle_of(self, change: Change) -> Iterator[Path]:
        disk = self._run(change)
        yield from map(self._left, disk.seen)

    def after(self, change: Change) -> Iterator[Path]:
        disk = self._run(change)
        yield from map(self._left, disk.possible())

    def _run(self, change: Change) -> FailingDisk:
        disk = FailingDisk(self.root, self._new())
        change(DirectoryBaseStore(self.root, disk))
        return disk

    def _left(self, state: State) -> Path:
        root = self._new()
        for path, file in state:
            name = root / path.relative_to(self.root)
            name.parent.mkdir(parents=True, exist_ok=True)
            name.hardlink_to(file)
        return root

    def _new(self) -> Path:
        return self._scratch / str(next(self._numbers))


def opened(root: Path) -> DirectoryBaseStore:
    return DirectoryBaseStore(root, UnsyncedFiles())


def put(data: bytes, seq: str) -> Change:
    """Replaces whatever is there."""

    def change(base: DirectoryBaseStore) -> StoredObject:
        head = base.head(KEY)
        metadata = {"seq": seq}
        etag = base.put(KEY, data, metadata=metadata, if_match=head.etag if head else None)
        return StoredObject(etag, metadata, data)

    return change


def delete(base: DirectoryBaseStore) -> None:
    base.delete(KEY)


def earlier(root: Path) -> list[StoredObject]:
    base, copy, versions = opened(root), root.with_name("copy"), []
    for version in base.earlier(KEY):
        if not base.download(KEY, copy, version=version.version):
            continue
        versions.append(StoredObject(version.etag, version.metadata, copy.read_bytes()))
    return versions


def files(root: Path) -> set[str]:
    return {path.name for path in root.rglob("*") if path.is_file()}


def check_that_work_goes_on(root: Path) -> None:
    """The next version is stored, keeps the one before, and leaves nothing else behind."""
    base = opened(root)
    before = base.get(KEY)
    after = put(b"next", "next")(base)
    assert base.get(KEY) == after
    assert earlier(root) == ([before] if before else [])
    kept = {name for name in files(root) if name.split(".")[-1].isdigit()}
    assert len(kept) == (1 if before else 0)
    assert files(root) == {"ada.anki2", "ada.anki2.json", "ada.anki2.lock"} | kept
    delete(base)
    assert files(root) == set()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A store with its third version."""
    root = tmp_path / "data"
    for number, data in enumerate([b"the oldest", b"older", b"old"]):
        put(data, str(number))(opened(root))
    return root


@pytest.fixture
def failures(root: Path, tmp_path: Path) -> Failures:
    return Failures(root, tmp_path / "scratch")


def test_a_failure_at_any_step_of_a_replacement_leaves_one_whole_version_with_its_metadata(
    root: Path, failures: Failures
) -> None:
    old, seen = opened(root).get(KEY), set()
    before = earlier(root)
    for left in failures.in_the_middle_of(put(b"new version", "3")):
        found = opened(left).get(KEY)
        assert found
        assert (found.data, found.metadata["seq"]) in {(b"old", "2"), (b"new version", "3")}
        assert earlier(left) == (before if found == old else [old])
        seen.add(found.data)
        check_that_work_goes_on(left)
    assert seen == {b"old", b"new version"}


def test_no_failure_takes_an_acknowledged_version_back_nor_the_one_it_replaced(
    root: Path, failures: Failures
) -> None:
    old = opened(root).get(KEY)
    for left in failures.after(put(b"new version", "3")):
        found = opened(left).get(KEY)
        assert found
        assert (found.data, found.metadata) == (b"new version", {"seq": "3"})
        assert earlier(left) == [old]
        check_that_work_goes_on(left)


def test_a_failure_in_a_replacement_of_what_was_put_by_hand_leaves_that_or_the_new_one(
    root: Path, failures: Failures, tmp_path: Path
) -> None:
    (tmp_path / "by hand").write_bytes(b"by hand")
    (tmp_path / "by hand").rename(root / KEY)
    by_hand, seen = opened(root).get(KEY), set()
    before = earlier(root)
    for left in failures.in_the_middle_of(put(b"new version", "3")):
        found = opened(left).get(KEY)
        assert found
        assert (found.data, found.metadata) in [(b"by hand", {}), (b"new version", {"seq": "3"})]
        assert earlier(left) == (before if found == by_hand else [by_hand])
        seen.add(found.data)
        check_that_work_goes_on(left)
    assert seen == {b"by hand", b"new version"}


def test_a_failure_after_a_failure_leaves_no_more_than_the_first(
    root: Path, failures: Failures, tmp_path: Path
) -> None:
    dice = random.Random(1)
    lefts = list(failures.in_the_middle_of(put(b"new version", "3")))
    for number, left in enumerate(dice.sample(lefts, 8)):
        before = opened(left).get(KEY)
        again = Failures(left, tmp_path / f"again {number}")
        states = list(again.in_the_middle_of(put(b"newer version", "4")))
        for state in dice.sample(states, 15):
            found = opened(state).get(KEY)
            assert found
            if found.data == b"newer version":
                assert earlier(state) == [before]
            else:
                assert found == before
            check_that_work_goes_on(state)


def test_a_failure_at_any_step_of_a_deletion_leaves_the_version_or_nothing(
    root: Path, failures: Failures
) -> None:
    old, before, seen = opened(root).get(KEY), earlier(root), set()
    for left in failures.in_the_middle_of(delete):
        found = opened(left).get(KEY)
        assert found in (old, None)
        assert earlier(left) == (before if found else [])
        seen.add(found is None)
        check_that_work_goes_on(left)
    assert seen == {True, False}


def test_no_failure_brings_anything_deleted_back(failures: Failures) -> None:
    for left in failures.after(delete):
        assert files(left) == set()


def test_a_failure_at_any_step_of_a_creation_leaves_a_version_without_a_past_or_nothing(
    root: Path, failures: Failures
) -> None:
    """Somebody removed the file by hand; what was beside it belongs to no version any more."""
    (root / KEY).unlink()
    seen = set()
    for left in failures.in_the_middle_of(put(b"created", "1")):
        found = opened(left).get(KEY)
        assert (found.data if found else None) in {b"created", None}
        assert earlier(left) == []
        seen.add(found is None)
        check_that_work_goes_on(left)
    assert seen == {True, False}
