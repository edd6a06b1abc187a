"""The words of a text file's header lines, and what counts as a blank or a number in them.

Sources: Anki's rslib/src/import_export/text/csv/metadata.rs, proto/anki/import_export.proto.
"""

import re
from typing import Literal

Delimiter = Literal["tab", "pipe", "semicolon", "colon", "comma", "space"]
# What happens to a note that is here already.
IfMatches = Literal["update", "preserve", "duplicate"]
# Where a note with the same first field counts as being here already.
MatchScope = Literal["notetype", "notetype_and_deck"]
# The name of a deck or a notetype, or its id.
NameOrId = str | int

# In the order in which Anki looks for them in a file that does not say.
DELIMITERS: dict[Delimiter, str] = {
    "tab": "\t",
    "pipe": "|",
    "semicolon": ";",
    "colon": ":",
    "comma": ",",
    "space": " ",
}
# By the numbers that `col.conf` has for them.
IF_MATCHES: tuple[IfMatches, ...] = ("update", "preserve", "duplicate")
MATCH_SCOPES: tuple[MatchScope, ...] = ("notetype", "notetype_and_deck")

_DELIMITER_CHARACTERS = "".join(DELIMITERS.values())
_DELIMITER = re.compile(f"[{_DELIMITER_CHARACTERS}]")
# Unicode's White_Space. Python's own also has U+001C to U+001F.
_BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_WORD = re.compile(f"[^{_BLANKS}]+")
_TRIMMED = re.compile(f"[^{_BLANKS}](?s:.*)[^{_BLANKS}]|[^{_BLANKS}]")
_WHOLE_NUMBER = re.compile("[+-]?[0-9]{1,19}")
_COLUMN = re.compile(r"\+?[0-9]{1,9}")
_MAX_ID = 2**63 - 1


def words(text: str) -> list[str]:
    """The text split at blanks."""
    return _WORD.findall(text)


def trimmed(text: str) -> str:
    """The text without blanks at its ends."""
    found = _TRIMMED.search(text)
    return found[0] if found else ""


def name_or_id(text: str) -> NameOrId:
    """A number is an id first; there may still be something of that name."""
    if _WHOLE_NUMBER.fullmatch(text) and abs(int(text)) <= _MAX_ID:
        return int(text)
    return text


def before_delimiter(value: str) -> str:
    """A header's value without what follows a delimiter in it.

    A spreadsheet fills up its lines with delimiters: `#html:true,,`.
    """
    return trimmed(_DELIMITER.split(value, maxsplit=1)[0])


def is_only_delimiters(value: str, first: str) -> bool:
    """Whether it is the delimiter `first`, perhaps filled up with more of any kind."""
    return value.startswith(first) and (len(value) == 1 or value[1] in _DELIMITER_CHARACTERS)


def column_number(text: str) -> int | None:
    """The number of a column, 1 for the first; None if it is none."""
    text = before_delimiter(trimmed(text))
    return int(text) or None if _COLUMN.fullmatch(text) else None
