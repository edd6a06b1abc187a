"""SQL functions that a search needs, for as long as it runs.

The file is a stranger's: any value may be of any type.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

import msgspec

from chalicelib.collection.card_data import read_card_data
from chalicelib.collection.search.allowance import LOOKING_S, Allowance
from chalicelib.collection.search.plain_text import without_accents, without_clozes
from chalicelib.collection.search.regex import Matcher
from chalicelib.collection.search.sql import Bindings
from chalicelib.collection.study.retrievability import retrievability
from chalicelib.collection.text import FIELD_SEPARATOR
from chalicelib.scheduler.timing import Timing

MATCHES = "search_matches"
MATCHES_FIELD = "search_matches_field"
MATCHES_TAG = "search_matches_tag"
MATCHES_TAGS = "search_matches_tags"
WITHOUT_ACCENTS = "search_without_accents"
WITHOUT_CLOZES = "search_without_clozes"
CUSTOM_DATA = "search_custom_data"
MEMORY = "search_memory"
RETRIEVABILITY = "search_retrievability"

# Steps of SQLite between two looks at the time. One comparison is few of them, however long it
# takes, so that long searches look more often.
_STEPS_BETWEEN_LOOKS = 100
_STEPS_WHEN_LONG = 10
_LONG = 100
# Many notes have the same tags.
_REMEMBERED_TAGS = 10_000


@contextmanager
def running(
    conn: sqlite3.Connection, bindings: Bindings, timing: Timing, allowance: Allowance
) -> Iterator[None]:
    """The functions are there, and the statements inside the block end with the allowance."""
    allowance.start(LOOKING_S)
    for matcher in bindings.matchers:
        matcher.guard(allowance.check)
    functions = _functions(bindings.matchers, timing)
    for name, function in functions.items():
        conn.create_function(name, -1, function, deterministic=True)
    is_long = sum(len(value) for value in bindings.values if isinstance(value, str)) > _LONG
    steps = _STEPS_WHEN_LONG if is_long else _STEPS_BETWEEN_LOOKS
    conn.set_progress_handler(allowance.is_spent, steps)
    try:
        yield
    finally:
        conn.set_progress_handler(None, 0)
        for name in functions:
            conn.create_function(name, -1, None)  # lets go of what the function holds


def _functions(
    matchers: Sequence[Matcher], timing: Timing
) -> dict[str, Callable[..., str | float | None]]:
    @lru_cache(maxsize=_REMEMBERED_TAGS)
    def matches_tag(number: int, tags: object) -> bool:
        return any(map(matchers[number].matches, _text(tags).split(" ")))

    @lru_cache(maxsize=_REMEMBERED_TAGS)
    def matches_tags(number: int, tags: object) -> bool:
        return matchers[number].matches(_text(tags))

    def matches(number: int, value: object) -> bool:
        return matchers[number].matches(_text(value))

    def matches_field(number: int, value: object, *ordinals: int) -> bool:
        fields = _text(value).split(FIELD_SEPARATOR)
        chosen = (fields[one] for one in ordinals if one < len(fields)) if ordinals else fields
        return any(map(matchers[number].matches, chosen))

    return {
        MATCHES: matches,
        MATCHES_FIELD: matches_field,
        MATCHES_TAG: matches_tag,
        MATCHES_TAGS: matches_tags,
        WITHOUT_ACCENTS: lambda value: without_accents(_text(value)),
        WITHOUT_CLOZES: lambda value: without_clozes(_text(value)),
        RETRIEVABILITY: lambda data, due, ivl: retrievability(data, due, ivl, timing),
        CUSTOM_DATA: custom_value,
        MEMORY: memory_value,
    }


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return "" if value is None else str(value)


def custom_value(data: object, key: object) -> str | None:
    """What custom scheduling keeps under `key` in column `data` of a card, as text.

    Source: Anki's rslib/src/storage/sqlite.rs (`extract_custom_data`).
    """
    try:
        custom = msgspec.json.decode(read_card_data(data).get("cd", ""))
    except (msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(custom, dict) or key not in custom:
        return None
    value = custom[str(key)]
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def memory_value(data: object, key: str) -> float | None:
    """FSRS's stability (`s`) or difficulty (`d`), which a card has if FSRS ever scheduled it."""
    value: float | None = read_card_data(data).get(key)
    return value
