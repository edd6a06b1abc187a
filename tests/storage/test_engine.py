"""The door: what a transaction, a reading, a new collection and an export promise."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.collection.schema import TABLES, create_tables
from chalicelib.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    StorageUnavailableError,
)
from chalicelib.storage import CollectionStorage
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.ports import BaseStore
from tests.storage.conftest import OpenStorage
from tests.storage.memory import Fault, FaultyBaseStore, MemoryBaseStore
from tests.storage.tally import add, build, names

KEY = "user_dbs/ada.anki2"


def header(image: bytes) -> dict[str, int]:
    """The fields of SQLite's file header that a collection file promises."""
    fields = {"page_size": (16, 2), "modes": (18, 2), "encoding": (56, 4), "user_version": (60, 4)}
    return {
        name: int.from_bytes(image[at : at + size], "big") for name, (at, size) in fields.items()
    }


def test_a_new_collection_is_stored_at_once_and_opens_again(
    any_base: BaseStore, open_storage: OpenStorage
) -> None:
    assert open_storage(any_base).create("ada", create_tables)
    stored = any_base.get(KEY)
    assert stored
    assert header(stored.data) == {
        "page_size": 4096,
        "modes": 0x0101,
        "encoding": 1,
        "user_version": 0,
    }

    def tables(conn: sqlite3.Connection) -> set[str]:
        return {name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE sql > ''")}

    assert open_storage(any_base).read("ada", tables) >= set(TABLES)


def test_a_collection_that_is_there_is_not_made_again(
    any_base: BaseStore, open_storage: OpenStorage
) -> None:
    first, second = open_storage(any_base), open_storage(any_base)
    assert first.create("ada", build)
    first.transact("ada", add("kept"))
    assert not second.create("ada", build)
    assert second.read("ada", names) == {"kept": 1}


def test_a_collection_whose_making_fails_is_not_there(
    base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    def fail(conn: sqlite3.Connection) -> None:
        build(conn)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        open_storage(base).create("ada", fail)
    assert base.objects == {}


def test_what_one_transaction_writes_the_next_one_reads_here_and_elsewhere(
    any_base: BaseStore, open_storage: OpenStorage
) -> None:
    here, elsewhere = open_storage(any_base), open_storage(any_base)
    here.create("ada", build)
    assert elsewhere.read("ada", names) == {}
    assert here.transact("ada", add("one")) == "one"
    assert here.read("ada", names) == {"one": 1}
    assert elsewhere.read("ada", names) == {"one": 1}
    elsewhere.transact("ada", add("two"))
    assert here.transact("ada", names) == {"one": 1, "two": 1}


def test_another_process_reads_what_was_written(tmp_path: Path, open_storage: OpenStorage) -> None:
    storage = open_storage(DirectoryBaseStore(tmp_path / "data"))
    storage.create("ada", build)
    storage.transact("ada", add("one"))
    code = (
        "import sys; from pathlib import Path; from chalicelib.storage import *;"
        "from chalicelib.storage.directory import DirectoryBaseStore as D;"
        "s = CollectionStorage(D(Path(sys.argv[1])));"
        "print(s.read('ada', lambda c: c.execute('SELECT name FROM one').fetchall()))"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(tmp_path / "data")]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[('one',)]"
    assert found.stderr == ""


def test_a_change_is_made_again_on_fresh_state_when_another_writer_was_first(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    rival = open_storage(base)
    seen = []

    def fn(conn: sqlite3.Connection) -> None:
        seen.append(names(conn))
        if len(seen) <= 3:
            rival.transact("ada", add(f"rival {len(seen)}"))
        add("mine")(conn)

    storage.transact("ada", fn)
    assert len(seen) == 4
    assert storage.read("ada", names) == {"rival 1": 1, "rival 2": 1, "rival 3": 1, "mine": 1}


def test_a_change_that_always_comes_second_is_a_conflict_and_leaves_nothing(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    waits: list[float] = []
    slow = open_storage(base, retries=4, sleep=waits.append, random=lambda: 1.0)
    runs = []

    def fn(conn: sqlite3.Connection) -> None:
        runs.append(1)
        storage.transact("ada", add(f"rival {len(runs)}"))
        add("mine")(conn)

    with pytest.raises(ConflictError):
        slow.transact("ada", fn)
    assert len(runs) == 5
    assert len(waits) == 4
    assert "mine" not in storage.read("ada", names)


def test_an_error_inside_is_raised_through_and_changes_nothing(
    base: MemoryBaseStore, storage: CollectionStorage
) -> None:
    class OwnError(Exception):
        pass

    def fn(conn: sqlite3.Connection) -> None:
        add("mine")(conn)
        raise OwnError

    with pytest.raises(OwnError):
        storage.transact("ada", fn)
    assert "put" not in base.calls
    assert storage.read("ada", names) == {}


def undo_itself(conn: sqlite3.Connection) -> None:
    conn.execute("SAVEPOINT s")
    add("undone")(conn)
    conn.execute("ROLLBACK TO s")


@pytest.mark.parametrize(
    "fn",
    [
        names,
        lambda conn: conn.execute("DELETE FROM one WHERE name = 'nobody'").rowcount,
        lambda conn: conn.execute("UPDATE one SET name = name").rowcount,
        undo_itself,
    ],
    ids=["only reads", "deletes nothing", "sets what is there", "undoes itself"],
)
def test_a_transaction_that_changes_nothing_writes_nothing(
    base: MemoryBaseStore, storage: CollectionStorage, fn: Callable[[sqlite3.Connection], object]
) -> None:
    storage.transact("ada", add("one"))
    base.calls.clear()
    storage.transact("ada", fn)
    assert base.calls == ["get_if_changed"]


def test_a_result_without_a_change_is_still_of_the_current_state(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    storage.read("ada", names)
    open_storage(base).transact("ada", add("elsewhere"))
    assert storage.transact("ada", names) == {"elsewhere": 1}
    open_storage(base).transact("ada", lambda conn: conn.execute("DROP TABLE two") and None)
    with pytest.raises(sqlite3.OperationalError, match="two"):
        storage.transact("ada", names)


def test_the_image_is_a_complete_current_file(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage, tmp_path: Path
) -> None:
    open_storage(base).transact("ada", add("elsewhere"))
    path = tmp_path / "export.anki2"
    path.write_bytes(storage.image("ada"))
    assert header(path.read_bytes())["modes"] == 0x0101
    conn = sqlite3.connect(path)
    try:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert names(conn) == {"elsewhere": 1}
    finally:
        conn.close()


def test_a_deleted_collection_is_gone_everywhere_and_can_be_made_again(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    elsewhere = open_storage(base)
    elsewhere.transact("ada", add("old"))
    storage.delete("ada")
    storage.delete("ada")
    with pytest.raises(NotFoundError):
        elsewhere.read("ada", names)
    assert storage.create("ada", build)
    assert elsewhere.read("ada", names) == {}


def test_whether_there_is_a_collection_is_told_without_fetching_it(
    base: MemoryBaseStore, storage: CollectionStorage
) -> None:
    assert storage.exists("ada")
    assert not storage.exists("bob")
    storage.delete("ada")
    assert not storage.exists("ada")
    assert set(base.calls) == {"head", "delete"}


def test_a_change_under_way_when_the_collection_is_deleted_finds_nothing_to_change(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    def fn(conn: sqlite3.Connection) -> None:
        add("mine")(conn)
        open_storage(base).delete("ada")

    with pytest.raises(NotFoundError):
        storage.transact("ada", fn)
    assert base.objects == {}


def test_a_missing_collection_is_never_made_by_the_way(
    base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    storage = open_storage(base)
    for use in (storage.read, storage.transact):
        with pytest.raises(NotFoundError):
            use("ada", names)
    with pytest.raises(NotFoundError):
        storage.image("ada")
    assert base.objects == {}


@pytest.mark.parametrize("username", ["../ada", "Ada", "a/b", "", "ada\n"])
def test_no_use_goes_anywhere_for_what_is_no_username(
    base: MemoryBaseStore, open_storage: OpenStorage, username: str
) -> None:
    storage = open_storage(base)
    uses: list[Callable[[], object]] = [
        lambda: storage.create(username, build),
        lambda: storage.transact(username, names),
        lambda: storage.read(username, names),
        lambda: storage.image(username),
        lambda: storage.delete(username),
    ]
    for use in uses:
        with pytest.raises(BadInputError):
            use()
    assert base.calls == []


def wal_image(image: bytes) -> bytes:
    return image[:18] + b"\x02\x02" + image[20:]


def test_a_file_in_wal_mode_put_there_by_hand_is_read_changed_and_exported(
    base: MemoryBaseStore, storage: CollectionStorage
) -> None:
    storage.transact("ada", add("by hand"))
    base.place(KEY, wal_image(storage.image("ada")))
    assert storage.read("ada", names) == {"by hand": 1}
    assert header(storage.image("ada"))["modes"] == 0x0101
    storage.transact("ada", add("here"))
    assert header(base.objects[KEY].data)["modes"] == 0x0101
    assert storage.read("ada", names) == {"by hand": 1, "here": 1}


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda image: b"",
    "text": lambda image: b"<html>not a database</html>" * 200,
    "cut in a page": lambda image: image[:-100],
    "cut at a page": lambda image: image[:-4096],
    "header only": lambda image: image[:100],
    "first bytes lost": lambda image: image[16:],
    "odd page size": lambda image: image[:16] + b"\x0f\xff" + image[18:],
}


@pytest.mark.parametrize("ours", [True, False], ids=["our metadata", "by hand"])
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_is_not_a_whole_database_is_refused_and_never_written_over(
    base: MemoryBaseStore,
    storage: CollectionStorage,
    broken: Callable[[bytes], bytes],
    ours: bool,
) -> None:
    storage.transact("ada", add("one"))
    metadata = base.objects[KEY].metadata if ours else {}
    base.place(KEY, broken(storage.image("ada")), metadata)
    stored = base.objects[KEY]
    for use in (storage.read, storage.transact):
        with pytest.raises(StorageUnavailableError):
            use("ada", add("mine"))
    with pytest.raises(StorageUnavailableError):
        storage.image("ada")
    assert not storage.create("ada", build)
    assert base.objects[KEY] == stored


def test_a_file_put_there_by_hand_half_over_another_is_refused(
    base: MemoryBaseStore, storage: CollectionStorage
) -> None:
    image = storage.image("ada")
    base.place(KEY, image[:8192] + bytes(len(image) - 8192))
    with pytest.raises(StorageUnavailableError):
        storage.image("ada")


def test_damage_found_only_while_working_is_an_outage_and_stores_nothing(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    """The metadata says that an engine stored these bytes, so they are not looked through."""
    stored = base.objects[KEY]
    data = stored.data[:4096] + os.urandom(len(stored.data) - 4096)
    base.place(KEY, data, stored.metadata)
    damaged = base.objects[KEY]
    with pytest.raises(StorageUnavailableError):
        open_storage(base).transact("ada", add("mine"))
    assert base.objects[KEY] == damaged


@pytest.mark.parametrize("method", ["get", "get_if_changed", "put"])
def test_an_outage_changes_nothing_and_the_next_use_is_right_again(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage, method: str
) -> None:
    failing: list[str] = []
    plan = lambda called: Fault.OUTAGE if called in failing else None  # noqa: E731
    troubled = open_storage(FaultyBaseStore(base, plan))
    if method != "get":
        troubled.read("ada", names)
    failing.append(method)
    with pytest.raises(StorageUnavailableError):
        troubled.transact("ada", add("one"))
    failing.clear()
    assert troubled.read("ada", names) == {}
    troubled.transact("ada", add("two"))
    assert storage.read("ada", names) == {"two": 1}


def test_a_full_disk_is_an_outage_and_nothing_is_stored(
    base: MemoryBaseStore, storage: CollectionStorage, tmp_path: Path
) -> None:
    not_a_directory = tmp_path / "file"
    not_a_directory.touch()
    broken = CollectionStorage(base, not_a_directory)
    with pytest.raises(StorageUnavailableError):
        broken.transact("ada", add("mine"))
    assert storage.read("ada", names) == {}
