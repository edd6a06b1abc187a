"""Checks on the bytes of a collection file before they are trusted.

Source of the header's layout: "Database File Format", section 1.3, of SQLite's documentation.
"""

from pathlib import Path

from chalicelib.errors import StorageUnavailableError

_MAGIC = b"SQLite format 3\0"
_HEADER_SIZE = 100
_ROLLBACK_MODE = b"\x01\x01"
_MIN_PAGE_SIZE, _MAX_PAGE_SIZE = 512, 65536
_CHUNK = 1 << 16


def rollback_image(data: bytes) -> bytes:
    """The file as a plain rollback-mode database.

    A file that was in WAL mode is complete without its log as long as nothing but the file was
    stored, so only its mode is changed. Raises StorageUnavailableError for what is not a whole
    SQLite file.
    """
    if not _is_whole(data):
        raise StorageUnavailableError("The stored collection cannot be read; nothing was changed.")
    if data[18:20] == _ROLLBACK_MODE:
        return data
    return data[:18] + _ROLLBACK_MODE + data[20:]


def _is_whole(data: bytes) -> bool:
    if len(data) < _HEADER_SIZE or not data.startswith(_MAGIC):
        return False
    page_size = _number(data, 16, 2)
    page_size = _MAX_PAGE_SIZE if page_size == 1 else page_size
    if not _MIN_PAGE_SIZE <= page_size <= _MAX_PAGE_SIZE or page_size & (page_size - 1):
        return False
    pages, rest = divmod(len(data), page_size)
    return rest == 0 and pages >= _page_count(data)


def _page_count(data: bytes) -> int:
    """How many pages the header promises; 0 where an old writer did not keep the number."""
    kept = data[24:28] == data[92:96]
    return _number(data, 28, 4) if kept else 0


def _number(data: bytes, offset: int, size: int) -> int:
    return int.from_bytes(data[offset : offset + size], "big")


def same_content(one: Path, other: Path) -> bool:
    """Whether two files hold the same database, whatever their change counters say.

    A rolled back savepoint leaves nothing behind but a higher counter.
    """
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        if _without_counters(left.read(_HEADER_SIZE)) != _without_counters(
            right.read(_HEADER_SIZE)
        ):
            return False
        while chunk := left.read(_CHUNK):
            if chunk != right.read(_CHUNK):
                return False
    return True


def _without_counters(header: bytes) -> bytes:
    """The header without the change counter, its copy and the writer's SQLite version."""
    return header[:24] + header[28:92]
