"""Latest packages whose zstd or protobuf is not what it says."""

import hashlib
import itertools
import random
import struct
from collections.abc import Callable
from functools import cache

from backports import zstd

from chalicelib.packages.schema18 import wire
from chalicelib.packages.zstd import compressed
from tests.e2e.hostile.kinds import MARK, Kind
from tests.e2e.hostile.material import latest, small, small_18, spoiled_18
from tests.packages.schema18.files import BLOBS, compress, database, latest_package
from tests.packages.schema18.test_hostile import COLUMNS, TOO_MANY, VALUES, damaged, spoil, too_many

MEGABYTE = 1024 * 1024
_SKIPPABLE = b"\x50\x2a\x4d\x18\x05\x00\x00\x00hello"
_MAGIC = b"\x28\xb5\x2f\xfd"
_COLLECTION = "collection.anki21b"


def _huge_window(rng: random.Random) -> bytes:
    options: dict[int, int] = {zstd.CompressionParameter.window_log: rng.choice([24, 27, 30])}
    compressor = zstd.ZstdCompressor(options=options)
    frame = compressor.compress(small_18()) + compressor.flush()
    return latest({_COLLECTION: frame})


def _claims(rng: random.Random) -> bytes:
    """A frame of a single segment, which is as large in memory as it says."""
    size = rng.choice([10 * 2**30, 2**63, 2**64 - 1, 200 * MEGABYTE])
    head = _MAGIC + b"\xe0" + struct.pack("<Q", size)
    last_block = struct.pack("<I", rng.choice([1, 3, 5, 7]) | 100 << 3)[:3]
    return latest({rng.choice([_COLLECTION, "media"]): head + last_block + bytes(100)})


def _frames(rng: random.Random) -> bytes:
    empty, skippable = zstd.compress(b""), _SKIPPABLE
    huge = b"\x50\x2a\x4d\x18" + struct.pack("<I", 2**32 - 1)
    content = rng.choice(
        [
            empty * 1_500,
            skippable * 100_000,
            skippable,
            huge + bytes(100),
            compress(small_18()) + skippable,
            compress(small_18()[:4096]) + compress(small_18()[4096:]),
            compress(small_18()) + b"more",
            compress(compress(small_18())),
            compress(small_18())[: rng.randrange(1, 3000)],
            b"".join(compress(small_18()[at : at + 9]) for at in range(0, 20_000, 9)),
        ]
    )
    return latest({_COLLECTION: content})


@cache
def _zeros(megabytes: int) -> bytes:
    return b"".join(compressed(itertools.repeat(bytes(MEGABYTE), megabytes)))


def _bombs(rng: random.Random) -> bytes:
    sql = b"SQLite format 3\x00"
    start = compress(sql) if rng.random() < 0.5 else b""
    return latest({rng.choice([_COLLECTION, "media"]): start + _zeros(rng.choice([30, 300, 4096]))})


def _damaged_frame(rng: random.Random) -> bytes:
    frame = bytearray(compress(small_18()))
    for _ in range(rng.choice([1, 3, 20])):
        frame[min(int(rng.expovariate(1 / 400)), len(frame) - 1)] = rng.randrange(256)
    return latest({_COLLECTION: bytes(frame)})


def _versions(rng: random.Random) -> bytes:
    meta = rng.choice(
        [
            b"",
            b"\x08",
            b"\x08\x00",
            b"\x08\x04",
            b"\x08" + b"\xff" * 9 + b"\x01",
            b"\x08" + b"\xff" * 12,
            b"\x0a\x01\x03",
            b"\x0d\x03\x00\x00\x00",
            b"\x08\x01\x08\x03",
            b"\x08\x02",
            b"\x00",
            b"\x08\x03" * 500,
            b"\x08\x03" * 5000,
            b"\x0b\x0c",
            bytes(1000),
        ]
    )
    other = {} if rng.random() < 0.5 else {"collection.anki2": small()}
    return latest({"meta": meta, **other})


def _entry(name: bytes, size: int = 1, sha1: bytes = b"") -> bytes:
    sha1 = sha1 or hashlib.sha1(b"a").digest()
    return b"".join(
        [
            wire.field(1, wire.LENGTH, name),
            wire.field(2, wire.VARINT, wire.varint(size)),
            wire.field(3, wire.LENGTH, sha1),
        ]
    )


def _listed(*entries: bytes) -> bytes:
    return b"".join(wire.field(1, wire.LENGTH, entry) for entry in entries)


@cache
def _endless_list(entries: int) -> bytes:
    return latest({"media": compress(b"\x0a\x00" * entries)})


@cache
def _long_list(entries: int) -> bytes:
    return latest({"media": compress(_listed(*(_entry(b"_%d" % n) for n in range(entries))))})


_NAMES = [
    f"../{MARK}",
    f"/tmp/{MARK}",
    f"..\\{MARK}",
    f"{MARK}/x",
    "",
    ".",
    "..",
    "CON",
    "a\x00b",
    "a\nb",
    "x" * 5000,
    "_" + "y" * 200,
    "con.png",
    " ",
    "a.",
    "\u202e",
    "_\ufffe",
    "é",
    "_a:b",
    "-rf",
]


def _list_names(rng: random.Random) -> bytes:
    names = [rng.choice(_NAMES).encode() for _ in range(rng.choice([1, 1, 3]))]
    names += rng.choice([[], [b"\xff\xfe"], [b"_same", b"_same"]])
    media = compress(_listed(*map(_entry, names)))
    return latest({"media": media, **{str(n): compress(b"a") for n in range(9)}})


