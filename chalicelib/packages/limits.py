"""How large an uploaded file may become before it is refused."""

from dataclasses import dataclass
from typing import Self

from chalicelib.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLimits:
    """Bounds on an uploaded file; sizes in bytes, lengths in characters, else numbers of rows."""

    unpacked_bytes: int
    field_bytes: int
    note_bytes: int
    decks: int
    deck_name_length: int
    # Above this many files a package is not a package.
    entries: int = 100_000
    # What deflate makes of a collection is 3 to 50; a bomb is 1000. Small entries may do as they
    # like, an almost empty collection is mostly zeros.
    ratio: int = 250
    ratio_free_bytes: int = 4 * 1024 * 1024
    # One JSON document, or one value in the database.
    document_bytes: int = 8 * 1024 * 1024
    # Each of the values in a document takes up to a hundred times the memory of its text.
    document_values: int = 250_000
    document_depth: int = 30
    # What is held in memory while merging.
    notes: int = 100_000
    cards: int = 250_000
    reviews: int = 1_000_000
    graves: int = 1_000_000
    notetypes: int = 1_000
    # Fields and templates of all notetypes together.
    notetype_parts: int = 30_000
    new_tags: int = 20_000
    # Steps of SQLite's virtual machine for one query; 100,000 cards take about 5 million.
    query_steps: int = 1_000_000_000

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The limits that the settings name, and fixed ones for what nobody needs to tune."""
        return cls(
            unpacked_bytes=settings.max_unpacked_bytes,
            field_bytes=settings.max_field_bytes,
            note_bytes=settings.max_note_bytes,
            decks=settings.max_decks,
            deck_name_length=settings.max_deck_name_length,
        )
