"""The pages that a transaction changed, and what of them has to be told to others.

A page is told as its difference to the page it replaces: deflated with the old content as the
preset dictionary, it takes about a tenth of the compressed page. Where content has moved from page
to page, as that of a long row does when it changes its length, the dictionary is the old content
of all pages that the transaction changed. Very many pages are told in full, as one zstd frame.
"""

import errno
import os
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec

from chalicelib.storage.image import normal_page

RAW_DEFLATE, _MEMORY, _LEVEL = -15, 8, 6
# A window that holds a page and its dictionary of the usual size.
_SMALL, _SMALL_DEFLATE, _SMALL_MEMORY = 1 << 13, -13, 6
_WINDOW_SIZE = 1 << 15
_LAST_PAGE = 2**32 - 2
# A larger difference may be content that has moved.
_LARGE_DELTA = 600
# From here on the time that the dictionary costs (0.1 ms a page) outweighs the bytes it saves.
_MANY_PAGES = 256
_FRAME_LEVEL = 1

# Source of the layout: "Database File Format", section 4, of SQLite's documentation.
WAL_HEADER_SIZE, _FRAME_HEADER_SIZE = 32, 24


class Packing(IntEnum):
    """How a page was packed.

    Deflated with its own old content or with that of all changed pages, or as the next piece of
    the zstd frame that the changes before it began.
    """

    FRAME = 0
    OWN = 1
    ALL = 2


class PageChange(msgspec.Struct, array_like=True, frozen=True):
    """One page's new content, packed."""

    number: Annotated[int, msgspec.Meta(ge=1, le=_LAST_PAGE)]
    packing: Packing
    packed: bytes


class DivergedError(Exception):
    """The pages do not fit to the file at hand."""


@dataclass(frozen=True, slots=True)
class Pages:
    """New contents of pages by number (from 1), and how many pages the file has with them.

    `replaced` is what they replace, as far as that was read already.
    """

    contents: Mapping[int, bytes]
    page_count: int
    replaced: Mapping[int, bytes] = field(default_factory=dict, compare=False)

    @property
    def checksum(self) -> int:
        """The CRC-32 of all contents in the order of their numbers, and of the count."""
        checksum = zlib.crc32(self.page_count.to_bytes(4, "big"))
        for number in sorted(self.contents):
            checksum = zlib.crc32(self.contents[number], checksum)
        return checksum


def committed_pages(wal: BinaryIO, page_size: int) -> Pages | None:
    """What the next committed transaction left in a WAL that was read up to here; None for nothing.

    Its frames end with the one that has the page count, after which the WAL is read then. What may
    follow was taken back in a savepoint, and the transaction after it is written over that. Salts
    and checksums are not looked at: they guard against a torn write and against frames of earlier
    rounds, neither of which this WAL can have, and SQLite 3.40 leaves them out of some frames
    after a savepoint was taken back.
    """
    contents: dict[int, bytes] = {}
    start = wal.tell()
    while len(frame := wal.read(_FRAME_HEADER_SIZE + page_size)) > page_size:
        number = int.from_bytes(frame[:4], "big")
        contents[number] = normal_page(number, frame[_FRAME_HEADER_SIZE:])
        if page_count := int.from_bytes(frame[4:8], "big"):
            return Pages(contents, page_count)
    wal.seek(start)
    return None


