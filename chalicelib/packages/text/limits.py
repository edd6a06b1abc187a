"""How large a text file may become before it is refused."""

from dataclasses import dataclass
from typing import Self

from chalicelib.settings import MEGABYTE, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLimits:
    """Bounds on a text file; sizes in UTF-8 bytes, lengths in characters, else numbers."""

    field_bytes: int
    note_bytes: int
    decks: int
    deck_name_length: int
    # It is held in memory whole, as bytes and as text of up to four times as many.
    file_bytes: int = 32 * MEGABYTE
    # Rows and columns of the file, whatever becomes of them.
    rows: int = 100_000
    columns: int = 1_000
    new_tags: int = 20_000
    # A row can ask for hundreds.
    cards: int = 200_000
    # Each row has to do with all notes that have its first field: how many beyond the first one.
    doubles: int = 100_000

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The limits that the settings name, and fixed ones for what nobody needs to tune."""
        return cls(
            field_bytes=settings.max_field_bytes,
            note_bytes=settings.max_note_bytes,
            decks=settings.max_decks,
            deck_name_length=settings.max_deck_name_length,
        )
