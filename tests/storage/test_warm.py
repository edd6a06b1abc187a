"""The copies at hand: private, bounded, never taken from somebody who uses them."""

import gc
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.storage import CollectionStorage
from tests.storage.conftest import OpenStorage
from tests.storage.memory import MemoryBaseStore
from tests.storage.tally import add, build, names

USERS = ["ada", "bob", "cyd", "dan", "eve"]


def copies(directory: Path) -> list[Path]:
    return sorted(directory.rglob("*.anki2"))


@pytest.fixture
def size(base: MemoryBaseStore, open_storage: OpenStorage) -> int:
    """Collections for all users are there, each of this many bytes."""
    for user in USERS:
        open_storage(base).create(user, build)
    return len(base.objects["user_dbs/ada.anki2"].data)


def is_warm(storage: CollectionStorage, base: MemoryBaseStore, user: str) -> bool:
    before = len(base.calls)
    storage.read(user, names)
    return base.calls[before:] == ["get_if_changed"]


def test_the_least_recently_used_copies_go_first_and_reading_is_using(
    base: MemoryBaseStore, open_storage: OpenStorage, size: int, tmp_path: Path
) -> None:
    storage = open_storage(base, cache_bytes=3 * size)
    for user in ("ada", "bob", "cyd", "ada", "dan"):
        storage.read(user, names)
    base.calls.clear()
    for user in ("ada", "cyd", "dan"):
        storage.read(user, names)
    assert base.calls == ["get_if_changed"] * 3
    storage.read("bob", names)
    assert base.calls[3:] == ["get"]


def test_the_copies_stay_within_their_budget(
    base: MemoryBaseStore, open_storage: OpenStorage, size: int, tmp_path: Path
) -> None:
    storage = open_storage(base, cache_bytes=2 * size)
    for user in USERS * 2:
        storage.transact(user, add("one"))
        assert len(copies(tmp_path / "cache")) <= 2


def test_a_copy_in_use_is_never_removed(
    base: MemoryBaseStore, open_storage: OpenStorage, size: int
) -> None:
    """The budget is too small for anything, and everybody comes while `ada` is being read."""
    storage = open_storage(base, cache_bytes=1)
    storage.transact("ada", add("one"))

    def read_around(conn: sqlite3.Connection) -> tuple[object, object]:
        before = names(conn)
        for user in USERS:
            storage.transact(user, add("more"))
        return before, names(conn)

    assert storage.read("ada", read_around) == ({"one": 1}, {"one": 1})
    assert storage.read("ada", names) == {"one": 1, "more": 1}


def test_a_copy_in_use_is_not_the_one_to_go(
    base: MemoryBaseStore, open_storage: OpenStorage, size: int
) -> None:
    storage = open_storage(base, cache_bytes=size)
    storage.read("ada", lambda _: storage.read("bob", names))
    assert is_warm(storage, base, "ada")


def test_a_deleted_collection_leaves_no_copy(storage: CollectionStorage, tmp_path: Path) -> None:
    storage.transact("ada", add("one"))
    storage.delete("ada")
    assert copies(tmp_path / "cache") == []


def test_a_copy_that_somebody_removed_is_fetched_again(
    base: MemoryBaseStore, storage: CollectionStorage, tmp_path: Path
) -> None:
    storage.transact("ada", add("one"))
    for copy in copies(tmp_path / "cache"):
        copy.unlink()
        copy.parent.rmdir()
    assert storage.read("ada", names) == {"one": 1}
    storage.transact("ada", add("two"))
    assert storage.read("ada", names) == {"one": 1, "two": 1}


def test_copies_are_readable_by_their_owner_only(
    storage: CollectionStorage, tmp_path: Path
) -> None:
    storage.read("ada", names)
    (directory,) = (tmp_path / "cache").iterdir()
    assert directory.stat().st_mode & 0o077 == 0


def test_a_storage_that_is_gone_leaves_no_directory(base: MemoryBaseStore, tmp_path: Path) -> None:
    storage = CollectionStorage(base, tmp_path / "mine")
    storage.create("ada", build)
    assert list((tmp_path / "mine").iterdir())
    del storage
    gc.collect()
    assert list((tmp_path / "mine").iterdir()) == []


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize(
    ("owner", "stays"),
    [(dead_pid, False), (os.getppid, True), (os.getpid, False)],
    ids=["a dead process", "a living one", "a dead one with our number"],
)
def test_only_what_dead_processes_left_is_removed(
    base: MemoryBaseStore,
    open_storage: OpenStorage,
    tmp_path: Path,
    owner: Callable[[], int],
    stays: bool,
) -> None:
    left = tmp_path / "cache" / f"javumbo-{owner()}-left"
    left.mkdir(parents=True)
    (left / "copy.anki2").write_bytes(b"torn")
    open_storage(base).create("ada", build)
    assert left.exists() == stays


def test_what_another_users_process_works_with_is_not_removed(
    storage: CollectionStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(pid: int, signal: int) -> None:
        raise PermissionError

    left = tmp_path / "cache" / f"javumbo-{dead_pid()}-left"
    left.mkdir()
    monkeypatch.setattr(os, "kill", refuse)
    CollectionStorage(MemoryBaseStore(), tmp_path / "cache").create("ada", build)
    assert left.exists()


@pytest.mark.parametrize(
    "name", ["javumbo", "javumbo-x-1", "other-1-x", "javumbo-", f"javumbo-{10**30}-x"]
)
def test_what_is_not_a_directory_of_copies_is_left_alone(
    base: MemoryBaseStore, open_storage: OpenStorage, tmp_path: Path, name: str
) -> None:
    (tmp_path / "cache" / name).mkdir(parents=True)
    open_storage(base).create("ada", build)
    assert (tmp_path / "cache" / name).exists()


def test_two_storages_of_one_process_leave_each_others_copies_alone(
    base: MemoryBaseStore, storage: CollectionStorage, tmp_path: Path
) -> None:
    storage.read("ada", names)
    CollectionStorage(base, tmp_path / "cache" / ".." / "cache").read("ada", names)
    base.calls.clear()
    storage.read("ada", names)
    assert base.calls == ["get_if_changed"]
