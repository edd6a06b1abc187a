"""The searches that are put to real Anki, and how its answers are kept."""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.collection.search_grammar import broken_search, random_search

# One search a line, each for some rule that chance may miss.
CHOSEN = Path(__file__).with_name("chosen_searches.txt")
_RANDOM, _BROKEN = 500, 300


def searches_for(variant: str) -> list[str]:
    """The same ones each time."""
    rng = random.Random(f"searches of {variant}")
    searches = CHOSEN.read_text(encoding="utf-8").splitlines()
    searches += [random_search(rng) for _ in range(_RANDOM)]
    broken = [broken_search(rng) for _ in range(_BROKEN)]
    # Anki sees a bad regular expression only when some note is compared with it.
    return list(dict.fromkeys(searches + [text for text in broken if "re:" not in text.lower()]))


def as_bits(found: Iterable[int], everything: Sequence[int]) -> str:
    """Which of all ids were found, as a hexadecimal number."""
    wanted = set(found)
    return f"{sum(1 << place for place, one in enumerate(everything) if one in wanted):x}"
