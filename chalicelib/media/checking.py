"""Which files notes refer to that are not there, and which are there that nothing refers to.

Source: Anki's rslib/src/media/check.rs.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from chalicelib.collection.media_names import normalised_media_name
from chalicelib.collection.media_references import MediaReferences
from chalicelib.collection.unicode import nfc
from chalicelib.media.index import MediaEntry


@dataclass(frozen=True, slots=True)
class MediaCheck:
    """`missing` and `unused` are names, sorted; `note_ids` those of notes with missing files."""

    missing: list[str]
    unused: list[str]
    note_ids: list[int]


def check_media(references: MediaReferences, files: Collection[MediaEntry]) -> MediaCheck:
    """Compare what a collection refers to with what there is.

    As in Anki files of no bytes count as missing, and those whose name begins with `_` as used.
    Unlike Anki a name that is percent-encoded in a note stands for the decoded one as well, as it
    does where the card is shown, and templates and styles use files too.
    """
    names = {entry.name for entry in files if entry.size}
    found: dict[str, str | None] = {
        reference: next((name for name in _meant(reference) if name in names), None)
        for reference in (*references.in_notes, *references.in_notetypes)
    }
    used = set(found.values())
    missing = [reference for reference in references.in_notes if found[reference] is None]
    return MediaCheck(
        missing=sorted(missing),
        unused=sorted(name for name in names - used if not name.startswith("_")),
        note_ids=_notes_of(missing, references.in_notes),
    )


def _meant(reference: str) -> tuple[str, str]:
    """The names of files that a reference may stand for, the likelier first."""
    decoded = nfc(unquote(reference))
    return normalised_media_name(reference), normalised_media_name(decoded)


def _notes_of(references: list[str], in_notes: Mapping[str, set[int]]) -> list[int]:
    return sorted({note_id for reference in references for note_id in in_notes[reference]})
