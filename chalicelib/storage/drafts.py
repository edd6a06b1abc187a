"""Drafts: transactions on a file at rest, which itself never changes, whatever becomes of them.

A draft is written to a WAL and read from there. The WAL is never copied into the file. It has no
name, so nobody else ever reads it, and it is emptied before its connection closes, which would copy
it.

The connection is kept for the next draft, with its prepared statements and its cache, as long as
it sees what the file holds: after a draft whose pages were written into the file, or that had none.
Any other change of the file closes it first.
"""

import os
import sqlite3
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from chalicelib.storage.disk import disk_errors
from chalicelib.storage.image import set_wal_mode
from chalicelib.storage.pages import WAL_HEADER_SIZE, PageFile, Pages, committed_pages
from chalicelib.storage.transaction import (
    PRIVATE_FILE,
    CollectionConnection,
    Guard,
    Recorder,
    broken_files_told,
    check_open,
    connect,
)

# The size of the cache is in KB; a file can name another one, which would stay in memory.
_PRAGMAS = (*PRIVATE_FILE, "PRAGMA wal_autocheckpoint = 0", "PRAGMA cache_size = -2000")
# Since Python 3.12: the transactions are begun and ended by hand.
_LEGACY = getattr(sqlite3, "LEGACY_TRANSACTION_CONTROL", -1)
# A longer WAL takes more space than a new connection takes time.
_MAX_WAL_BYTES = 4 * 1024 * 1024

# The connection keeps these as prepared statements, which nobody is asked about again: no caller
# happens to have the same ones.
_SECRET = os.urandom(16).hex()
_BEGIN, _COMMIT = f"BEGIN IMMEDIATE -- {_SECRET}", f"COMMIT -- {_SECRET}"

# What a forked child has of its parent's connections: closing them would change the parent's file.
_inherited: list[tuple[sqlite3.Connection, BinaryIO]] = []


@dataclass(eq=False, slots=True)
class Draft:
    """A transaction on a file, beside it: afterwards `pages` are what it would change.

    None where it changed nothing. `noted` is what the recorder gave.
    """

    conn: sqlite3.Connection
    pages: Pages | None = None
    noted: bytes = b""


class Drafts:
    """Drafts on the file at `path`, one after the other, in whichever thread."""

    def __init__(self, path: Path, page_size: int, *, keep: bool = True) -> None:
        """`keep` allows to keep the connection."""
        self._path = path
        self._page_size = page_size
        self._keep = keep
        self._desk: _Desk | None = None
        self._last: Pages | None = None

    @property
    def is_open(self) -> bool:
        """Whether a connection is kept."""
        return self._desk is not None

    @contextmanager
    def draft(self, recorder: Recorder | None = None) -> Iterator[Draft]:
        """A transaction on the file as it is.

        Raises StorageUnavailableError when the file or the disk is broken, and
        sqlite3.ProgrammingError when the transaction was ended from inside (INSERT OR ROLLBACK).
        """
        try:
            with broken_files_told():
                desk = self._desk_for(recorder)
                draft = Draft(desk.conn)
                yield from desk.drafted(draft, recorder)
                with disk_errors():
                    draft.pages = self._changed(desk)
            self._last = draft.pages
            if not (self._keep and desk.is_as_new):
                self.close()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def written(self, pages: Pages) -> Iterator[None]:
        """While these pages are put into the file: those of the last draft, or others."""
        desk = self._desk if pages is self._last else None
        if desk is None:
            self.close()
        yield
        if desk:
            desk.see_file(self._path)
            self._last = None

    def close(self) -> None:
        """Let go of the file; the next draft opens it again."""
        desk, self._desk, self._last = self._desk, None, None
        if desk:
            desk.close()

    def _desk_for(self, recorder: Recorder | None) -> "_Desk":
        """The kept one, if it sees what the file holds and no other recorder left things there."""
        desk = self._desk
        if not desk or self._last or not desk.suits(self._path, recorder):
            self.close()
            desk = self._desk = _Desk(self._path, recorder)
        return desk

    def _changed(self, desk: "_Desk") -> Pages | None:
        pages = committed_pages(desk.wal, self._page_size)
        return PageFile(self._path, self._page_size).changed(pages) if pages else None


