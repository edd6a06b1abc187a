"""Real files that were damaged on the way, as a whole or inside of their packing."""

import random
import re
from collections.abc import Callable

from tests.e2e.hostile.kinds import Kind
from tests.e2e.hostile.material import REAL, real, real_collection, small
from tests.packages.schema18.files import latest_package
from tests.packages.sources import package
from tests.packages.test_fuzz import DAMAGE

Damage = Callable[[bytearray, random.Random], None]
_ZIP_PARTS = re.compile(rb"PK(?:\x01\x02|\x03\x04|\x05\x06)")


def _zeroed(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    end = min(at + rng.choice([1, 100, 4096, 20_000]), len(data))
    data[at:end] = bytes(end - at)


def _halves_swapped(data: bytearray, rng: random.Random) -> None:
    middle = rng.randrange(len(data))
    data[:] = data[middle:] + data[:middle]


def _repeated(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    data[at:at] = data[at : at + rng.choice([1, 512, 4096, 60_000])]


def _cut_where_a_part_ends(data: bytearray, rng: random.Random) -> None:
    """At a page of the database, or at a header of the zip file, or a byte beside it."""
    marks = [found.start() for found in _ZIP_PARTS.finditer(data)]
    if not data.startswith(b"PK"):
        marks = [16, 100, *range(0, len(data), 4096)]
    del data[max(rng.choice(marks) + rng.choice([-1, 0, 1, 4, 22, 46]), 0) :]


_ALL: list[Damage] = [*DAMAGE, _zeroed, _halves_swapped, _repeated, _cut_where_a_part_ends]


def _outside(damage: Damage) -> Callable[[random.Random], bytes]:
    def make(rng: random.Random) -> bytes:
        data = bytearray(real(rng.choice(REAL)))
        damage(data, rng)
        return bytes(data)

    return make


def _inside(damage: Damage) -> Callable[[random.Random], bytes]:
    """No checksum of the zip file tells of it."""

    def make(rng: random.Random) -> bytes:
        choice = rng.randrange(3)
        source = real_collection(rng.choice(REAL)) if choice else small()
        data = bytearray(source)
        damage(data, rng)
        return latest_package(bytes(data)) if choice == 2 else package(bytes(data))

    return make


def _nothing(rng: random.Random) -> bytes:
    heads = [
        b"",
        b"P",
        b"PK",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"SQLite format 3\x00",
        b"\x28\xb5\x2f\xfd",
    ]
    return rng.choice(heads) + rng.choice([b"", rng.randbytes(200), rng.randbytes(50_000)])


KINDS = [
    *(Kind(f"damaged file, {damage.__name__.strip('_')}", _outside(damage)) for damage in _ALL),
    *(
        Kind(f"damaged collection, {damage.__name__.strip('_')}", _inside(damage))
        for damage in _ALL
    ),
    Kind("nothing in particular", _nothing),
]
