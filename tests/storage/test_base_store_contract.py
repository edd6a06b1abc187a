"""What every base store keeps, whatever lies behind it."""

import resource
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.ports import (
    BaseStore,
    ObjectHead,
    PreconditionFailedError,
    StoredObject,
)
from chalicelib.storage.versioned_file import KEPT_VERSIONS
from tests.storage.memory import Crash, Fault, FaultyBaseStore, MemoryBaseStore, plan_of

KEY = "user_dbs/ada.anki2"
# S3 and the memory keep more versions than any test makes.
MANY = 100
MIB = 1 << 20


def create(base: BaseStore, data: bytes, metadata: Mapping[str, str] | None = None) -> str:
    return base.put(KEY, data, metadata=metadata or {}, if_match=None)


def data_of(base: BaseStore) -> bytes:
    found = base.get(KEY)
    assert found
    return found.data


def earlier(base: BaseStore, key: str, path: Path) -> list[StoredObject]:
    """The earlier versions, each as it is downloaded."""
    versions = []
    for version in base.earlier(key):
        head = ObjectHead(version.etag, version.metadata)
        assert base.download(key, path, version=version.version) == head
        versions.append(StoredObject(version.etag, version.metadata, path.read_bytes()))
    return versions


def kept(base: BaseStore) -> int:
    return KEPT_VERSIONS if isinstance(base, DirectoryBaseStore) else MANY


def test_a_missing_object_is_none_and_not_an_error(any_base: BaseStore, tmp_path: Path) -> None:
    assert any_base.get(KEY) is None
    assert any_base.head(KEY) is None
    assert any_base.download(KEY, tmp_path / "copy") is None
    assert list(any_base.earlier(KEY)) == []
    assert any_base.keys("user_dbs/") == []
    any_base.delete(KEY)