class _Desk:
    """A connection over a file, with a WAL that has no name."""

    def __init__(self, path: Path, recorder: Recorder | None) -> None:
        self.conn, self.wal = _open(path)
        self._recorder_type = type(recorder)
        self.see_file(path)
        self._guard = Guard(self.conn)
        self._close = weakref.finalize(self, _close, self.conn, self.wal, os.getpid())
        # At the end of the process somebody may be at work here until the last moment.
        self._close.atexit = False
        self._first_holders = self._holders()

    @property
    def is_as_new(self) -> bool:
        """Whether the next user finds the connection as a new one, and nobody else has it.

        A cursor has it too. Beside those that had it at first there is the draft.
        """
        return (
            self._holders() == self._first_holders + 1
            and self.conn.isolation_level is None
            and getattr(self.conn, "autocommit", _LEGACY) == _LEGACY
            and self.conn.row_factory is None
            and self.conn.text_factory is str
            and not self.conn.in_transaction
            and not self._guard.lasting
            and self.wal.tell() <= _MAX_WAL_BYTES
        )

    def suits(self, path: Path, recorder: Recorder | None) -> bool:
        """Whether the file is as it was seen, and nobody else's things are in the connection."""
        return type(recorder) is self._recorder_type and _look(path) == self._seen

    def see_file(self, path: Path) -> None:
        """Take the file as it is for what the connection sees."""
        self._seen = _look(path)

    def drafted(self, draft: Draft, recorder: Recorder | None) -> Iterator[Draft]:
        conn = self.conn
        conn.execute(_BEGIN)
        if recorder:
            recorder.begin(conn)
        with self._guard.inside():
            yield draft
        check_open(conn)
        if recorder:
            draft.noted = recorder.end(conn)
            conn.close_cursors()
        # The method would do nothing where the caller has set `autocommit`.
        conn.execute(_COMMIT)

    def close(self) -> None:
        self._close()

    def _holders(self) -> int:
        return sys.getrefcount(self.conn)


@contextmanager
def drafting(path: Path, page_size: int, recorder: Recorder | None = None) -> Iterator[Draft]:
    """One draft, of which nothing stays open."""
    with Drafts(path, page_size, keep=False).draft(recorder) as draft:
        yield draft


def _open(path: Path) -> tuple[CollectionConnection, BinaryIO]:
    """A connection over the file, and its WAL.

    The file says that it is in WAL mode only until SQLite has seen that.
    """
    wal = path.with_name(f"{path.name}-wal")
    with disk_errors():
        for beside in (wal, path.with_name(f"{path.name}-journal")):
            beside.unlink(missing_ok=True)
        set_wal_mode(path, on=True)
    try:
        conn = connect(f"{path.absolute().as_uri()}?vfs=unix-none", _PRAGMAS)
        try:
            conn.execute(_BEGIN)
            conn.rollback()
            return conn, _unnamed(wal)
        except BaseException:
            conn.close()
            raise
    finally:
        with disk_errors():
            set_wal_mode(path, on=False)


def _unnamed(wal: Path) -> BinaryIO:
    """The WAL as SQLite has it open, whoever takes its name."""
    with disk_errors():
        file = wal.open("r+b", buffering=0)
        try:
            wal.unlink(missing_ok=True)
            file.seek(WAL_HEADER_SIZE)
        except BaseException:
            file.close()
            raise
        return file


def _look(path: Path) -> tuple[int, int, int]:
    """Another file, or one that somebody wrote to, looks otherwise."""
    with disk_errors():
        found = os.stat(path)
    return found.st_ino, found.st_mtime_ns, found.st_size


def _close(conn: sqlite3.Connection, wal: BinaryIO, pid: int) -> None:
    """Leave a closing connection nothing to write into the file.

    Closing copies the WAL into the file; from an empty WAL it cannot, whatever it remembers of
    it. SQLite can be told not to try since Python 3.12.
    """
    if pid != os.getpid():
        _inherited.append((conn, wal))
        return
    with wal:
        with disk_errors():
            os.truncate(wal.fileno(), 0)
        set_config = getattr(conn, "setconfig", None)
        # Somebody may have closed it inside.
        with suppress(sqlite3.ProgrammingError):
            if set_config:
                set_config(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)  # type: ignore[attr-defined]
        conn.close()
