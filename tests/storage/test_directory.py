"""What a directory adds to the contract: other programs, crashes and durability."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.disk import DurableFiles
from chalicelib.storage.ports import (
    AmbiguousOutcomeError,
    NotModified,
    ObjectHead,
    PreconditionFailedError,
    StoredObject,
)
from tests.storage.memory import Crash

KEY = "user_dbs/ada.anki2"
OLD, NEW = b"old", b"new version"


class CrashingFiles(DurableFiles):
    """Dies at the nth change, counted from 0 and before or after it took effect."""

    def __init__(self, step: int, *, after: bool) -> None:
        self._left = step
        self._after = after

    def write(self, path: Path, data: bytes) -> os.stat_result:
        if self._is_now():
            path.write_bytes(data if self._after else data[: len(data) // 2])
            raise Crash
        return super().write(path, data)

    def rename(self, source: Path, target: Path) -> None:
        self._change(lambda: super(CrashingFiles, self).rename(source, target))

    def remove(self, path: Path) -> None:
        self._change(lambda: super(CrashingFiles, self).remove(path))

    def _change(self, change: Callable[[], None]) -> None:
        now = self._is_now()
        if now and not self._after:
            raise Crash
        change()
        if now:
            raise Crash

    def _is_now(self) -> bool:
        self._left -= 1
        return self._left == -1


class FullDisk(DurableFiles):
    """Has no room for a file of this name, or cannot rename one."""

    def __init__(self, *, write: str = "", rename: str = "") -> None:
        self._write = write
        self._rename = rename

    def write(self, path: Path, data: bytes) -> os.stat_result:
        if path.name == self._write:
            raise OSError("no room")
        return super().write(path, data)

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        if target.name == self._rename:
            raise OSError("trouble")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A store with one version, `OLD`."""
    root = tmp_path / "data"
    DirectoryBaseStore(root).put(KEY, OLD, metadata={"lineage": "old"}, if_match=None)
    return root


def crashes(change: Callable[[DirectoryBaseStore], object], root: Path) -> Iterator[None]:
    """Let `change` crash at each of its steps in turn, until it has no more steps."""
    step = 0
    while True:
        for after in (False, True):
            try:
                change(DirectoryBaseStore(root, CrashingFiles(step, after=after)))
            except Crash:
                yield
            else:
                return
        step += 1


def restore(root: Path) -> str:
    base = DirectoryBaseStore(root)
    base.delete(KEY)
    return base.put(KEY, OLD, metadata={"lineage": "old"}, if_match=None)


def test_a_crash_at_any_step_of_a_replacement_leaves_one_whole_version_with_its_metadata(
    root: Path,
) -> None:
    seen = []

    def replace(base: DirectoryBaseStore) -> None:
        base.put(KEY, NEW, metadata={"lineage": "old new"}, if_match=restore(root))

    for _ in crashes(replace, root):
        found = DirectoryBaseStore(root).get(KEY)
        assert found
        seen.append((found.data, found.metadata))
        base = DirectoryBaseStore(root)
        etag = base.put(KEY, b"next", metadata={"lineage": "next"}, if_match=found.etag)
        assert base.get(KEY) == StoredObject(etag, {"lineage": "next"}, b"next")
    whole = [(OLD, {"lineage": "old"}), (NEW, {"lineage": "old new"})]
    assert all(version in seen for version in whole)
    assert all(version in whole for version in seen)


def test_a_crash_at_any_step_of_a_deletion_leaves_the_version_or_nothing(root: Path) -> None:
    seen = set()
    for _ in crashes(lambda base: base.delete(KEY), root):
        found = DirectoryBaseStore(root).get(KEY)
        seen.add(found.data if found else None)
        restore(root)
    assert seen == {OLD, None}


def test_a_deleted_user_leaves_no_file_behind(root: Path) -> None:
    DirectoryBaseStore(root).delete(KEY)
    assert [path for path in root.rglob("*") if path.is_file()] == []


def test_the_folder_of_collections_holds_nothing_but_collections(root: Path) -> None:
    assert [path.name for path in (root / "user_dbs").iterdir()] == ["ada.anki2"]


def test_a_file_put_there_by_hand_has_no_metadata_and_the_hash_of_its_bytes(root: Path) -> None:
    base = DirectoryBaseStore(root)
    (root / KEY).write_bytes(b"by hand")
    etag = hashlib.sha256(b"by hand").hexdigest()
    assert base.get(KEY) == StoredObject(etag, {}, b"by hand")
    assert base.get_if_changed(KEY, etag) == NotModified()
    base.put(KEY, NEW, metadata={}, if_match=etag)


def test_a_version_copied_back_by_hand_is_known_by_its_bytes(root: Path) -> None:
    first = DirectoryBaseStore(root).head(KEY)
    copy = root / "copy"
    copy.write_bytes(OLD)
    copy.replace(root / KEY)
    assert DirectoryBaseStore(root).head(KEY) == first


