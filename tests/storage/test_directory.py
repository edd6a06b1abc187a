"""What a directory adds to the contract: other programs, troubles of the disk, and durability."""

import fcntl
import hashlib
import os
import resource
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.disk import DurableFiles
from chalicelib.storage.ports import (
    AmbiguousOutcomeError,
    ObjectHead,
    PreconditionFailedError,
    StoredObject,
)
from chalicelib.storage.versioned_file import Version, VersionedFile
from tests.storage.memory import Crash

KEY = "user_dbs/ada.anki2"
OLDER, OLD, NEW = b"older", b"old", b"new version"


class TroubledDisk(DurableFiles):
    """Fails once, in the method of this name when it is about a file or folder of that name."""

    def __init__(self, method: str, name: str, error: type[BaseException] = OSError) -> None:
        self._trouble: tuple[str, str] | None = (method, name)
        self._error = error

    def write(self, path: Path, chunks: Iterable[bytes]) -> os.stat_result:
        self._fail("write", path)
        return super().write(path, chunks)

    def link(self, source: Path, target: Path) -> None:
        self._fail("link", target)
        super().link(source, target)

    def rename(self, source: Path, target: Path) -> None:
        self._fail("rename", target)
        super().rename(source, target)

    def remove(self, path: Path) -> None:
        self._fail("remove", path)
        super().remove(path)

    def sync(self, directory: Path) -> None:
        self._fail("sync", directory)
        super().sync(directory)

    def _fail(self, method: str, path: Path) -> None:
        if self._trouble == (method, path.name):
            self._trouble = None
            raise self._error


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A store with its second version, `OLD`."""
    root = tmp_path / "data"
    base = DirectoryBaseStore(root)
    etag = base.put(KEY, OLDER, metadata={"seq": "1"}, if_match=None)
    base.put(KEY, OLD, metadata={"seq": "2"}, if_match=etag)
    return root


def put(base: DirectoryBaseStore, data: bytes) -> StoredObject:
    """Replaces whatever is there."""
    head = base.head(KEY)
    assert head
    etag = base.put(KEY, data, metadata={"seq": "3"}, if_match=head.etag)
    return StoredObject(etag, {"seq": "3"}, data)


def earlier(root: Path) -> list[tuple[bytes, Mapping[str, str]]]:
    """The earlier versions that a program that starts now can have."""
    base, copy = DirectoryBaseStore(root), root.with_name("copy")
    found = []
    for version in base.earlier(KEY):
        if not base.download(KEY, copy, version=version.version):
            continue
        assert hashlib.sha256(copy.read_bytes()).hexdigest() == version.etag
        found.append((copy.read_bytes(), version.metadata))
    return found


def replace_by_hand(root: Path, data: bytes) -> None:
    (root / "copy").write_bytes(data)
    (root / "copy").replace(root / KEY)


def write_by_hand(root: Path, data: bytes) -> None:
    (root / KEY).write_bytes(data)


by_hand = pytest.mark.parametrize("change", [replace_by_hand, write_by_hand])


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_deleted_user_leaves_no_file_behind(root: Path) -> None:
    put(DirectoryBaseStore(root), NEW)
    DirectoryBaseStore(root).delete(KEY)
    assert files(root) == []


def test_a_deletion_without_records_leaves_no_file_behind_and_takes_no_other(root: Path) -> None:
    base = DirectoryBaseStore(root)
    etag = base.put(f"{KEY}.2", OLD, metadata={}, if_match=None)
    base.put(f"{KEY}.2", NEW, metadata={}, if_match=etag)
    expected = [path for path in files(root) if path.name.startswith("ada.anki2.2")]
    assert len(expected) == 4
    (root / ".versions" / f"{KEY}.json").unlink()
    base.delete(KEY)
    assert files(root) == expected


def test_the_folder_of_collections_holds_nothing_but_collections(root: Path) -> None:
    assert [path.name for path in (root / "user_dbs").iterdir()] == ["ada.anki2"]


def test_no_other_user_of_the_machine_can_read_a_file(root: Path, tmp_path: Path) -> None:
    base = DirectoryBaseStore(root)
    base.download(KEY, tmp_path / "download")
    paths = [*root.rglob("*"), tmp_path / "download"]
    assert {path.stat().st_mode & 0o077 for path in paths} == {0}


@by_hand
def test_a_file_put_there_by_hand_has_no_metadata_and_the_hash_of_its_bytes(
    root: Path, change: Callable[[Path, bytes], None]
) -> None:
    base = DirectoryBaseStore(root)
    base.get(KEY)
    change(root, b"by hand")
    etag = hashlib.sha256(b"by hand").hexdigest()
    assert base.get(KEY) == StoredObject(etag, {}, b"by hand")
    assert base.head(KEY) == ObjectHead(etag, {})
    base.put(KEY, NEW, metadata={}, if_match=etag)


@pytest.mark.parametrize(("data", "later_ns"), [(OLD[::-1], 1), (OLD * 2, 0)])
def test_a_file_changed_in_place_is_another_version_by_its_size_or_its_time(
    root: Path, data: bytes, later_ns: int
) -> None:
    mtime_ns = (root / KEY).stat().st_mtime_ns + later_ns
    write_by_hand(root, data)
    os.utime(root / KEY, ns=(mtime_ns, mtime_ns))
    assert DirectoryBaseStore(root).head(KEY) == ObjectHead(hashlib.sha256(data).hexdigest(), {})


@by_hand
def test_what_is_done_by_hand_does_not_spoil_the_kept_version(
    root: Path, change: Callable[[Path, bytes], None]
) -> None:
    change(root, b"by hand")
    assert earlier(root) == [(OLDER, {"seq": "1"})]


@by_hand
def test_what_was_written_over_by_hand_stays_on_record(
    root: Path, change: Callable[[Path, bytes], None]
) -> None:
    """So that who comes next knows what was there last."""
    change(root, b"by hand")
    on_record = [version.metadata for version in DirectoryBaseStore(root).earlier(KEY)]
    assert on_record == [{"seq": "2"}, {"seq": "1"}]


@by_hand
def test_a_version_put_there_by_hand_is_kept_when_it_is_replaced(
    root: Path, change: Callable[[Path, bytes], None]
) -> None:
    change(root, b"by hand")
    put(DirectoryBaseStore(root), NEW)
    assert earlier(root) == [(b"by hand", {})]


def test_a_kept_version_that_is_written_into_is_none_any_more(root: Path) -> None:
    """A crash before the swap leaves the current version with both of its names."""
    with pytest.raises(Crash):
        put(DirectoryBaseStore(root, TroubledDisk("rename", "ada.anki2", Crash)), NEW)
    write_by_hand(root, b"by hand, in both")
    replace_by_hand(root, b"by hand")
    assert earlier(root) == [(OLDER, {"seq": "1"})]
    put(DirectoryBaseStore(root), NEW)
    assert earlier(root) == [(b"by hand", {})]
    assert len(files(root)) == 4


def test_the_current_version_copied_in_place_by_hand_is_known_by_its_bytes(root: Path) -> None:
    first = DirectoryBaseStore(root).head(KEY)
    replace_by_hand(root, OLD)
    assert DirectoryBaseStore(root).head(KEY) == first


def test_an_earlier_version_put_back_by_hand_is_a_file_of_its_own(root: Path) -> None:
    replace_by_hand(root, OLDER)
    back = DirectoryBaseStore(root).head(KEY)
    assert back
    assert back.metadata == {}


def test_a_file_that_was_removed_by_hand_means_nothing_to_the_next_one(root: Path) -> None:
    (root / KEY).unlink()
    assert list(DirectoryBaseStore(root).earlier(KEY)) == []
    DirectoryBaseStore(root).put(KEY, NEW, metadata={"seq": "1"}, if_match=None)
    assert earlier(root) == []
    replace_by_hand(root, OLD)
    found = DirectoryBaseStore(root).head(KEY)
    assert found
    assert found.metadata == {}


def test_records_that_cannot_be_read_are_no_records(root: Path) -> None:
    (record,) = root.rglob("*.json")
    record.write_text("{")
    base = DirectoryBaseStore(root)
    assert base.head(KEY) == ObjectHead(hashlib.sha256(OLD).hexdigest(), {})
    assert earlier(root) == []
    assert base.get(KEY)
    put(base, NEW)
    assert earlier(root) == [(OLD, {})]


def test_a_known_version_is_not_read_to_be_told_from_another(root: Path) -> None:
    """The bytes are changed behind the record's back, so whoever reads them sees it."""
    head = DirectoryBaseStore(root).head(KEY)
    stat = (root / KEY).stat()
    (root / KEY).write_bytes(OLD[::-1])
    os.utime(root / KEY, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert DirectoryBaseStore(root).head(KEY) == head


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_version_stays_whole_for_its_reader_while_it_is_replaced(
    root: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """A reading that is overtaken between opening the file and looking at its record."""
    records = VersionedFile._records

    def overtaken(file: VersionedFile) -> list[Version]:
        monkeypatch.setattr(VersionedFile, "_records", records)
        for number in range(times):
            put(DirectoryBaseStore(root), b"late %d" % number)
        return records(file)

    monkeypatch.setattr(VersionedFile, "_records", overtaken)
    found = DirectoryBaseStore(root).get(KEY)
    assert found
    possible = [(OLD, {"seq": "2"}), (b"late %d" % (times - 1), {"seq": "3"})]
    assert (found.data, found.metadata) in possible


def test_a_version_that_is_not_kept_any_more_is_none(root: Path, tmp_path: Path) -> None:
    base = DirectoryBaseStore(root)
    (version,) = base.earlier(KEY)
    put(base, NEW)
    assert base.download(KEY, tmp_path / "copy", version=version.version) is None
    assert not (tmp_path / "copy").exists()


def test_a_version_of_a_deleted_file_is_not_one_of_the_next_file(
    root: Path, tmp_path: Path
) -> None:
    base = DirectoryBaseStore(root)
    (version,) = base.earlier(KEY)
    base.delete(KEY)
    base.put(KEY, b"his", metadata={}, if_match=None)
    put(base, b"his, too")
    assert base.download(KEY, tmp_path / "copy", version=version.version) is None


def test_an_acknowledged_version_has_reached_the_disk_with_its_folders_and_nothing_twice(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    sync = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    put(DirectoryBaseStore(root), NEW)
    (record,) = root.rglob("*.json")
    new = root / KEY
    in_order = [path.stat().st_ino for path in (new, record, record.parent, new.parent)]
    assert synced == in_order
    DirectoryBaseStore(root).get(KEY)
    earlier(root)
    assert synced == in_order


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("write", "ada.anki2.new"),
        ("write", "ada.anki2.json-new"),
        ("rename", "ada.anki2.json"),
        ("sync", "user_dbs"),
    ],
)
def test_a_disk_that_fails_before_the_swap_changes_nothing(
    root: Path, method: str, name: str
) -> None:
    base = DirectoryBaseStore(root, TroubledDisk(method, name))
    before, earlier_before = base.get(KEY), earlier(root)
    with pytest.raises(StorageUnavailableError):
        put(base, NEW)
    assert base.get(KEY) == before
    assert earlier(root) == earlier_before
    put(base, NEW)
    assert earlier(root) == [(OLD, {"seq": "2"})]


def test_a_disk_that_is_full_keeps_no_half_of_a_version(root: Path) -> None:
    base = DirectoryBaseStore(root)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(StorageUnavailableError):
            put(base, bytes(200_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(root.rglob("*.new"))


def test_trouble_in_the_swap_is_an_open_outcome(root: Path) -> None:
    base = DirectoryBaseStore(root, TroubledDisk("rename", "ada.anki2"))
    with pytest.raises(AmbiguousOutcomeError):
        put(base, NEW)


def test_trouble_in_making_a_swap_last_is_an_open_outcome(root: Path) -> None:
    class LastSyncFails(DurableFiles):
        syncs = 0

        def sync(self, directory: Path) -> None:
            self.syncs += 1
            if self.syncs == 2:
                raise OSError

    with pytest.raises(AmbiguousOutcomeError):
        put(DirectoryBaseStore(root, LastSyncFails()), NEW)


def test_trouble_with_a_version_that_need_not_be_kept_is_none_of_the_writer(root: Path) -> None:
    put(DirectoryBaseStore(root, TroubledDisk("remove", "ada.anki2.1")), NEW)
    assert len(files(root)) == 5
    assert earlier(root) == [(OLD, {"seq": "2"})]
    put(DirectoryBaseStore(root), b"next")
    assert len(files(root)) == 4


def test_a_version_that_cannot_have_two_names_is_copied(root: Path, tmp_path: Path) -> None:
    """Linux refuses a second name for another user's file."""
    replace_by_hand(root, b"of another user")
    put(DirectoryBaseStore(root, TroubledDisk("link", "ada.anki2.3", PermissionError)), NEW)
    assert earlier(root) == [(b"of another user", {})]


def test_a_copied_version_is_no_earlier_one_before_it_was_replaced(root: Path) -> None:
    class NoLinks(TroubledDisk):
        def link(self, source: Path, target: Path) -> None:
            raise PermissionError

    with pytest.raises(Crash):
        put(DirectoryBaseStore(root, NoLinks("rename", "ada.anki2", Crash)), NEW)
    found = DirectoryBaseStore(root).get(KEY)
    assert found
    assert (found.data, found.metadata) == (OLD, {"seq": "2"})
    assert earlier(root) == [(OLDER, {"seq": "1"})]


def test_a_directory_that_cannot_be_read_is_an_outage(root: Path) -> None:
    (root / KEY).unlink()
    (root / KEY).mkdir()
    with pytest.raises(StorageUnavailableError):
        DirectoryBaseStore(root).get(KEY)
    (root / "loop").symlink_to(root / "loop")
    with pytest.raises(StorageUnavailableError):
        DirectoryBaseStore(root).keys("loop/")


@pytest.mark.parametrize("key", ["../ada", "/ada", "user_dbs/../../ada", ".versions/ada", "", "."])
def test_no_key_leads_out_of_the_directory_or_to_the_records(root: Path, key: str) -> None:
    base = DirectoryBaseStore(root)
    with pytest.raises(ValueError, match="key"):
        base.get(key)
    with pytest.raises(ValueError, match="key"):
        base.keys(f"{key}/")


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
    put(DirectoryBaseStore(root), NEW)
    assert locked[-1] == lock.stat().st_ino


def test_a_refused_write_leaves_the_lock_free(root: Path) -> None:
    base = DirectoryBaseStore(root)
    for _ in range(2):
        with pytest.raises(PreconditionFailedError):
            base.put(KEY, NEW, metadata={}, if_match="stale")