class PageFile:
    """A database file at rest, as its pages."""

    def __init__(self, path: Path, page_size: int) -> None:
        self._path = path
        self._page_size = page_size

    def changed(self, pages: Pages) -> Pages | None:
        """Those of the pages that are not in the file already; None when the file is as it was."""
        with self._open(os.O_RDONLY) as descriptor:
            size = os.fstat(descriptor).st_size
            replaced = self._old(descriptor, pages.contents)
        contents = {
            number: content
            for number, content in pages.contents.items()
            if number <= pages.page_count and content != replaced[number]
        }
        if not contents and size == pages.page_count * self._page_size:
            return None
        return Pages(contents, pages.page_count, replaced)

    def encoded(self, pages: Pages) -> list[PageChange]:
        """The pages as changes to this file, in the order of their numbers."""
        numbers = sorted(pages.contents)
        if len(numbers) > _MANY_PAGES:
            return list(_framed((number, pages.contents[number]) for number in numbers))
        old = {number: pages.replaced[number] for number in numbers if number in pages.replaced}
        if len(old) < len(numbers):
            with self._open(os.O_RDONLY) as descriptor:
                old = self._old(descriptor, numbers)
        return [_difference(number, pages.contents[number], old) for number in numbers]

    def decoded(self, changes: list[PageChange], page_count: int) -> Pages:
        """The pages that the changes make of this file.

        Raises DivergedError when they were made from another file.
        """
        old: dict[int, bytes] = {}
        if any(change.packing != Packing.FRAME for change in changes):
            with self._open(os.O_RDONLY) as descriptor:
                old = self._old(descriptor, [change.number for change in changes])
        frame = _Frame()
        contents = (
            frame.next(change.packed, self._page_size)
            if change.packing == Packing.FRAME
            else self._inflated(change, old)
            for change in changes
        )
        numbers = [change.number for change in changes]
        return Pages(dict(zip(numbers, map(self._whole, contents), strict=True)), page_count)

    def write(self, pages: Pages) -> None:
        """Put the pages into the file, which is at rest again at once."""
        with self._open(os.O_RDWR) as descriptor:
            for number, content in pages.contents.items():
                start = (number - 1) * self._page_size
                if os.pwrite(descriptor, content, start) != self._page_size:
                    raise OSError(errno.ENOSPC, "a page was not written whole")
            size = pages.page_count * self._page_size
            if os.fstat(descriptor).st_size != size:
                os.ftruncate(descriptor, size)

    @contextmanager
    def _open(self, flags: int) -> Iterator[int]:
        descriptor = os.open(self._path, flags | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _old(self, descriptor: int, numbers: Iterable[int]) -> dict[int, bytes]:
        """The contents of pages, nothing for one beyond the end."""
        size = self._page_size
        return {number: os.pread(descriptor, size, (number - 1) * size) for number in numbers}

    def _inflated(self, change: PageChange, old: Mapping[int, bytes]) -> bytes:
        dictionary = _dictionary(change.packing, change.number, old)
        inflate = zlib.decompressobj(RAW_DEFLATE, zdict=dictionary)
        try:
            return inflate.decompress(change.packed, self._page_size)
        except zlib.error as error:
            raise DivergedError from error

    def _whole(self, content: bytes) -> bytes:
        if len(content) != self._page_size:
            raise DivergedError
        return content


class _Frame:
    """A zstd frame that is unpacked piece by piece."""

    def __init__(self) -> None:
        self._decompressor: Any = None

    def next(self, piece: bytes, size: int) -> bytes:
        """At most `size` bytes. Raises DivergedError."""
        self._decompressor = self._decompressor or _zstd().ZstdDecompressor()
        try:
            return bytes(self._decompressor.decompress(piece, size))
        except (_zstd().ZstdError, EOFError) as error:
            raise DivergedError from error


def _framed(contents: Iterable[tuple[int, bytes]]) -> Iterator[PageChange]:
    """One frame, which each page ends a block of: four times as fast as deflating each."""
    compressor = _zstd().ZstdCompressor(_FRAME_LEVEL)
    for number, content in contents:
        packed = compressor.compress(content, compressor.FLUSH_BLOCK)
        yield PageChange(number, Packing.FRAME, packed)


def _zstd() -> Any:
    """Imported late: few changes need it."""
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415
    else:
        from backports import zstd  # noqa: PLC0415
    return zstd


def _difference(number: int, content: bytes, old: Mapping[int, bytes]) -> PageChange:
    own = deflated(content, old[number])
    if len(own) > _LARGE_DELTA:
        moved = deflated(content, _dictionary(Packing.ALL, number, old))
        if len(moved) < len(own):
            return PageChange(number, Packing.ALL, moved)
    return PageChange(number, Packing.OWN, own)


def _dictionary(packing: Packing, number: int, old: Mapping[int, bytes]) -> bytes:
    """The own page comes last: what is near costs least, and the window ends 32 KB away."""
    if packing == Packing.OWN:
        return old[number]
    near = [old[number]]
    for other in sorted(old, reverse=True):
        if sum(map(len, near)) >= _WINDOW_SIZE:
            break
        if other != number:
            near.insert(0, old[other])
    return b"".join(near)[-_WINDOW_SIZE:]


def deflated(content: bytes, dictionary: bytes = b"") -> bytes:
    """As small as with the largest window, whose preparation takes longer than a page does."""
    small = len(content) + len(dictionary) <= _SMALL
    window, memory = (_SMALL_DEFLATE, _SMALL_MEMORY) if small else (RAW_DEFLATE, _MEMORY)
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, window, memory, zdict=dictionary)
    return deflate.compress(content) + deflate.flush()
