"""Files that somebody put in the place of a base file, past the service."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import singledispatch
from pathlib import Path

from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.ports import BaseStore
from chalicelib.storage.s3 import S3BaseStore
from tests.storage.memory import MemoryBaseStore
from tests.storage.tally import add, build

KEY = "user_dbs/ada.anki2"


@singledispatch
def put_by_hand(base: BaseStore, key: str, data: bytes) -> None:
    """Put an object in its place as a person would, without metadata."""
    raise NotImplementedError


@put_by_hand.register
def _(base: MemoryBaseStore, key: str, data: bytes) -> None:
    base.place(key, data)


@put_by_hand.register
def _(base: S3BaseStore, key: str, data: bytes) -> None:
    base._client.put_object(Bucket=base._bucket, Key=key, Body=data)


@put_by_hand.register
def _(base: DirectoryBaseStore, key: str, data: bytes) -> None:
    path = base._root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    moved = base._root / "moved-here"
    moved.write_bytes(data)
    moved.replace(path)


def tally_file(path: Path, *names: str, pragmas: tuple[str, ...] = ()) -> bytes:
    """The bytes of a tally that another program made, with these transactions in it."""

    def fill(conn: sqlite3.Connection) -> None:
        build(conn)
        for name in names:
            add(name)(conn)

    return file_of(path, fill, pragmas)


def file_of(
    path: Path, fill: Callable[[sqlite3.Connection], object], pragmas: tuple[str, ...] = ()
) -> bytes:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for pragma in (*pragmas, "synchronous = OFF"):
            conn.execute(f"PRAGMA {pragma}")
        fill(conn)
    return path.read_bytes()


def run_on(path: Path, image: bytes, fn: Callable[[sqlite3.Connection], object]) -> object:
    """What `fn` gives on a copy of an image, which is sound."""
    path.write_bytes(image)
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return fn(conn)
