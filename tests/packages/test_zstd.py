"""zstd that lies, bursts or breaks off."""

import itertools
import random
import tracemalloc
from collections.abc import Iterator

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import UnusableFileError
from chalicelib.packages.zstd import compressed, decompressed

MEGABYTE = 1024 * 1024
SKIPPABLE = b"\x50\x2a\x4d\x18\x05\x00\x00\x00hello"


def decompress(*chunks: bytes) -> bytes:
    return b"".join(decompressed(chunks))


@settings(max_examples=100, deadline=None)
@given(chunks=st.lists(st.binary(max_size=200)), cut=st.integers(1, 40))
def test_what_is_compressed_comes_back(chunks: list[bytes], cut: int) -> None:
    frame = b"".join(compressed(chunks))
    assert zstd.decompress(frame) == b"".join(chunks)
    pieces = [frame[at : at + cut] for at in range(0, len(frame), cut)]
    assert decompress(*pieces) == b"".join(chunks)


def test_frames_tell_no_size_like_ankis() -> None:
    assert zstd.get_frame_info(b"".join(compressed([b"abc"]))).decompressed_size is None


def test_frames_with_a_size_and_with_a_checksum_are_read() -> None:
    content = random.Random(1).randbytes(300_000)
    options: dict[int, int] = {zstd.CompressionParameter.checksum_flag: 1}
    frame = zstd.compress(content, options=options)
    assert zstd.get_frame_info(frame).decompressed_size == len(content)
    assert decompress(frame) == content
    assert zstd.compress(content, level=19)
    assert decompress(zstd.compress(content, level=19)) == content


def test_several_frames_are_one_content() -> None:
    frames = zstd.compress(b"one ") + SKIPPABLE + zstd.compress(b"") + zstd.compress(b"two")
    assert decompress(frames) == b"one two"
    assert decompress(*(bytes([byte]) for byte in frames)) == b"one two"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no zstd at all",
        b"\x28\xb5\x2f\xfd",
        zstd.compress(b"abc") + b"trailing",
        zstd.compress(b"abc" * 1000)[:-1],
        zstd.compress(b"abc") + zstd.compress(b"abc" * 1000)[:-1],
        zstd.compress(b"abc", zstd_dict=zstd.ZstdDict(b"abcabcabc" * 9, is_raw=True))[:5],
        zstd.compress(b"") * 2000,
        SKIPPABLE * 2000,
    ],
)
def test_what_is_no_whole_content_is_refused(data: bytes) -> None:
    with pytest.raises(UnusableFileError):
        decompress(data)


def test_a_wrong_checksum_is_refused() -> None:
    frame = bytearray(zstd.compress(b"abc", options={zstd.CompressionParameter.checksum_flag: 1}))
    frame[-1] ^= 1
    with pytest.raises(UnusableFileError):
        decompress(bytes(frame))


def test_a_window_that_nobody_needs_is_refused() -> None:
    options: dict[int, int] = {zstd.CompressionParameter.window_log: 27}
    compressor = zstd.ZstdCompressor(options=options)
    frame = compressor.compress(random.Random(2).randbytes(MEGABYTE)) + compressor.flush()
    with pytest.raises(UnusableFileError):
        decompress(frame)


def bomb() -> Iterator[bytes]:
    """A gigabyte of zeros in 40 KB."""
    return compressed(itertools.repeat(bytes(MEGABYTE), 1024))


def test_a_bomb_comes_in_small_pieces() -> None:
    data = b"".join(bomb())
    assert len(data) < 100_000
    tracemalloc.start()
    try:
        pieces = itertools.islice(decompressed([data]), 2000)
        assert max(map(len, pieces)) <= 64 * 1024
        assert tracemalloc.get_traced_memory()[1] < 4 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_damaged_frames_are_read_or_refused() -> None:
    content = bytes(range(256)) * 40 + random.Random(3).randbytes(5000)
    frame = zstd.compress(content)
    refused = 0
    for seed in range(500):
        rng = random.Random(seed)
        data = bytearray(frame)
        for _ in range(rng.choice([1, 1, 3, 20])):
            data[min(int(rng.expovariate(1 / 400)), len(data) - 1)] = rng.randrange(256)
        if seed % 5 == 0:
            del data[rng.randrange(len(data)) :]
        length = 0
        try:
            for piece in decompressed([bytes(data)]):
                length += len(piece)
                if length > 4 * MEGABYTE:  # what limits it is the caller's
                    break
        except UnusableFileError:
            refused += 1
    assert 100 < refused <= 500
