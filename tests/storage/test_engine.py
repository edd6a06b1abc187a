"""The door: what a transaction, a reading, a new collection and an export promise."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.collection.schema import TABLES, create_tables
from chalicelib.errors import (
    BadInputError,
    NotFoundError,
    StorageUnavailableError,
)
from chalicelib.storage import CollectionStorage, Owner
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.sqlite_log import SQLiteCommitLog
from tests.storage.by_hand import KEY, run_on
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.memory import Fault, MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import add, build, names
from tests.storage.texts import incompressible
from tests.storage.watch import WRITES, Watch

Use = Callable[[CollectionStorage], object]


class OwnError(Exception):
    pass


def header(image: bytes) -> dict[str, int]:
    """The fields of SQLite's file header that a collection file promises."""
    fields = {"page_size": (16, 2), "modes": (18, 2), "encoding": (56, 4), "user_version": (60, 4)}
    return {
        name: int.from_bytes(image[at : at + size], "big") for name, (at, size) in fields.items()
    }


def test_a_new_collection_is_stored_at_once_and_opens_again(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    assert open_storage(any_stores).create("ada", create_tables)
    stored = any_stores.base.get(KEY)
    assert stored
    assert header(stored.data) == {
        "page_size": 4096,
        "modes": 0x0101,
        "encoding": 1,
        "user_version": 0,
    }

    def tables(conn: sqlite3.Connection) -> set[str]:
        return {name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE sql > ''")}

    assert open_storage(any_stores).read("ada", tables) >= set(TABLES)


def test_a_collection_that_is_there_is_not_made_again(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    first, second = open_storage(any_stores), open_storage(any_stores)
    assert first.create("ada", build)
    first.transact("ada", add("kept"))
    assert not second.create("ada", build)
    assert second.read("ada", names) == {"kept": 1}


def test_a_collection_whose_making_fails_is_not_there(
    base: MemoryBaseStore, stores: Stores, open_storage: OpenStorage
) -> None:
    def build_half(conn: sqlite3.Connection) -> None:
        build(conn)
        raise OwnError

    with pytest.raises(OwnError):
        open_storage(stores).create("ada", build_half)
    assert base.objects == {}


def test_what_one_transaction_writes_the_next_one_reads_here_and_elsewhere(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    here, elsewhere = open_storage(any_stores), open_storage(any_stores)
    here.create("ada", build)
    assert elsewhere.read("ada", names) == {}
    assert here.transact("ada", add("one")) == "one"
    assert here.read("ada", names) == {"one": 1}
    assert elsewhere.read("ada", names) == {"one": 1}
    elsewhere.transact("ada", add("two"))
    assert here.transact("ada", names) == {"one": 1, "two": 1}
    assert open_storage(any_stores).read("ada", names) == {"one": 1, "two": 1}


def test_another_process_reads_what_was_written(tmp_path: Path, open_storage: OpenStorage) -> None:
    log = SQLiteCommitLog(tmp_path / "commits.db")
    storage = open_storage(Stores(DirectoryBaseStore(tmp_path / "data"), log))
    storage.create("ada", build)
    storage.transact("ada", add("one"))
    log.close()
    code = (
        "import sys; from pathlib import Path; from chalicelib.storage import *;"
        "from chalicelib.storage.directory import DirectoryBaseStore as D;"
        "from chalicelib.storage.sqlite_log import SQLiteCommitLog as L;"
        "p = Path(sys.argv[1]); l = L(p / 'commits.db');"
        "s = CollectionStorage(D(p / 'data'), l, StorageOptions());"
        "print(s.read('ada', lambda c: c.execute('SELECT name FROM one').fetchall())); l.close()"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[('one',)]"
    assert found.stderr == ""


def test_the_image_is_a_complete_current_file(
    stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)
    storage.read("ada", names)
    open_storage(stores).transact("ada", add("elsewhere"))
    image = storage.image("ada")
    assert header(image)["modes"] == 0x0101
    assert run_on(tmp_path / "export.anki2", image, names) == {"elsewhere": 1}


def test_a_deleted_collection_is_gone_everywhere_with_all_that_belonged_to_it(
    base: MemoryBaseStore, log: MemoryCommitLog, stores: Stores, open_storage: OpenStorage
) -> None:
    storage, elsewhere = open_storage(stores), open_storage(stores)
    owner = Owner("ada", "g1")
    storage.create(owner, build)
    elsewhere.transact(owner, add("old"))
    elsewhere.transact(owner, add(incompressible(400_000)))
    base.place(owner.conflict_key(1), b"a conflict copy")
    storage.delete(owner)
    storage.delete(owner)
    assert base.objects == {}
    assert log.rings == {}
    assert log.marked_at_ms == {}
    with pytest.raises(NotFoundError):
        elsewhere.read(owner, names)


def test_a_name_that_was_deleted_can_be_registered_again(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    here, elsewhere = open_storage(any_stores), open_storage(any_stores)
    old, new = Owner("ada", "g1"), Owner("ada", "g2")
    here.create(old, build)
    elsewhere.transact(old, add("old"))
    here.delete(old)
    assert here.create(new, build)
    assert elsewhere.read(new, names) == {}
    elsewhere.transact(new, add("new"))
    assert here.read(new, names) == {"new": 1}


def test_whether_there_is_a_collection_is_told_without_fetching_it(
    stores: Stores, open_storage: OpenStorage
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    assert watch.since(lambda: storage.exists("ada")) == ["head"]
    assert storage.exists("ada")
    assert not storage.exists("bob")
    storage.delete("ada")
    assert not storage.exists("ada")


def test_a_missing_collection_is_never_made_by_the_way(
    stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    image = tmp_path / "image.anki2"
    sqlite3.connect(image).executescript("CREATE TABLE t (x);").connection.close()
    uses: list[Callable[[], object]] = [
        lambda: storage.read("ada", names),
        lambda: storage.transact("ada", names),
        lambda: storage.image("ada"),
        lambda: storage.fold("ada"),
        lambda: storage.replace("ada", image),
        lambda: storage.attempt("ada").__enter__(),
    ]
    for use in uses:
        with pytest.raises(NotFoundError):
            use()
    assert WRITES.isdisjoint(watch.calls)


@pytest.mark.parametrize("username", ["../ada", "Ada", "a/b", "", "ada\n", "ada#g"])
def test_no_use_goes_anywhere_for_what_is_no_username(
    stores: Stores, open_storage: OpenStorage, username: str, tmp_path: Path
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    uses: list[Callable[[], object]] = [
        lambda: storage.create(username, build),
        lambda: storage.transact(username, names),
        lambda: storage.read(username, names),
        lambda: storage.image(username),
        lambda: storage.replace(username, tmp_path / "none"),
        lambda: storage.attempt(username).__enter__(),
        lambda: storage.fold(username),
        lambda: storage.exists(username),
        lambda: storage.inspect(username),
        lambda: storage.delete(username),
    ]
    for use in uses:
        with pytest.raises(BadInputError):
            use()
    assert watch.calls == []


def test_the_registration_of_a_plain_username_is_looked_up(
    stores: Stores, open_storage: OpenStorage
) -> None:
    generations = {"ada": "g1"}
    storage = open_storage(stores, generation_of=generations.__getitem__)
    storage.create("ada", build)
    storage.transact("ada", add("one"))
    assert storage.read(Owner("ada", "g1"), names) == {"one": 1}
    generations["ada"] = "g2"
    with pytest.raises(NotFoundError):
        storage.read("ada", names)


@pytest.mark.parametrize("method", ["download", "entries", "following", "append"])
def test_an_outage_changes_nothing_and_the_next_use_is_right_again(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage, method: str
) -> None:
    watch = Watch(stores)
    troubled = open_storage(watch.stores)
    if method in {"following", "append"}:
        troubled.read("ada", names)
    watch.plan = lambda called: Fault.OUTAGE if called == method else None
    with pytest.raises(StorageUnavailableError):
        troubled.read("ada", names) if method == "following" else troubled.transact(
            "ada", add("one")
        )
    watch.plan = lambda _: None
    assert troubled.read("ada", names) == {}
    troubled.transact("ada", add("two"))
    assert storage.read("ada", names) == {"two": 1}


def test_a_place_where_no_file_can_be_is_an_outage_and_nothing_is_stored(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage, tmp_path: Path
) -> None:
    not_a_directory = tmp_path / "file"
    not_a_directory.touch()
    broken = open_storage(stores, cache_dir=not_a_directory)
    for use in (broken.transact, broken.read):
        with pytest.raises(StorageUnavailableError):
            use("ada", add("mine"))
    assert storage.read("ada", names) == {}
