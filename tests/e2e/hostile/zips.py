"""Zip files that lie about themselves, burst, or hold what a package never holds."""

import random
import struct
import zipfile
from collections.abc import Callable
from functools import cache

from tests.e2e.hostile.kinds import MARK, Kind, fixed
from tests.e2e.hostile.material import Entry, small, zipped
from tests.packages.sources import package

MEGABYTE = 1024 * 1024
_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_TEN_GIGABYTES = 10 * 2**30
# Offsets of the fields that files lie with: in the local header and in the central one.
_FIELDS = {
    "flags": (6, 8, 2),
    "method": (8, 10, 2),
    "time": (10, 12, 4),
    "crc": (14, 16, 4),
    "packed size": (18, 20, 4),
    "size": (22, 24, 4),
    "name length": (26, 28, 2),
    "extra length": (28, 30, 2),
}


def _lying(field: str, *values: int) -> Kind:
    """The same field with another value in one of the headers of an entry, or in both."""

    def make(rng: random.Random) -> bytes:
        data = bytearray(package(small(), {"media": b'{"0": "a.png"}', "0": b"a"}))
        local, central, size = _FIELDS[field]
        value = rng.choice(values).to_bytes(size, "little")
        which = rng.choice([(True, True), (True, False), (False, True)])
        entry = rng.randrange(2)
        for wanted, mark, offset in ((which[0], _LOCAL, local), (which[1], _CENTRAL, central)):
            at = -1
            for _ in range(entry + 1):
                at = data.index(mark, at + 1)
            if wanted:
                data[at + offset : at + offset + size] = value
        return bytes(data)

    return Kind(f"zip, {field} that lies", make)


def _lying_end(rng: random.Random) -> bytes:
    """The end of the directory: disks, numbers of entries, size, place, length of the comment."""
    data = bytearray(package(small()))
    at = data.index(_END)
    for offset, size in rng.sample([(4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)], 2):
        value = rng.choice([0, 1, 2, 255, 256**size - 1, 256**size - 2])
        data[at + offset : at + offset + size] = value.to_bytes(size, "little")
    return bytes(data)


def _zip64_lies(rng: random.Random) -> bytes:
    data = package(small())
    at = data.index(_END)
    big = rng.choice([_TEN_GIGABYTES, 2**64 - 1, 2**63, 0, len(data)])
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, big, big, big, big)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", rng.choice([0, 7]), rng.choice([at, big]), 1)
    end = bytearray(data[at:])
    end[8:20] = b"\xff" * 12
    return data[:at] + record + locator + bytes(end)


def _ten_gigabytes(rng: random.Random) -> bytes:
    """In the extra field of zip64, which is where a size above 4 GiB is said."""
    info = zipfile.ZipInfo("collection.anki2")
    sizes = struct.pack("<QQ", _TEN_GIGABYTES, rng.choice([_TEN_GIGABYTES, 100]))
    info.extra = struct.pack("<HH", 1, len(sizes)) + sizes
    data = bytearray(zipped([(info, small())]))
    for mark, offset in ((_LOCAL, 18), (_CENTRAL, 20)):
        at = data.index(mark) + offset
        data[at : at + 8] = b"\xff" * 8
    return bytes(data)


def _overlapping(rng: random.Random) -> bytes:
    """Many names in the directory for one and the same content."""
    base = package(small(), {"0": bytes(range(256)) * 4000})
    at, end = base.index(_CENTRAL), base.index(_END)
    last = base.index(_CENTRAL, at + 1)
    count = rng.choice([10, 2000, 30_000])
    copies = []
    for number in range(count):
        name = f"{number:05}".encode()
        header = bytearray(base[last : last + 46])
        header[28:30] = len(name).to_bytes(2, "little")
        copies.append(bytes(header) + name)
    directory = base[at:last] + b"".join(copies)
    ending = bytearray(base[end:])
    for offset in (8, 10):
        ending[offset : offset + 2] = min(count + 1, 65_535).to_bytes(2, "little")
    ending[12:16] = len(directory).to_bytes(4, "little")
    return base[:at] + directory + bytes(ending)


