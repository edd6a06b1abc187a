"""What is understood of a text file, to be shown and changed before it is imported."""

import sqlite3
from dataclasses import dataclass

from chalicelib.packages.text.limits import TextLimits
from chalicelib.packages.text.lookup import Lookup, deck_name
from chalicelib.packages.text.mapping import Mapping, understand
from chalicelib.packages.text.options import TextOptions
from chalicelib.packages.text.plain_text import text_line
from chalicelib.packages.text.records import decode
from chalicelib.packages.text.vocabulary import Delimiter, IfMatches, MatchScope, trimmed

# Source: Anki's rslib/src/import_export/text/csv/metadata.rs (PREVIEW_FIELD_LENGTH).
_LONGEST_VALUE = 80
# Enough of it to find that much text in it, unless somebody means to keep us busy.
_READ_OF_HTML = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPreview:
    """How a text file would be imported. Columns count from 1; 0 is none.

    `rows` are the first five, as plain text, long values cut; `columns` the names of the columns,
    empty where they have none. `notetype_id` is None where a column says it; then `field_columns`
    is None, and all columns that are not special are fields. `deck_id` is None where the deck
    called `deck_name` would be made; a deck column comes first.
    """

    delimiter: Delimiter
    is_html: bool
    has_names_row: bool
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notetype_id: int | None
    notetype_column: int
    field_columns: tuple[int, ...] | None
    deck_id: int | None
    deck_name: str
    deck_column: int
    tags_column: int
    guid_column: int
    tags: tuple[str, ...]
    updated_tags: tuple[str, ...]
    if_matches: IfMatches
    match_scope: MatchScope


def preview_text(
    conn: sqlite3.Connection, data: bytes, options: TextOptions, limits: TextLimits
) -> TextPreview:
    """What importing the file under these options would do; nothing is changed.

    Raises UnusableFileError for a file that is not text in UTF-8 or has no rows, TooLargeError,
    and BadInputError for options that do not fit the file or the collection.
    """
    lookup = Lookup(conn)
    mapping = understand(decode(data, limits), lookup, options, limits)
    deck = lookup.deck(mapping.deck)
    return TextPreview(
        delimiter=mapping.delimiter,
        is_html=mapping.is_html,
        has_names_row=mapping.has_names_row,
        columns=tuple(mapping.labels),
        rows=_rows(mapping),
        notetype_id=mapping.notetype["id"] if mapping.notetype else None,
        notetype_column=mapping.notetype_column,
        field_columns=_tuple_or_none(mapping.field_columns),
        deck_id=deck["id"] if deck else None,
        deck_name=deck["name"] if deck else deck_name(str(mapping.deck)),
        deck_column=mapping.deck_column,
        tags_column=mapping.tags_column,
        guid_column=mapping.guid_column,
        tags=tuple(mapping.tags),
        updated_tags=tuple(mapping.updated_tags),
        if_matches=mapping.if_matches,
        match_scope=mapping.match_scope,
    )


def _tuple_or_none(columns: list[int] | None) -> tuple[int, ...] | None:
    return None if columns is None else tuple(columns)


def _rows(mapping: Mapping) -> tuple[tuple[str, ...], ...]:
    """No row is shorter than the first one."""
    width = len(mapping.first_rows[0].values)
    return tuple(
        tuple(
            _shown(value, is_html=mapping.is_html)
            for value in [*row.values, *[""] * (width - len(row.values))]
        )
        for row in mapping.first_rows
    )


def _shown(value: str, *, is_html: bool) -> str:
    if is_html:
        value = trimmed(text_line(value[:_READ_OF_HTML], keep_media_names=True))
    return value[:_LONGEST_VALUE]
