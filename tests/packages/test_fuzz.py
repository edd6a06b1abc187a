"""Real files with bytes changed at random: refused or imported, nothing in between."""

import random
import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing

import pytest

from chalicelib.errors import TooLargeError, UnusableFileError
from tests.packages.judge import DATA
from tests.packages.sources import collection_file, everything, merge, opened
from tests.packages.test_documents import rich_collection
from tests.support.collections import new_connection

PAGE_BYTES = 4096
# What opening and merging these small files may take, whatever they claim.
MOST_MEMORY = 48 * 1024 * 1024


def cut(data: bytearray, rng: random.Random) -> None:
    del data[rng.randrange(len(data)) :]


def flip_bits(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice([1, 1, 2, 8, 60])):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def edit_header(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.randint(1, 4)):
        data[rng.randrange(min(120, len(data)))] = rng.choice([0, 1, 2, 127, 128, 255])


def edit_end(data: bytearray, rng: random.Random) -> None:
    """Where the directory of a zip file is."""
    for _ in range(rng.randint(1, 4)):
        data[-rng.randint(1, min(300, len(data)))] = rng.choice([0, 1, 2, 127, 128, 255])


def swap_pages(data: bytearray, rng: random.Random) -> None:
    first, second = (rng.randrange(0, len(data), PAGE_BYTES) for _ in range(2))
    page = data[first : first + PAGE_BYTES]
    data[first : first + PAGE_BYTES] = data[second : second + PAGE_BYTES]
    data[second : second + PAGE_BYTES] = page


def page_head(data: bytearray, rng: random.Random) -> None:
    """The head of a database page: its kind, number of cells and their places."""
    start = rng.randrange(0, len(data), PAGE_BYTES)
    for _ in range(rng.randint(1, 6)):
        at = min(start + rng.randrange(40), len(data) - 1)
        data[at] = rng.randrange(256)


def insert(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    data[at:at] = rng.randbytes(rng.randint(1, 9))


DAMAGE = [cut, flip_bits, edit_header, edit_end, swap_pages, page_head, insert]

FILES = {
    "an old package": (DATA / "jlpt-n1-grammar.apkg").read_bytes(),
    "a package of another old program": (DATA / "jlpt-n1-vocabulary.apkg").read_bytes(),
    "a collection": collection_file(rich_collection),
}


@pytest.fixture
def target() -> Iterator[sqlite3.Connection]:
    with closing(new_connection()) as conn:
        rich_collection(conn)
        yield conn


@pytest.mark.parametrize("name", FILES)
def test_damaged_files_are_imported_whole_or_not_at_all(
    name: str, target: sqlite3.Connection
) -> None:
    refusals = []
    for seed in range(200):
        rng = random.Random(seed)
        data = bytearray(FILES[name])
        rng.choice(DAMAGE)(data, rng)
        before = everything(target)
        try:
            merge(target, bytes(data))
        except (UnusableFileError, TooLargeError) as error:
            refusals.append(error.message)
            assert everything(target) == before
        assert target.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(refusals) > 50
    assert all(message.count(".") == 1 for message in refusals)


@pytest.mark.parametrize("name", FILES)
def test_damaged_files_cannot_use_up_the_memory(name: str) -> None:
    tracemalloc.start()
    try:
        for seed in range(200, 230):
            rng = random.Random(seed)
            data = bytearray(FILES[name])
            rng.choice(DAMAGE)(data, rng)
            try:
                with opened(bytes(data)):
                    pass
            except (UnusableFileError, TooLargeError):
                continue
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