def test_a_download_of_nothing_leaves_no_file(any_base: BaseStore, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_bytes(b"of something else")
    assert any_base.download(KEY, copy) is None
    assert not copy.exists()


def test_what_was_put_is_read_with_its_etag_and_metadata(
    any_base: BaseStore, tmp_path: Path
) -> None:
    etag = create(any_base, b"one", {"seq": "1 2"})
    assert any_base.get(KEY) == StoredObject(etag, {"seq": "1 2"}, b"one")
    assert any_base.head(KEY) == ObjectHead(etag, {"seq": "1 2"})
    assert any_base.download(KEY, tmp_path / "copy") == ObjectHead(etag, {"seq": "1 2"})
    assert (tmp_path / "copy").read_bytes() == b"one"


@pytest.mark.parametrize("size", [0, 1, MIB, 3 * MIB + 1])
def test_a_file_of_any_size_goes_there_and_back_like_its_bytes(
    any_base: BaseStore, tmp_path: Path, size: int
) -> None:
    file, copy = tmp_path / "file", tmp_path / "copy"
    file.write_bytes((b"%06d\n" * (size // 7 + 1) % (*range(size // 7 + 1),))[:size])
    copy.write_bytes(b"older and longer" * MIB)
    etag = any_base.put(KEY, file, metadata={}, if_match=None)
    assert any_base.download(KEY, copy) == ObjectHead(etag, {})
    assert copy.read_bytes() == file.read_bytes() == data_of(any_base)
    any_base.delete(KEY)
    assert create(any_base, file.read_bytes()) == etag


def test_a_file_that_cannot_be_read_is_not_put(any_base: BaseStore, tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailableError):
        any_base.put(KEY, tmp_path / "missing", metadata={}, if_match=None)
    assert any_base.get(KEY) is None


def test_a_place_where_no_file_can_be_is_an_outage(any_base: BaseStore, tmp_path: Path) -> None:
    create(any_base, b"one")
    with pytest.raises(StorageUnavailableError):
        any_base.download(KEY, tmp_path / "missing" / "copy")


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """As if the disk had no room for a longer file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_download_that_the_disk_has_no_room_for_leaves_no_file(
    any_base: BaseStore, tmp_path: Path
) -> None:
    create(any_base, bytes(3 * MIB))
    with files_limited_to(2 * MIB), pytest.raises(StorageUnavailableError):
        any_base.download(KEY, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("any_base", ["directory", "s3"], indirect=True)
def test_a_large_file_is_never_held_in_memory(any_base: BaseStore, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(24 * MIB))
    tracemalloc.start()
    try:
        any_base.put(KEY, file, metadata={}, if_match=None)
        any_base.download(KEY, tmp_path / "copy")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6 * MIB


def test_an_object_that_is_there_is_not_created_again(any_base: BaseStore) -> None:
    create(any_base, b"one")
    with pytest.raises(PreconditionFailedError):
        create(any_base, b"two")
    assert data_of(any_base) == b"one"


def test_a_stale_version_cannot_be_replaced(any_base: BaseStore) -> None:
    first = create(any_base, b"one")
    any_base.put(KEY, b"two", metadata={}, if_match=first)
    with pytest.raises(PreconditionFailedError):
        any_base.put(KEY, b"three", metadata={}, if_match=first)
    assert data_of(any_base) == b"two"


def test_a_deleted_object_cannot_be_replaced_but_created(any_base: BaseStore) -> None:
    etag = create(any_base, b"one", {"seq": "1"})
    any_base.delete(KEY)
    assert any_base.get(KEY) is None
    with pytest.raises(PreconditionFailedError):
        any_base.put(KEY, b"two", metadata={}, if_match=etag)
    assert any_base.head(KEY) is None
    second = create(any_base, b"three")
    assert any_base.head(KEY) == ObjectHead(second, {})


def test_a_replaced_version_can_still_be_had_with_its_metadata(
    any_base: BaseStore, tmp_path: Path
) -> None:
    first = create(any_base, b"one", {"seq": "1"})
    assert list(any_base.earlier(KEY)) == []
    any_base.put(KEY, b"two", metadata={"seq": "2"}, if_match=first)
    assert earlier(any_base, KEY, tmp_path / "copy") == [StoredObject(first, {"seq": "1"}, b"one")]


def test_a_replaced_version_knows_when_it_was_stored(any_base: BaseStore) -> None:
    # S3 knows whole seconds, and a file system's clock is some milliseconds behind.
    before_ms = time.time_ns() // 1_000_000 - 1_000
    etag = create(any_base, b"one")
    any_base.put(KEY, b"two", metadata={}, if_match=etag)
    (version,) = any_base.earlier(KEY)
    assert before_ms <= version.stored_at_ms <= time.time_ns() // 1_000_000


def test_a_new_object_has_no_versions_of_a_deleted_one(any_base: BaseStore, tmp_path: Path) -> None:
    """Another person has the name now."""
    etag = create(any_base, b"hers")
    any_base.put(KEY, b"hers, too", metadata={}, if_match=etag)
    versions = list(any_base.earlier(KEY))
    any_base.delete(KEY)
    assert list(any_base.earlier(KEY)) == []
    etag = create(any_base, b"his")
    assert list(any_base.earlier(KEY)) == []
    any_base.put(KEY, b"his, too", metadata={}, if_match=etag)
    assert [version.etag for version in any_base.earlier(KEY)] == [etag]
    assert all(version not in versions for version in any_base.earlier(KEY))


def test_of_many_simultaneous_writers_exactly_one_wins(any_base: BaseStore) -> None:
    etag = create(any_base, b"start")

    def won(data: bytes) -> bool:
        try:
            any_base.put(KEY, data, metadata={}, if_match=etag)
        except PreconditionFailedError:
            return False
        return True

    candidates = [bytes([n]) for n in range(12)]
    with ThreadPoolExecutor(len(candidates)) as pool:
        outcomes = list(pool.map(won, candidates))
    assert outcomes.count(True) == 1
    assert data_of(any_base) == candidates[outcomes.index(True)]


@dataclass
class Model:
    """A dictionary with compare-and-set."""

    objects: dict[str, StoredObject] = field(default_factory=dict)
    replaced: dict[str, list[StoredObject]] = field(default_factory=dict)

    def put(self, key: str, stored: StoredObject) -> None:
        old = [self.objects[key]] if key in self.objects else []
        self.replaced[key] = old + self.replaced.get(key, [])
        self.objects[key] = stored

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)
        self.replaced.pop(key, None)


# Names that could meet those of the files that a store keeps beside an object.
KEYS = [KEY, f"{KEY}.json", f"{KEY}.1", "user_dbs/more/ada.anki2"]
PREFIXES = ["user_dbs/", "user_dbs/more/", "user_dbs/none/", f"{KEY}/"]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(KEYS),
            st.sampled_from(["put", "put", "put", "delete"]),
            st.sampled_from([b"", b"a", b"b", b"cd"]),
            st.booleans(),
            st.sampled_from(["current", "current", "stale", "none"]),
        ),
        max_size=12,
    )
)
def test_any_history_reads_as_a_dictionary_with_compare_and_set_would(
    any_base: BaseStore, tmp_path: Path, history: list[tuple[str, str, bytes, bool, str]]
) -> None:
    model, file = Model(), tmp_path / "file"
    for key in KEYS:
        any_base.delete(key)
    for number, (key, method, data, from_file, expected) in enumerate(history):
        current = model.objects.get(key)
        if method == "delete":
            any_base.delete(key)
            model.delete(key)
        else:
            etag = current.etag if current and expected == "current" else None
            etag = '"0123456789abcdef0123456789abcdef"' if expected == "stale" else etag
            metadata = {"seq": str(number)}
            file.write_bytes(data)
            try:
                written = any_base.put(
                    key, file if from_file else data, metadata=metadata, if_match=etag
                )
            except PreconditionFailedError:
                assert etag != (current.etag if current else None)
            else:
                assert etag == (current.etag if current else None)
                model.put(key, StoredObject(written, metadata, data))
        assert any_base.get(key) == model.objects.get(key)
    for prefix in PREFIXES:
        assert any_base.keys(prefix) == sorted(k for k in model.objects if k.startswith(prefix))
    for key in KEYS:
        expected_versions = model.replaced.get(key, [])[: kept(any_base)]
        assert earlier(any_base, key, file) == expected_versions


CALLS: dict[str, Callable[[BaseStore, Path], object]] = {
    "get": lambda base, path: base.get(KEY),
    "head": lambda base, path: base.head(KEY),
    "download": lambda base, path: base.download(KEY, path),
    "put": lambda base, path: base.put(
        KEY, b"two", metadata={}, if_match=MemoryBaseStore().place(KEY, b"one")
    ),
    "delete": lambda base, path: base.delete(KEY),
    "keys": lambda base, path: base.keys("user_dbs/"),
    "earlier": lambda base, path: list(base.earlier(KEY)),
}


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("method", CALLS)
def test_each_call_of_a_store_that_fails_on_demand_fails_so(
    method: str, fault: Fault, tmp_path: Path
) -> None:
    base = MemoryBaseStore()
    create(base, b"one")
    faulty = FaultyBaseStore(base, plan_of(method, fault))
    before = dict(base.objects)
    crashes = {Fault.CRASH_BEFORE, Fault.CRASH_AFTER}
    with pytest.raises(Crash if fault in crashes else Exception) as failure:
        CALLS[method](faulty, tmp_path / "copy")
    write = method in {"put", "delete"}
    assert (base.objects != before) == (write and fault in {Fault.LOST_ANSWER, Fault.CRASH_AFTER})
    faulty.land()
    done = {Fault.LOST_ANSWER, Fault.CRASH_AFTER, Fault.LATE}
    assert (base.objects != before) == (write and fault in done)
    if fault not in crashes and (method != "put" or fault is Fault.OUTAGE):
        assert failure.type is StorageUnavailableError