def test_a_file_changed_in_place_by_hand_is_another_version(root: Path) -> None:
    base = DirectoryBaseStore(root)
    before = base.head(KEY)
    (root / KEY).write_bytes(OLD[::-1])
    os.utime(root / KEY, ns=(1, 1))
    after = base.head(KEY)
    assert before
    assert after == ObjectHead(hashlib.sha256(OLD[::-1]).hexdigest(), {})


def test_records_that_cannot_be_read_are_no_records(root: Path) -> None:
    (record,) = root.rglob("*.json")
    record.write_text("{")
    base = DirectoryBaseStore(root)
    assert base.head(KEY) == ObjectHead(hashlib.sha256(OLD).hexdigest(), {})


def test_a_known_version_is_not_read_to_be_told_from_another(root: Path) -> None:
    """The bytes are changed behind the record's back, so whoever reads them sees it."""
    head = DirectoryBaseStore(root).head(KEY)
    stat = (root / KEY).stat()
    (root / KEY).write_bytes(OLD[::-1])
    os.utime(root / KEY, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert DirectoryBaseStore(root).head(KEY) == head


def test_a_version_stays_whole_for_its_reader_while_it_is_replaced(root: Path) -> None:
    """A reading that is overtaken between opening the file and looking at its record."""

    class Overtaken(DirectoryBaseStore):
        left = 2

        def _records(self, key: str) -> dict[str, object]:  # type: ignore[override]
            while self.left:
                self.left -= 1
                other = DirectoryBaseStore(root)
                head = other.head(key)
                assert head
                metadata = {"lineage": f"late {self.left}"}
                data = b"late %d" % self.left
                other.put(key, data, metadata=metadata, if_match=head.etag)
            return super()._records(key)  # type: ignore[return-value]

    found = Overtaken(root).get(KEY)
    assert found
    assert (found.data, found.metadata) == (b"late 0", {"lineage": "late 0"})


def test_an_acknowledged_version_has_reached_the_disk_with_its_folder(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = set()
    sync = os.fsync

    def fsync(descriptor: int) -> None:
        synced.add(os.fstat(descriptor).st_ino)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    base = DirectoryBaseStore(root)
    base.put("user_dbs/bob.anki2", NEW, metadata={}, if_match=None)
    bob = root / "user_dbs/bob.anki2"
    (record,) = root.rglob("bob*.json")
    assert {path.stat().st_ino for path in (bob, bob.parent, record, record.parent)} <= synced


def test_a_disk_that_is_full_before_the_swap_changes_nothing(root: Path) -> None:
    base = DirectoryBaseStore(root, FullDisk(write="ada.anki2.new"))
    before = base.get(KEY)
    assert before
    with pytest.raises(StorageUnavailableError):
        base.put(KEY, NEW, metadata={}, if_match=before.etag)
    assert base.get(KEY) == before


def test_trouble_in_the_swap_is_an_open_outcome(root: Path) -> None:
    base = DirectoryBaseStore(root, FullDisk(rename="ada.anki2"))
    before = base.head(KEY)
    assert before
    with pytest.raises(AmbiguousOutcomeError):
        base.put(KEY, NEW, metadata={}, if_match=before.etag)


def test_a_directory_that_cannot_be_read_is_an_outage(root: Path) -> None:
    (root / KEY).unlink()
    (root / KEY).mkdir()
    with pytest.raises(StorageUnavailableError):
        DirectoryBaseStore(root).get(KEY)


@pytest.mark.parametrize("key", ["../ada", "/ada", "user_dbs/../../ada", ".versions/ada", "", "."])
def test_no_key_leads_out_of_the_directory_or_to_the_records(root: Path, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        DirectoryBaseStore(root).get(key)


def test_a_writer_whose_lock_was_deleted_meanwhile_takes_the_new_one(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deletion removes the lock: two writers could each hold one, the old and the new."""
    lock = root / ".versions" / (KEY + ".lock")
    flock = fcntl.flock
    locked: list[int] = []

    def deleted_meanwhile(descriptor: int, operation: int) -> None:
        if operation == fcntl.LOCK_EX:
            if not locked:
                lock.unlink()
                lock.touch()
            locked.append(os.fstat(descriptor).st_ino)
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", deleted_meanwhile)
    restored = DirectoryBaseStore(root).head(KEY)
    assert restored
    DirectoryBaseStore(root).put(KEY, NEW, metadata={}, if_match=restored.etag)
    assert locked[-1] == lock.stat().st_ino


def test_a_refused_write_leaves_the_lock_free(root: Path) -> None:
    base = DirectoryBaseStore(root)
    for _ in range(2):
        with pytest.raises(PreconditionFailedError):
            base.put(KEY, NEW, metadata={}, if_match="stale")
