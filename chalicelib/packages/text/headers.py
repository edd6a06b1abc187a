"""The header lines of a text file: `#separator:tab`, `#deck column:2`, ...

Source of the rules: Anki's rslib/src/import_export/text/csv/metadata.rs. They end with the first
line that does not start with `#`; what is not understood is a comment. The very first line may
also be `tags:` in the spelling of old versions.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from chalicelib.packages.text.limits import TextLimits
from chalicelib.packages.text.lookup import Lookup
from chalicelib.packages.text.records import BYTE_ORDER_MARK, split_line
from chalicelib.packages.text.vocabulary import (
    DELIMITERS,
    Delimiter,
    IfMatches,
    MatchScope,
    NameOrId,
    before_delimiter,
    column_number,
    is_only_delimiters,
    name_or_id,
    trimmed,
    words,
)

_OLD_TAGS = "tags:"
_TRUTHS = {"true": True, "false": False}
_IF_MATCHES: dict[str, IfMatches] = {
    "update current": "update",
    "keep current": "preserve",
    "keep both": "duplicate",
}
_MATCH_SCOPES: dict[str, MatchScope] = {
    "notetype": "notetype",
    "notetype + deck": "notetype_and_deck",
}


@dataclass(slots=True)
class Headers:
    """What the header lines say; None where they say nothing. Columns count from 1.

    `end` is where the first line after them starts, `start` where the rows may start: comments
    among them are left out anyhow.
    """

    delimiter: Delimiter | None = None
    is_html: bool | None = None
    tags: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    notetype_id: int | None = None
    notetype_column: int | None = None
    deck: NameOrId | None = None
    deck_column: int | None = None
    tags_column: int | None = None
    guid_column: int | None = None
    if_matches: IfMatches | None = None
    match_scope: MatchScope | None = None
    start: int = 0
    end: int = 0


def read_headers(text: str, lookup: Lookup, limits: TextLimits) -> Headers:
    """Read the header lines; names of notetypes and decks are looked up right away."""
    reader = _HeaderReader(lookup, limits)
    headers = reader.headers
    line = _line_at(text, 0)
    first = line.removeprefix(BYTE_ORDER_MARK)
    if first.startswith(_OLD_TAGS):
        headers.tags = words(first.removeprefix(_OLD_TAGS))
        headers.start = headers.end = len(line)
    elif reader.read(first):
        headers.end = len(line)
    else:
        return headers
    while reader.read(line := _line_at(text, headers.end)):
        headers.end += len(line)
    return headers


def _line_at(text: str, position: int) -> str:
    end = text.find("\n", position)
    return text[position:] if end == -1 else text[position : end + 1]


class _HeaderReader:
    def __init__(self, lookup: Lookup, limits: TextLimits) -> None:
        self.headers = Headers()
        self._lookup = lookup
        self._limits = limits
        self._readers: dict[str, Callable[[str], None]] = {
            "separator": self._separator,
            "html": self._html,
            "tags": self._tags,
            "columns": self._columns,
            "notetype": self._notetype,
            "deck": self._deck,
            "notetype column": self._notetype_column,
            "deck column": self._deck_column,
            "tags column": self._tags_column,
            "guid column": self._guid_column,
            "if matches": self._if_matches,
            "match scope": self._match_scope,
        }

    def read(self, line: str) -> bool:
        """Take one line in; False if it is no header line."""
        if not line.startswith("#"):
            return False
        key, colon, value = line[1:].partition(":")
        reader = self._readers.get(trimmed(key).lower())
        if colon and reader:
            reader(value.removesuffix("\n").removesuffix("\r"))
        return True

    def _separator(self, value: str) -> None:
        name = before_delimiter(trimmed(value)).lower()
        for delimiter, character in DELIMITERS.items():
            if name == delimiter or is_only_delimiters(value, character):
                self.headers.delimiter = delimiter
                return

    def _html(self, value: str) -> None:
        is_html = _TRUTHS.get(before_delimiter(value).lower())
        if is_html is not None:
            self.headers.is_html = is_html

    def _tags(self, value: str) -> None:
        self.headers.tags = words(value)

    def _columns(self, value: str) -> None:
        self.headers.labels = split_line(value, self.headers.delimiter or "tab", self._limits)

    def _notetype(self, value: str) -> None:
        notetype = self._lookup.notetype(name_or_id(value))
        if notetype is not None:
            self.headers.notetype_id, self.headers.notetype_column = notetype["id"], None

    def _deck(self, value: str) -> None:
        if value:
            deck = self._lookup.deck(name_or_id(value))
            self.headers.deck = value if deck is None else deck["id"]
            self.headers.deck_column = None

    def _notetype_column(self, value: str) -> None:
        if column := column_number(value):
            self.headers.notetype_id, self.headers.notetype_column = None, column

    def _deck_column(self, value: str) -> None:
        if column := column_number(value):
            self.headers.deck, self.headers.deck_column = None, column

    def _tags_column(self, value: str) -> None:
        if column := column_number(value):
            self.headers.tags_column = column

    def _guid_column(self, value: str) -> None:
        if column := column_number(value):
            self.headers.guid_column = column

    def _if_matches(self, value: str) -> None:
        if found := _IF_MATCHES.get(value):
            self.headers.if_matches = found

    def _match_scope(self, value: str) -> None:
        if found := _MATCH_SCOPES.get(value):
            self.headers.match_scope = found
