"""Random numbers that follow from a seed: a transaction that is run again draws the same ones."""

import hashlib

_BITS = 64


def drawn(seed: int, about: int) -> int:
    """A random number of 64 bits; `about` (an id, say) tells the draws of one seed apart."""
    text = f"{seed}:{about}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=_BITS // 8).digest())


def drawn_between(low: int, high: int, seed: int, about: int) -> int:
    """A random number from `low` to `high`, both included."""
    return low + (drawn(seed, about) * (high - low + 1) >> _BITS)
