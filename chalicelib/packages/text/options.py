"""What a caller wants otherwise than the file says."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.packages.text.vocabulary import Delimiter, IfMatches, MatchScope


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOptions:
    """Overrides for importing a text file; None is what the file says, or Anki's default.

    Columns count from 1; a column of 0 is none. `field_columns` has one column for each field of
    the notetype. `tags` go to all notes of the file, `updated_tags` only to notes that were here
    before. With `has_names_row`, which Anki does not know, the first row names the columns, in any
    case: fields by their names, and guid, notetype, deck and tags by these words.
    """

    delimiter: Delimiter | None = None
    is_html: bool | None = None
    has_names_row: bool = False
    notetype_id: int | None = None
    deck_id: int | None = None
    field_columns: Sequence[int] | None = None
    tags_column: int | None = None
    guid_column: int | None = None
    tags: Sequence[str] | None = None
    updated_tags: Sequence[str] = ()
    if_matches: IfMatches | None = None
    match_scope: MatchScope | None = None