def _info(name: str, mode: int = 0o100644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def _with_entries(*entries: Entry) -> bytes:
    return zipped([("collection.anki2", small()), *entries])


_PATHS = [
    f"../{MARK}",
    f"../../../../../../../../tmp/{MARK}",
    f"/tmp/{MARK}",
    f"/{MARK}",
    f"~/{MARK}",
    f"C:\\{MARK}",
    f"..\\..\\{MARK}",
    f"a/../../{MARK}",
    f"./{MARK}",
    f"{MARK}/",
    f"//host/{MARK}",
    f"{MARK}\u202egnp.exe",
    f"{MARK}\x01",
    "CON",
    "NUL",
    ".",
    "..",
    "",
]


def _paths(rng: random.Random) -> bytes:
    """Also in the place of the collection."""
    prefix = rng.choice(["", "../", f"/tmp/{MARK}/"])
    names = rng.sample(_PATHS, 5)
    entries: list[Entry] = [(f"{prefix}collection.anki2", small())]
    return zipped([*entries, *((_info(name or "x"), b"x") for name in names)])


def _nul_in_a_name(rng: random.Random) -> bytes:
    name = rng.choice([b"collection.anki2", b"meta", b"media"])
    entries: list[Entry] = [("collection.anki2", small()), ("meta", b"\x08\x01"), ("media", b"{}")]
    return zipped(entries).replace(name, name[:-2] + b"\x00" + name[-1:])


def _links(rng: random.Random) -> bytes:
    target = rng.choice([b"/etc/passwd", b"../../secret_key", b"/proc/self/environ"])
    name = rng.choice(["0", "media", "collection.anki21", MARK])
    mode = rng.choice([0o120777, 0o020666, 0o010666, 0o140777, 0o040755])
    return _with_entries((_info(name, mode), target))


def _duplicates(rng: random.Random) -> bytes:
    """Which of the two is taken differs between readers."""
    first, second = ("collection.anki2", "collection.anki3")
    data = zipped([(first, small()), (second, rng.choice([small(), b"other"]))])
    return data.replace(second.encode(), first.encode())


@cache
def _bomb(megabytes: int) -> bytes:
    return zipped([("collection.anki2", bytes(megabytes * MEGABYTE))])


@cache
def _media_bombs() -> bytes:
    many: list[Entry] = [(str(n), bytes(8 * MEGABYTE)) for n in range(30)]
    return _with_entries(("media", b'{"0": "_a.png"}'), *many)


@cache
def _nested() -> bytes:
    """Ten in ten in ten, and so on, each as small as the last one."""
    inner = _bomb(100)
    for level in range(5):
        name = "collection.anki2" if level % 2 else "media"
        inner = zipped([(name, inner), *((str(n), inner) for n in range(10))])
    return inner


@cache
def _many_entries(count: int, content: bytes) -> bytes:
    return zipped(
        [("collection.anki2", small()), *((str(n), content) for n in range(count))],
        zipfile.ZIP_STORED,
    )


def _many_marks(rng: random.Random) -> bytes:
    """What looks like the headers of very many entries, outside and inside of the directory."""
    data = package(small())
    at = data.index(_CENTRAL)
    return data[:at] + _CENTRAL * rng.choice([1000, 190_000, 900_000]) + data[at:]


def _method(rng: random.Random) -> bytes:
    method = rng.choice([zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    return zipped([("collection.anki2", rng.choice([small(), bytes(30 * MEGABYTE)]))], method)


def _broken_extra(rng: random.Random) -> bytes:
    info = _info("collection.anki2")
    info.extra = rng.choice([b"\x01", b"\x01\x00\xff\xff", b"\x01\x00\x00\x00", rng.randbytes(40)])
    return zipped([(info, small())])


def _surrounded(rng: random.Random) -> bytes:
    """A polyglot, or two zip files in one."""
    data = package(small())
    other = rng.choice([b"<script>1</script>", b"%PDF-1.4\n", b"GIF89a", bytes(100), data])
    return rng.choice([other + data, data + other, b"PK" + other + data])


def _cut_stream(rng: random.Random) -> bytes:
    """The deflated stream ends, or goes wrong, in the middle; the headers are right."""
    data = bytearray(package(small()))
    at = rng.randrange(100, data.index(_CENTRAL))
    data[at : at + 40] = rng.choice([bytes(40), rng.randbytes(40), b"\xff" * 40])
    return bytes(data)


def _zip_in_a_zip(rng: random.Random) -> bytes:
    name = rng.choice(["collection.anki2", "collection.anki21"])
    return zipped([(name, package(small()))])


_Make = Callable[[random.Random], bytes]
_MAKERS: dict[str, _Make] = {
    "zip, end of the directory that lies": _lying_end,
    "zip, zip64 that lies": _zip64_lies,
    "zip, a claim of 10 GB": _ten_gigabytes,
    "zip, overlapping entries": _overlapping,
    "zip, names that are paths": _paths,
    "zip, NUL in a name": _nul_in_a_name,
    "zip, links and devices": _links,
    "zip, two entries of one name": _duplicates,
    "zip, bomb": lambda rng: _bomb(rng.choice([12, 200, 600])),
    "zip, bombs as media": lambda rng: _media_bombs(),
    "zip, nested bombs": lambda rng: _nested(),
    "zip, very many entries": lambda rng: _many_entries(
        *rng.choice([(30_000, b""), (40_000, b"x")])
    ),
    "zip, marks of entries": _many_marks,
    "zip, compression of another kind": _method,
    "zip, broken extra field": _broken_extra,
    "zip, polyglots": _surrounded,
    "zip, broken stream": _cut_stream,
    "zip, zip in a zip": _zip_in_a_zip,
}
KINDS = [
    *(Kind(name, make) for name, make in _MAKERS.items()),
    _lying("flags", 1, 0x41, 0x2041, 8, 0x20, 0xFFFF),
    _lying("method", 1, 6, 9, 12, 14, 93, 95, 98, 99, 0xFFFF, 0),
    _lying("time", 0, 2**32 - 1),
    _lying("crc", 0, 1, 2**32 - 1),
    _lying("packed size", 0, 1, 2**31, 2**32 - 1, 2**32 - 2),
    _lying("size", 0, 1, 2**31, 2**32 - 1, 2**32 - 2),
    _lying("name length", 0, 1, 200, 0xFFFF),
    _lying("extra length", 1, 3, 200, 0xFFFF),
    fixed("zip, nothing in it", zipped([]), zipped([("readme.txt", b"hello")])),
]
