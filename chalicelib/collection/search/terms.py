"""One term of a search: a word, or a key and its value.

Source of the rules: Anki's rslib/src/search/parser.rs.
"""

import re
from collections.abc import Callable

from chalicelib.collection.search.nodes import (
    AddedInDays,
    CardIds,
    ClozeNotetype,
    Deck,
    DeckIds,
    Duplicates,
    EditedInDays,
    Field,
    Flag,
    HasCustomData,
    IntroducedInDays,
    NoteIds,
    NotetypeId,
    NotetypeNamed,
    Operator,
    Preset,
    Rated,
    Regex,
    Spliced,
    State,
    Tag,
    TemplateNamed,
    TemplateOrdinal,
    Term,
    Text,
    Way,
    WholeWords,
    WithoutClozes,
)
from chalicelib.collection.search.numbers import (
    I64_MAX,
    I64_MIN,
    U8_MAX,
    U16_MAX,
    U32_MAX,
    signed,
    unsigned,
)
from chalicelib.collection.search.problems import malformed
from chalicelib.collection.search.properties import answer_button, property_term
from chalicelib.collection.search.wildcards import (
    unescape,
    unescape_quotes,
    unescape_quotes_and_backslashes,
)

MAX_FLAG = 7
STATES = (
    "new", "learn", "review", "due", "suspended", "buried", "buried-manually", "buried-sibling",
)  # fmt: skip

_KEY = re.compile(r"(?:[^:\\]|\\.)+", re.DOTALL)
_ID_LIST = re.compile(r"(?:[0-9]+,)*[0-9]+")


def bare_term(text: str, position: int) -> Term | Spliced:
    """The term of a word or a quoted text; it has a key when it has a colon."""
    key = _KEY.match(text)
    if key is None:
        reason = r"there is no key before the colon; for a colon type \:"
        raise malformed(reason, text, position)
    if key.end() == len(text):
        return Text(unescape(text, position))
    value_at = key.end() + 1
    return keyed_term(key[0], text[value_at:], position + value_at, position)


def keyed_term(key: str, value: str, value_position: int, position: int) -> Term | Spliced:
    """The term of a key and its value; a key that means nothing else is the name of a field."""
    # ASCII only: no other letter becomes one of the keys in lower case but the Kelvin sign's k.
    read = _KEYS.get(key.lower()) if key.isascii() else None
    return read(value, value_position) if read else _field(key, value, value_position, position)


def _field(key: str, value: str, value_position: int, position: int) -> Term | Spliced:
    return Field(unescape(key, position), *_read_text(value, value_position))


def _tag(value: str, position: int) -> Term | Spliced:
    return Tag(*_read_text(value, position))


def _read_text(value: str, position: int) -> tuple[str, Way, int]:
    """A text, how it is compared, and where it stands."""
    for way in (Way.REGEX, Way.NO_ACCENTS):
        prefix = f"{way.value}:"
        if value.startswith(prefix):
            return unescape_quotes(value.removeprefix(prefix)), way, position + len(prefix)
    return unescape(value, position), Way.PLAIN, position


def _regex(value: str, position: int) -> Term | Spliced:
    return Regex(unescape_quotes(value), position)


def _whole_words(value: str, position: int) -> Term | Spliced:
    return WholeWords(unescape(value, position), position)


def _no_accents(value: str, position: int) -> Term | Spliced:
    return Text(unescape(value, position), ignore_accents=True)


def _strip_clozes(value: str, position: int) -> Term | Spliced:
    return Spliced(ClozeNotetype(), WithoutClozes(unescape(value, position)))


def _unescaped(kind: Callable[[str], Term]) -> Callable[[str, int], Term | Spliced]:
    return lambda value, position: kind(unescape(value, position))


def _preset(value: str, _: int) -> Term | Spliced:
    return Preset(value)


def _template(value: str, position: int) -> Term | Spliced:
    number = unsigned(value, U16_MAX)
    if number is None:
        return TemplateNamed(unescape(value, position))
    return TemplateOrdinal(max(number, 1) - 1)


def _state(value: str, position: int) -> Term | Spliced:
    if value not in STATES:
        raise malformed(f"is: takes one of {', '.join(STATES)}", value, position)
    return State(value)


def _flag(value: str, position: int) -> Term | Spliced:
    flag = unsigned(value, U8_MAX)
    if flag is None or flag > MAX_FLAG:
        raise malformed(f"flag: takes a number from 0 to {MAX_FLAG}", value, position)
    return Flag(flag)


def _days(value: str, position: int, key: str) -> int:
    days = unsigned(value, U32_MAX)
    if days is None:
        raise malformed(f"{key}: takes a whole number of days, 0 or more", value, position)
    return days


def _in_days(key: str, kind: Callable[[int], Term]) -> Callable[[str, int], Term | Spliced]:
    return lambda value, position: kind(max(_days(value, position, key), 1))


def _rated(value: str, position: int) -> Term | Spliced:
    days, colon, button = value.partition(":")
    number = max(_days(days, position, "rated"), 1)
    ease = answer_button(button, position + len(days) + 1) if colon else None
    return Rated(Operator.MORE, -number, ease)


def _rescheduled(value: str, position: int) -> Term | Spliced:
    return Rated(Operator.MORE, -_days(value, position, "resched"), 0)


def _ids(key: str, kind: Callable[[list[int]], Term]) -> Callable[[str, int], Term]:
    def read(value: str, position: int) -> Term:
        if not _ID_LIST.fullmatch(value):
            raise malformed(f"{key}: takes ids with commas between them", value, position)
        numbers = (unsigned(one, I64_MAX) for one in value.split(","))
        return kind([number for number in numbers if number is not None])

    return read


def _notetype_id(value: str, position: int) -> Term | Spliced:
    return NotetypeId(_one_id(value, position, "mid"))


def _duplicates(value: str, position: int) -> Term | Spliced:
    number, comma, text = value.partition(",")
    notetype_id = _one_id(number, position, "dupe")
    if not comma:
        raise malformed("dupe: takes the id of a notetype, a comma and a text", value, position)
    return Duplicates(notetype_id, unescape_quotes_and_backslashes(text))


def _one_id(value: str, position: int, key: str) -> int:
    number = signed(value, I64_MIN, I64_MAX)
    if number is None:
        raise malformed(f"{key}: takes the id of a notetype", value, position)
    return number


_KEYS: dict[str, Callable[[str, int], Term | Spliced]] = {
    "deck": _unescaped(Deck),
    "did": _ids("did", DeckIds),
    "preset": _preset,
    "note": _unescaped(NotetypeNamed),
    "mid": _notetype_id,
    "nid": _ids("nid", NoteIds),
    "card": _template,
    "cid": _ids("cid", CardIds),
    "tag": _tag,
    "is": _state,
    "flag": _flag,
    "prop": property_term,
    "has-cd": _unescaped(HasCustomData),
    "added": _in_days("added", AddedInDays),
    "edited": _in_days("edited", EditedInDays),
    "introduced": _in_days("introduced", IntroducedInDays),
    "rated": _rated,
    "resched": _rescheduled,
    "dupe": _duplicates,
    "re": _regex,
    "nc": _no_accents,
    "sc": _strip_clozes,
    "w": _whole_words,
}
