"""The pages that a transaction changed, and what of them has to be told to others.

A page is told as its difference to the page it replaces: deflated with the old content as the
preset dictionary, it takes about a tenth of the compressed page. Where content has moved from page
to page, as that of a long row does when it changes its length, the dictionary is the old content
of all pages that the transaction changed.
"""

import errno
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec

from chalicelib.storage.image import normal_page

_RAW_DEFLATE = -15
_WINDOW_SIZE = 1 << 15
_LAST_PAGE = 2**32 - 2
_BEST_LEVEL, _FAST_LEVEL = 6, 1
# A larger difference may be content that has moved.
_LARGE_DELTA = 600
# From here on the time that the dictionary costs (0.1 ms a page) outweighs the bytes it saves.
_MANY_PAGES = 256

# Source of the layout: "Database File Format", section 4, of SQLite's documentation.
_WAL_HEADER_SIZE, _FRAME_HEADER_SIZE = 32, 24


class Dictionary(IntEnum):
    """What a page was deflated with: nothing, its own old content, or that of all changed pages."""

    NONE = 0
    OWN = 1
    ALL = 2


class PageChange(msgspec.Struct, array_like=True, frozen=True):
    """One page's new content, deflated."""

    number: Annotated[int, msgspec.Meta(ge=1, le=_LAST_PAGE)]
    dictionary: Dictionary
    deflated: bytes


class DivergedError(Exception):
    """The pages do not fit to the file at hand."""


@dataclass(frozen=True, slots=True)
class Pages:
    """New contents of pages by number (from 1), and how many pages the file has with them."""

    contents: Mapping[int, bytes]
    page_count: int

    @property
    def checksum(self) -> int:
        """The CRC-32 of all contents in the order of their numbers, and of the count."""
        checksum = zlib.crc32(self.page_count.to_bytes(4, "big"))
        for number in sorted(self.contents):
            checksum = zlib.crc32(self.contents[number], checksum)
        return checksum


def committed_pages(wal: BinaryIO, page_size: int) -> Pages | None:
    """What one committed transaction left in an otherwise empty WAL; None for nothing.

    Its frames end with the one that has the page count. What may follow was taken back in a
    savepoint. Salts and checksums are not looked at: they guard against a torn write and against
    frames of earlier transactions, neither of which this WAL can have, and SQLite 3.40 leaves
    them out of some frames after a savepoint was taken back.
    """
    contents: dict[int, bytes] = {}
    wal.seek(_WAL_HEADER_SIZE)
    while len(frame := wal.read(_FRAME_HEADER_SIZE + page_size)) > page_size:
        number = int.from_bytes(frame[:4], "big")
        contents[number] = normal_page(number, frame[_FRAME_HEADER_SIZE:])
        if page_count := int.from_bytes(frame[4:8], "big"):
            return Pages(contents, page_count)
    return None


class PageFile:
    """A database file at rest, as its pages."""

    def __init__(self, path: Path, page_size: int) -> None:
        self._path = path
        self._page_size = page_size

    def changed(self, pages: Pages) -> Pages | None:
        """Those of the pages that are not in the file already; None when the file is as it was."""
        with self._path.open("rb") as file:
            contents = {
                number: content
                for number, content in pages.contents.items()
                if number <= pages.page_count and content != self._read(file.fileno(), number)
            }
            size = os.fstat(file.fileno()).st_size
        if not contents and size == pages.page_count * self._page_size:
            return None
        return Pages(contents, pages.page_count)

    def encoded(self, pages: Pages) -> list[PageChange]:
        """The pages as changes to this file, in the order of their numbers."""
        numbers = sorted(pages.contents)
        if len(numbers) > _MANY_PAGES:
            return [_plain(number, pages.contents[number]) for number in numbers]
        old = self._old(numbers)
        return [_difference(number, pages.contents[number], old) for number in numbers]

    def decoded(self, changes: list[PageChange], page_count: int) -> Pages:
        """The pages that the changes make of this file.

        Raises DivergedError when they were made from another file.
        """
        dependent = any(change.dictionary for change in changes)
        old = self._old([change.number for change in changes]) if dependent else {}
        return Pages({change.number: self._decoded(change, old) for change in changes}, page_count)

    def write(self, pages: Pages) -> None:
        """Put the pages into the file, which is at rest again at once."""
        with self._path.open("r+b", buffering=0) as file:
            for number, content in pages.contents.items():
                start = (number - 1) * self._page_size
                if os.pwrite(file.fileno(), content, start) != self._page_size:
                    raise OSError(errno.ENOSPC, "a page was not written whole")
            file.truncate(pages.page_count * self._page_size)

    def _read(self, descriptor: int, number: int) -> bytes:
        """A page's content, nothing for one beyond the end."""
        return os.pread(descriptor, self._page_size, (number - 1) * self._page_size)

    def _old(self, numbers: list[int]) -> dict[int, bytes]:
        with self._path.open("rb") as file:
            return {number: self._read(file.fileno(), number) for number in numbers}

    def _decoded(self, change: PageChange, old: Mapping[int, bytes]) -> bytes:
        dictionary = _dictionary(change.dictionary, change.number, old)
        inflate = zlib.decompressobj(_RAW_DEFLATE, zdict=dictionary)
        try:
            content = inflate.decompress(change.deflated, self._page_size)
        except zlib.error as error:
            raise DivergedError from error
        if len(content) != self._page_size:
            raise DivergedError
        return content


def _plain(number: int, content: bytes) -> PageChange:
    return PageChange(number, Dictionary.NONE, _deflated(content, b"", _FAST_LEVEL))


def _difference(number: int, content: bytes, old: Mapping[int, bytes]) -> PageChange:
    own = _deflated(content, old[number], _BEST_LEVEL)
    if len(own) > _LARGE_DELTA:
        moved = _deflated(content, _dictionary(Dictionary.ALL, number, old), _BEST_LEVEL)
        if len(moved) < len(own):
            return PageChange(number, Dictionary.ALL, moved)
    return PageChange(number, Dictionary.OWN, own)


def _dictionary(kind: Dictionary, number: int, old: Mapping[int, bytes]) -> bytes:
    """The own page comes last: what is near costs least, and the window ends 32 KB away."""
    match kind:
        case Dictionary.NONE:
            return b""
        case Dictionary.OWN:
            return old[number]
        case Dictionary.ALL:
            near = [old[number]]
            for other in sorted(old, reverse=True):
                if sum(map(len, near)) >= _WINDOW_SIZE:
                    break
                if other != number:
                    near.insert(0, old[other])
            return b"".join(near)[-_WINDOW_SIZE:]


def _deflated(content: bytes, dictionary: bytes, level: int) -> bytes:
    deflate = zlib.compressobj(level, zlib.DEFLATED, _RAW_DEFLATE, zdict=dictionary)
    return deflate.compress(content) + deflate.flush()
