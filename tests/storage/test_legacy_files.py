"""Files of other makers in the place of a base file: any that SQLite can read is adopted."""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.storage.by_hand import KEY, file_of, put_by_hand, run_on, tally_file
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.memory import Fault, plan_of
from tests.storage.tally import add, build, names
from tests.storage.texts import incompressible
from tests.storage.watch import WRITES, Place, Watch, acting_at

CONFLICTS = "conflicts/ada/-/"


def with_header(image: bytes, at: int, field: bytes) -> bytes:
    return image[:at] + field + image[at + len(field) :]


LEGACY: dict[str, Callable[[Path], bytes]] = {
    "plain": lambda path: tally_file(path, "theirs"),
    "in WAL mode": lambda path: with_header(tally_file(path, "theirs"), 18, b"\x02\x02"),
    "counters that differ": lambda path: with_header(tally_file(path, "theirs"), 24, b"\0\0\0\xff"),
    "page count of an older state": lambda path: with_header(
        with_header(tally_file(path, "theirs"), 24, b"\0\0\0\xff"), 28, b"\0\0\0\1"
    ),
    "no page count": lambda path: with_header(
        with_header(tally_file(path, "theirs"), 24, b"\0\0\0\xff"), 28, bytes(4)
    ),
    "page size 512": lambda path: tally_file(path, "theirs", pragmas=("page_size = 512",)),
    "page size 1024": lambda path: tally_file(path, "theirs", pragmas=("page_size = 1024",)),
    "page size 8192": lambda path: tally_file(path, "theirs", pragmas=("page_size = 8192",)),
    "page size 65536": lambda path: tally_file(path, "theirs", pragmas=("page_size = 65536",)),
    "auto_vacuum full": lambda path: tally_file(path, "theirs", pragmas=("auto_vacuum = 1",)),
    "auto_vacuum step": lambda path: tally_file(path, "theirs", pragmas=("auto_vacuum = 2",)),
    "UTF-16": lambda path: tally_file(path, "theirs", pragmas=("encoding = 'UTF-16'",)),
    "free pages": lambda path: file_of(path, build_and_empty),
    "trailing bytes": lambda path: tally_file(path, "theirs") + os.urandom(100),
    "trailing pages": lambda path: tally_file(path, "theirs") + os.urandom(8192),
}


def build_and_empty(conn: sqlite3.Connection) -> None:
    build(conn)
    conn.execute("BEGIN")
    for n in range(50):
        add(incompressible(2000, n))(conn)
    conn.execute("COMMIT")
    conn.execute("DELETE FROM one")
    conn.execute("DELETE FROM two")
    add("theirs")(conn)


@pytest.mark.parametrize("made", LEGACY.values(), ids=LEGACY)
def test_a_file_of_another_maker_is_adopted_changed_and_folded(
    stores: Stores, open_storage: OpenStorage, made: Callable[[Path], bytes], tmp_path: Path
) -> None:
    put_by_hand(stores.base, KEY, made(tmp_path / "made.anki2"))
    storage, elsewhere = open_storage(stores), open_storage(stores)
    assert storage.read("ada", names) == {"theirs": 1}
    assert has_no_more_than_its_pages(storage.image("ada"))
    expected = Counter(theirs=1)
    for n in range(6):
        name = incompressible(3000, n)
        [storage, elsewhere][n % 2].transact("ada", add(name))
        expected[name] += 1
    assert storage.image("ada") == elsewhere.image("ada") == open_storage(stores).image("ada")
    storage.transact("ada", forget_large_names)
    assert has_no_more_than_its_pages(storage.image("ada"))
    assert storage.image("ada") == elsewhere.image("ada") == open_storage(stores).image("ada")
    storage.fold("ada")
    for container in (storage, elsewhere, open_storage(stores)):
        assert container.read("ada", names) == {"theirs": 1}
        assert run_on(tmp_path / "image.anki2", container.image("ada"), names) == {"theirs": 1}
    assert stores.base.keys(CONFLICTS) == []


def has_no_more_than_its_pages(image: bytes) -> bool:
    page_size = int.from_bytes(image[16:18], "big")
    page_count = int.from_bytes(image[28:32], "big")
    return len(image) == page_count * (65536 if page_size == 1 else page_size)


def forget_large_names(conn: sqlite3.Connection) -> None:
    conn.execute("DELETE FROM one WHERE length(name) > 100")
    conn.execute("DELETE FROM two WHERE length(name) > 100")


def test_adopting_a_legacy_file_is_one_commit_whoever_looks_at_it_first(
    stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    put_by_hand(stores.base, KEY, tally_file(tmp_path / "made.anki2", "theirs"))
    watch = Watch(stores)
    containers = [open_storage(watch.stores) for _ in range(3)]
    for container in containers:
        assert container.read("ada", names) == {"theirs": 1}
    assert watch.calls.count("append") == 1
    assert WRITES & set(watch.calls) == {"append"}
    assert [entry.seq for entry in stores.log.entries("ada#")] == [1]
    for container in containers:
        assert container.transact(
            "ada", lambda conn: add("ours")(conn) and sum(names(conn).values())
        ) == 2 + containers.index(container)


def test_two_who_adopt_at_once_agree(
    stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    put_by_hand(stores.base, KEY, tally_file(tmp_path / "made.anki2", "theirs"))
    first = open_storage(stores)
    watch = Watch(stores)
    watch.plan = acting_at(Place("append", 0), lambda: first.transact("ada", add("first")))
    assert open_storage(watch.stores).read("ada", names) == {"theirs": 1, "first": 1}


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.LATE])
def test_an_adoption_without_an_answer_is_found_out(
    stores: Stores, open_storage: OpenStorage, fault: Fault, tmp_path: Path
) -> None:
    put_by_hand(stores.base, KEY, tally_file(tmp_path / "made.anki2", "theirs"))
    watch = Watch(stores, plan_of("append", fault))
    storage = open_storage(watch.stores)
    assert storage.transact("ada", add("ours")) == "ours"
    watch.land()
    for container in (storage, open_storage(stores)):
        assert container.read("ada", names) == {"theirs": 1, "ours": 1}
