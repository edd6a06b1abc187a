"""The bytes of a collection file: what makes it whole, and the parts that every writer sets anew.

A file *at rest* is a plain database in rollback mode whose change counters are 0. Two replicas at
the same state hold the same bytes, whichever SQLite wrote them.

Source of the header's layout: "Database File Format", section 1.3, of SQLite's documentation.
"""

import os
from pathlib import Path

from chalicelib.errors import StorageUnavailableError

HEADER_SIZE = 100
FIRST_PAGE = 1

_MAGIC = b"SQLite format 3\0"
_MODE = slice(18, 20)
_ROLLBACK_MODE, _WAL_MODE = b"\x01\x01", b"\x02\x02"
_COUNTER = slice(24, 28)
_PAGE_COUNT = slice(28, 32)
# The counter for which the page count holds, and the version of the writer's SQLite.
_VALID_FOR, _WRITER = slice(92, 96), slice(96, 100)
_NOTHING = bytes(4)
_MIN_PAGE_SIZE, _MAX_PAGE_SIZE = 512, 65536


def settle(path: Path) -> int:
    """Bring a complete database file to rest; its page size.

    A file that was in WAL mode is complete without its log as long as nothing but the file was
    stored, so only its mode is changed. Raises StorageUnavailableError for what is not a whole
    SQLite file.
    """
    with path.open("r+b") as file:
        header, size = file.read(HEADER_SIZE), os.fstat(file.fileno()).st_size
        page_size = _page_size(header)
        pages, rest = divmod(size, page_size) if page_size else (0, 0)
        kept = header[_COUNTER] == header[_VALID_FOR]
        promised = (_number(header[_PAGE_COUNT]) if kept else 0) or pages
        if page_size == 0 or pages < promised or (rest and not kept):
            raise StorageUnavailableError(
                "The stored collection cannot be read; nothing was changed."
            )
        settled = bytearray(normal_page(FIRST_PAGE, header))
        settled[_PAGE_COUNT] = promised.to_bytes(4, "big")
        file.seek(0)
        file.write(settled)
        file.truncate(promised * page_size)
    return page_size


def normal_page(number: int, content: bytes) -> bytes:
    """A page as it is at rest: only the first one has parts that depend on its writer."""
    if number != FIRST_PAGE:
        return content
    page = bytearray(content)
    page[_MODE] = _ROLLBACK_MODE
    page[_COUNTER] = page[_VALID_FOR] = page[_WRITER] = _NOTHING
    return bytes(page)


def stamp(path: Path, number: int) -> None:
    """Give a file at rest a change counter, which leaves everything else as it is."""
    counter = (number & 0xFFFFFFFF).to_bytes(4, "big")
    with path.open("r+b") as file:
        file.seek(_COUNTER.start)
        file.write(counter)
        file.seek(_VALID_FOR.start)
        file.write(counter)


def set_wal_mode(path: Path, *, on: bool) -> None:
    """Mark the file as one in WAL mode, as SQLite itself would, or as one at rest."""
    with path.open("r+b", buffering=0) as file:
        file.seek(_MODE.start)
        file.write(_WAL_MODE if on else _ROLLBACK_MODE)


def _page_size(header: bytes) -> int:
    """0 for what is not a database."""
    if len(header) < HEADER_SIZE or not header.startswith(_MAGIC):
        return 0
    if header[_MODE] not in (_ROLLBACK_MODE, _WAL_MODE):
        return 0
    size = _number(header[16:18])
    size = _MAX_PAGE_SIZE if size == 1 else size
    valid = _MIN_PAGE_SIZE <= size <= _MAX_PAGE_SIZE and size & (size - 1) == 0
    return size if valid else 0


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
