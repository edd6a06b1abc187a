"""What each column of a text file is.

Its header lines say it, its first rows suggest it, and the caller may want it otherwise.
Source of the rules: Anki's rslib/src/import_export/text/csv/metadata.rs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from chalicelib.collection.col import JsonObject
from chalicelib.collection.documents import DEFAULT_DECK_ID
from chalicelib.collection.notetypes.lookup import field_names
from chalicelib.errors import BadInputError, UnusableFileError
from chalicelib.packages.text.headers import Headers, read_headers
from chalicelib.packages.text.limits import TextLimits
from chalicelib.packages.text.lookup import Lookup
from chalicelib.packages.text.options import TextOptions
from chalicelib.packages.text.records import Record, read_records
from chalicelib.packages.text.vocabulary import (
    DELIMITERS,
    IF_MATCHES,
    MATCH_SCOPES,
    Delimiter,
    IfMatches,
    MatchScope,
    NameOrId,
)

# Source: PREVIEW_LENGTH; also how many rows tell whether a file is HTML.
_FIRST_ROWS = 5
# Source: `delimiter_from_reader`, in bytes.
_SAMPLE_BYTES = 8 * 1024
# The words for special columns in a row of names.
_GUID, _NOTETYPE, _DECK, _TAGS = "guid", "notetype", "deck", "tags"
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
CONF_IF_MATCHES = "csvDuplicateResolution"
CONF_MATCH_SCOPE = "matchScope"


@dataclass(slots=True, kw_only=True)
class Mapping:
    """How the rows of one file become notes. Columns count from 1; 0 is none.

    Either `notetype` or `notetype_column` is given. `deck` is for rows that name none in the
    `deck_column`. `labels` has one text for each column, empty where it has no name. Without
    `field_columns`, all columns that are not special are fields.
    """

    delimiter: Delimiter
    is_html: bool
    has_names_row: bool
    labels: list[str]
    first_rows: list[Record]
    start: int
    notetype: JsonObject | None = None
    notetype_column: int = 0
    field_columns: list[int] | None = None
    deck: NameOrId = DEFAULT_DECK_ID
    deck_column: int = 0
    tags_column: int = 0
    guid_column: int = 0
    tags: list[str]
    updated_tags: list[str]
    if_matches: IfMatches
    match_scope: MatchScope

    def special_columns(self) -> set[int]:
        """The columns that are not for fields."""
        columns = {self.notetype_column, self.deck_column, self.tags_column, self.guid_column}
        return columns - {0}

    def columns_of_fields(self, count: int) -> list[int]:
        """The columns that are for fields in a row of so many."""
        if self.field_columns is not None:
            return self.field_columns
        special = self.special_columns()
        return [column for column in range(1, count + 1) if column not in special]


def understand(text: str, lookup: Lookup, options: TextOptions, limits: TextLimits) -> Mapping:
    """Find out what the columns are.

    Raises UnusableFileError for a file without rows, TooLargeError, and BadInputError for options
    that do not fit the file or the collection.
    """
    headers = read_headers(text, lookup, limits)
    delimiter = (
        options.delimiter or headers.delimiter or _guessed_delimiter(text, headers.end, options)
    )
    records = read_records(text, delimiter, limits, start=headers.start)
    names = next(records, None) if options.has_names_row else None
    rows = list(islice(records, _FIRST_ROWS))
    if not rows:
        raise UnusableFileError("There are no rows in this file.")
    labels = (names.values if names else headers.labels) or [""] * len(rows[0].values)
    mapping = Mapping(
        delimiter=delimiter,
        is_html=_is_html(rows, headers, options),
        has_names_row=options.has_names_row,
        labels=labels,
        first_rows=rows,
        start=headers.start,
        tags=headers.tags if options.tags is None else _checked_tags(options.tags, "tags"),
        updated_tags=_checked_tags(options.updated_tags, "updated_tags"),
        if_matches=_if_matches(lookup, headers, options),
        match_scope=_match_scope(lookup, headers, options),
    )
    _set_special_columns(mapping, headers, options)
    _set_notetype_and_deck(mapping, headers, lookup, options)
    _set_field_columns(mapping, options)
    return mapping


def _guessed_delimiter(text: str, start: int, options: TextOptions) -> Delimiter:
    """The first that is anywhere in the beginning; names of columns hold no other ones."""
    sample = text[start : start + _SAMPLE_BYTES].encode()[:_SAMPLE_BYTES]
    if options.has_names_row:
        sample = sample.partition(b"\n")[0]
    found = (name for name, character in DELIMITERS.items() if character.encode() in sample)
    return next(found, "space")


def _is_html(rows: Sequence[Record], headers: Headers, options: TextOptions) -> bool:
    if options.is_html is not None:
        return options.is_html
    if headers.is_html is not None:
        return headers.is_html
    return any(_has_tag(value) for row in rows for value in row.values)


def _has_tag(value: str) -> bool:
    opening = value.find("<")
    return opening != -1 and value.find(">", opening) != -1


def _if_matches(lookup: Lookup, headers: Headers, options: TextOptions) -> IfMatches:
    """Without a word about it, what was wanted the last time, by any client."""
    chosen = options.if_matches or headers.if_matches
    return chosen or IF_MATCHES[_choice(lookup, CONF_IF_MATCHES, len(IF_MATCHES))]


def _match_scope(lookup: Lookup, headers: Headers, options: TextOptions) -> MatchScope:
    chosen = options.match_scope or headers.match_scope
    return chosen or MATCH_SCOPES[_choice(lookup, CONF_MATCH_SCOPE, len(MATCH_SCOPES))]


def _choice(lookup: Lookup, key: str, count: int) -> int:
    value = lookup.conf.get(key)
    return value if isinstance(value, int) and 0 <= value < count else 0


def _checked_tags(tags: Sequence[str], name: str) -> list[str]:
    if any(_LONE_SURROGATE.search(tag) for tag in tags):
        raise BadInputError(fields={name: "must be text"})
    return list(tags)


def _set_special_columns(mapping: Mapping, headers: Headers, options: TextOptions) -> None:
    mapping.notetype_column = headers.notetype_column or 0
    mapping.deck_column = headers.deck_column or 0
    mapping.tags_column = headers.tags_column or 0
    mapping.guid_column = headers.guid_column or 0
    if mapping.has_names_row:
        _name_special_columns(mapping, headers)
    if options.tags_column is not None:
        mapping.tags_column = _checked_column(mapping, options.tags_column, "tags_column")
    if options.guid_column is not None:
        mapping.guid_column = _checked_column(mapping, options.guid_column, "guid_column")


def _name_special_columns(mapping: Mapping, headers: Headers) -> None:
    columns = {label.casefold(): index for index, label in enumerate(mapping.labels, start=1)}
    mapping.guid_column = mapping.guid_column or columns.get(_GUID, 0)
    mapping.tags_column = mapping.tags_column or columns.get(_TAGS, 0)
    if headers.notetype_id is None:
        mapping.notetype_column = mapping.notetype_column or columns.get(_NOTETYPE, 0)
    if headers.deck is None:
        mapping.deck_column = mapping.deck_column or columns.get(_DECK, 0)


def _checked_column(mapping: Mapping, column: int, name: str) -> int:
    if not 0 <= column <= len(mapping.labels):
        raise BadInputError(fields={name: f"must be from 0 to {len(mapping.labels)}"})
    return column


def _set_notetype_and_deck(
    mapping: Mapping, headers: Headers, lookup: Lookup, options: TextOptions
) -> None:
    notetype, deck = lookup.defaults_for_adding()
    if headers.notetype_id is not None:
        notetype = lookup.notetype(headers.notetype_id) or notetype
    if options.notetype_id is not None:
        notetype = _wanted_notetype(lookup, options.notetype_id)
        mapping.notetype_column = 0
    if not mapping.notetype_column:
        mapping.notetype = notetype
    if options.deck_id is not None:
        mapping.deck, mapping.deck_column = _wanted_deck(lookup, options.deck_id), 0
    else:
        mapping.deck = deck["id"] if headers.deck is None else headers.deck


def _wanted_notetype(lookup: Lookup, notetype_id: int) -> JsonObject:
    notetype = lookup.notetype(notetype_id)
    if notetype is None or notetype["id"] != notetype_id:
        raise BadInputError(fields={"notetype_id": "there is no such notetype"})
    return notetype


def _wanted_deck(lookup: Lookup, deck_id: int) -> int:
    deck = lookup.decks.by_id.get(deck_id)
    if deck is None:
        raise BadInputError(fields={"deck_id": "there is no such deck"})
    if deck["dyn"]:
        raise BadInputError(fields={"deck_id": "a filtered deck takes no new cards"})
    return deck_id


def _set_field_columns(mapping: Mapping, options: TextOptions) -> None:
    """With one notetype, tell the columns of its fields by name or order.

    The first column that is left over after them holds tags, as Anki guesses.
    """
    if mapping.notetype is None:
        if options.field_columns is not None:
            raise BadInputError(fields={"field_columns": "needs one notetype for all rows"})
        return
    special = mapping.special_columns()
    columns = [n for n in range(1, len(mapping.labels) + 1) if n not in special]
    names = field_names(mapping.notetype)
    if options.field_columns is not None:
        fields = _checked_fields(mapping, options.field_columns, len(names))
    else:
        fields = _guessed_fields(mapping, columns, names)
    mapping.field_columns = fields
    if not mapping.tags_column and options.tags_column is None:
        mapping.tags_column = next((column for column in columns if column > max(fields)), 0)


def _checked_fields(mapping: Mapping, columns: Sequence[int], count: int) -> list[int]:
    if len(columns) != count:
        raise BadInputError(fields={"field_columns": f"must have one column for {count} fields"})
    if columns[0] == 0:
        raise BadInputError(fields={"field_columns": "the first field must have a column"})
    return [_checked_column(mapping, column, "field_columns") for column in columns]


def _guessed_fields(mapping: Mapping, columns: Sequence[int], names: Sequence[str]) -> list[int]:
    """For each field its column. The first field always has one, if only the first column."""
    labels = mapping.labels
    found = [*columns[: len(names)], *[0] * (len(names) - len(columns))]
    if mapping.has_names_row:
        by_key = {labels[column - 1].casefold(): column for column in columns}
        named = [by_key.get(name.casefold(), 0) for name in names]
        found = named if any(named) else found
    elif any(labels):
        by_name = {labels[column - 1]: column for column in columns}
        found = [by_name.get(name, 0) for name in names]
    return [found[0] or 1, *found[1:]]