def _list_lies(rng: random.Random) -> bytes:
    """Sizes and hashes that are not those of the files."""
    entry = rng.choice(
        [
            _entry(b"_a.png", 10 * 2**30),
            _entry(b"_a.png", 2**64 - 1),
            _entry(b"_a.png", 5, b"\x00" * 20),
            _entry(b"_a.png", 1, b"short"),
            _entry(b"_a.png") + wire.field(9, wire.LENGTH, b"x" * 100_000),
        ]
    )
    content = rng.choice([compress(b"a"), b"a", b"", _zeros(300), compress(b"a") * 2000])
    return latest({"media": compress(_listed(entry)), "0": content})


def _broken_message(rng: random.Random) -> bytes:
    """Wire types, numbers and lengths that are wrong, and messages in messages."""
    nested = b""
    for _ in range(300):
        nested = wire.field(1, wire.LENGTH, nested)
    return rng.choice(
        [
            b"\x08" + b"\xff" * 10 + b"\x01",
            b"\x08" + b"\x80" * 100_000,
            b"\x0a" + b"\xff" * 9 + b"\x01",  # a length of -1
            b"\x0a\xff\xff\xff\xff\x0f",
            b"\x0a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
            b"\x0b" * 5000 + b"\x0c" * 5000,
            b"\x0f\x00",
            b"\x00\x00",
            b"\x0d\x01",
            nested,
            b"\x0a\x00" * 50_000,
            wire.field(5, wire.LENGTH, b"\x01" * 2_000_000),
            wire.field(1, wire.LENGTH, b"\xff" * 100_000),
            wire.field(255, wire.LENGTH, b"[" * 200_000),
            wire.field(255, wire.LENGTH, b'{"a":' * 200_000),
            wire.field(255, wire.LENGTH, b'{"a":[' + b"{}," * 300_000 + b"1]}"),
            wire.field(255, wire.LENGTH, b'{"id":1,"name":"x","flds":[],"dyn":1,"terms":5}'),
            rng.randbytes(rng.choice([5, 200, 5000])),
        ]
    )


def _broken_list(rng: random.Random) -> bytes:
    return latest({"media": compress(_broken_message(rng))})


def _broken_blob(table: str) -> Callable[[random.Random], bytes]:
    columns = BLOBS[table][0].split(", ")

    def make(rng: random.Random) -> bytes:
        column = rng.choice(columns)
        if rng.random() < 0.5:
            blob = _broken_message(rng)
        else:
            with database(small_18()) as conn:
                rows = [row for (row,) in conn.execute(f"SELECT {column} FROM {table}")]
            blob = damaged(rng.choice(rows), rng)
        where = "rowid = (SELECT max(rowid) FROM {0})" if table not in _WITHOUT_ROWID else "ord = 0"
        sql = f"UPDATE {table} SET {column} = ? WHERE {where.format(table)}"
        return spoiled_18(lambda conn: conn.execute(sql, (blob,)))

    return make


_WITHOUT_ROWID = ("fields", "templates")


def _cells(rng: random.Random) -> bytes:
    return spoiled_18(
        spoil(*rng.choice(COLUMNS), rng.choice([*VALUES, "x" * 100_000, 2**62, 9e999]))
    )


def _rows(rng: random.Random) -> bytes:
    table, columns, row, count = rng.choice(list(TOO_MANY.values()))
    return spoiled_18(too_many(table, columns, row, rng.choice([count, count * 10, count // 3])))


def _settings(rng: random.Random) -> bytes:
    value = rng.choice(
        [
            b"[" * 100_000,
            b"[" + b"[]," * 900_000 + b"1]",
            b"9" * 100_000,
            b"1e999",
            b"NaN",
            b'"\\ud800"',
            b"\xff",
            b'{"a":' * 10_000,
            b"-" + b"9" * 4000,
        ]
    )
    key = rng.choice(
        ["schedVer", "creationOffset", "curDeck", "nextPos", "rollover", "x", "x" * 99_999]
    )
    return spoiled_18(
        lambda conn: conn.execute("INSERT OR REPLACE INTO config VALUES (?, 0, 0, ?)", (key, value))
    )


_MAKERS: dict[str, Callable[[random.Random], bytes]] = {
    "zstd, huge window": _huge_window,
    "zstd, claims of gigabytes": _claims,
    "zstd, odd frames": _frames,
    "zstd, bombs": _bombs,
    "zstd, damaged": _damaged_frame,
    "meta, versions": _versions,
    "media list, ten million entries": lambda rng: _endless_list(10_000_000),
    "media list, many empty entries": lambda rng: _endless_list(rng.choice([90_000, 4_000_000])),
    "media list, many entries": lambda rng: _long_list(rng.choice([5_000, 150_000])),
    "media list, names": _list_names,
    "media list, sizes and hashes that lie": _list_lies,
    "media list, broken message": _broken_list,
    "schema 18, cells of any kind": _cells,
    "schema 18, too many rows": _rows,
    "schema 18, settings": _settings,
    "schema 18, a collection of schema 11": lambda rng: latest_package(small()),
}
KINDS = [
    *(Kind(name, make) for name, make in _MAKERS.items()),
    *(Kind(f"schema 18, broken message in {table}", _broken_blob(table)) for table in BLOBS),
]
