"""The random numbers Anki's fuzz draws: a generator seeded anew for each question asked of it.

It is ChaCha with 12 rounds, a zero nonce and a key stretched from the seed.
Source: the Rust crates rand 0.9 (`StdRng`, `random_range`) and rand_core 0.9 (`seed_from_u64`).
"""

from functools import lru_cache

_U32 = 0xFFFF_FFFF
_U64 = 0xFFFF_FFFF_FFFF_FFFF
_CONSTANTS = (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574)  # "expand 32-byte k"
_DOUBLE_ROUNDS = 6
_QUARTERS = (
    (0, 4, 8, 12),
    (1, 5, 9, 13),
    (2, 6, 10, 14),
    (3, 7, 11, 15),
    (0, 5, 10, 15),
    (1, 6, 11, 12),
    (2, 7, 8, 13),
    (3, 4, 9, 14),
)
_PCG_MULTIPLIER = 6364136223846793005
_PCG_INCREMENT = 11634580027462260723
_REMEMBERED = 256


def random_unit(seed: int) -> float:
    """The first number in [0, 1) that the generator of `seed` gives, a multiple of 2**-23."""
    return (_first_words(seed)[0] >> 9) / 2**23


def random_in_range(seed: int, low: int, high: int) -> int:
    """The first integer in [low, high) that the generator of `seed` gives; low < high < 2**32."""
    first, second = _first_words(seed)
    span = high - low
    result, rest = divmod(first * span, 2**32)
    if rest > 2**32 - span:  # only then a second word can carry into the result
        result += (rest + (second * span >> 32)) >> 32
    return low + result


@lru_cache(maxsize=_REMEMBERED)
def _first_words(seed: int) -> tuple[int, int]:
    """Remembered, because the four outcomes of a card ask with the same seed."""
    first, second, *_ = key_stream(stretched_key(seed))
    return first, second


def key_stream(key: list[int]) -> list[int]:
    """The first block, 16 words, of ChaCha12 under a key of 8 words."""
    start = [*_CONSTANTS, *key, 0, 0, 0, 0]
    words = list(start)
    for _ in range(_DOUBLE_ROUNDS):
        for a, b, c, d in _QUARTERS:
            words[a], words[b], words[c], words[d] = _quarter_round(
                words[a], words[b], words[c], words[d]
            )
    return [(a + b) & _U32 for a, b in zip(words, start, strict=True)]


def _quarter_round(a: int, b: int, c: int, d: int) -> tuple[int, int, int, int]:
    """The rotations stand here themselves: every answer to a card waits for 48 of these."""
    a = (a + b) & _U32
    d ^= a
    d = (d << 16 | d >> 16) & _U32
    c = (c + d) & _U32
    b ^= c
    b = (b << 12 | b >> 20) & _U32
    a = (a + b) & _U32
    d ^= a
    d = (d << 8 | d >> 24) & _U32
    c = (c + d) & _U32
    b ^= c
    return a, (b << 7 | b >> 25) & _U32, c, d


def _rotate_left(word: int, bits: int) -> int:
    return ((word << bits) | (word >> (32 - bits))) & _U32


def stretched_key(seed: int) -> list[int]:
    """A key of 8 words: PCG-XSH-RR started at `seed` modulo 2**64."""
    words = []
    state = seed & _U64
    for _ in range(8):
        state = (state * _PCG_MULTIPLIER + _PCG_INCREMENT) & _U64
        mixed = (((state >> 18) ^ state) >> 27) & _U32
        words.append(_rotate_left(mixed, 32 - (state >> 59)))
    return words
