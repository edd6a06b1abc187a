"""zstd frames, decompressed without trusting what they say of themselves.

Source: RFC 8878.
"""

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from chalicelib.errors import UnusableFileError

# What a frame asks to be kept in memory, as a power of two. RFC 8878 asks every decoder for
# 8 MiB; Anki's own frames need 2.
_MOST_WINDOW_LOG = 23
# Anki writes one frame, some other programs one for each few megabytes.
_MOST_FRAMES = 1_000
_CHUNK_BYTES = 64 * 1024
_BROKEN = "This package is damaged and cannot be read."


def decompressed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of one or more frames in pieces of at most 64 KiB; count them to limit it.

    Raises UnusableFileError for what is no zstd, is cut short or has too large a window.
    """
    try:
        yield from _decompressed(chunks)
    except (_module().ZstdError, EOFError):
        raise UnusableFileError(_BROKEN) from None


def compressed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """One frame of the usual level, without a content size, as Anki writes it."""
    compressor = _module().ZstdCompressor()
    for chunk in chunks:
        yield compressor.compress(chunk)
    yield compressor.flush()


def _decompressed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    frames = _Frames()
    for chunk in chunks:
        for start in range(0, len(chunk), _CHUNK_BYTES):  # what is left after a frame is copied
            yield from frames.feed(chunk[start : start + _CHUNK_BYTES])
    if not frames.is_complete:
        raise UnusableFileError(_BROKEN)


class _Frames:
    """Frames one after the other, fed with small pieces of them."""

    def __init__(self) -> None:
        self._count = 0
        self._decompressor: Any = None

    @property
    def is_complete(self) -> bool:
        return self._count > 0 and self._decompressor is None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What `data` adds; it may end one frame and begin the next."""
        while data:
            decompressor = self._decompressor or self._next_frame()
            yield decompressor.decompress(data, _CHUNK_BYTES)
            while not decompressor.needs_input and not decompressor.eof:
                yield decompressor.decompress(b"", _CHUNK_BYTES)
            data = decompressor.unused_data
            self._decompressor = None if decompressor.eof else decompressor

    def _next_frame(self) -> Any:
        self._count += 1
        if self._count > _MOST_FRAMES:
            raise UnusableFileError(_BROKEN)
        module = _module()
        options = {module.DecompressionParameter.window_log_max: _MOST_WINDOW_LOG}
        return module.ZstdDecompressor(options=options)


def _module() -> Any:
    """Imported late: few requests need it."""
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415
    else:
        from backports import zstd  # noqa: PLC0415
    return zstd
