"""Which cards a note gives.

Source of the rules: Anki's rslib/src/notetype/cardgen.rs.
"""

from collections.abc import Sequence

from chalicelib.collection.col import JsonObject
from chalicelib.collection.notetypes.lookup import field_names, is_cloze
from chalicelib.collection.rendering.cloze import cloze_ordinals
from chalicelib.collection.rendering.templates import (
    TemplateError,
    Token,
    has_content,
    parse_template,
)
from chalicelib.collection.text import is_blank

# So many ways of filling a notetype are remembered.
_REMEMBERED = 100
# Never empty, whatever the note; only Tags can be.
_ALWAYS_FILLED = {"Type", "Deck", "Subdeck", "Card", "CardFlag"}


class CardGenerator:
    """Tells which cards the notes of one notetype give; its templates are parsed once."""

    def __init__(self, notetype: JsonObject) -> None:
        self._is_cloze = is_cloze(notetype)
        self._names = field_names(notetype)
        self._questions = (
            [] if self._is_cloze else [_parsed(one["qfmt"]) for one in notetype["tmpls"]]
        )
        self._by_filled: dict[frozenset[str], list[int]] = {}

    def ordinals(self, fields: Sequence[str], *, tags: str = "") -> list[int]:
        """The ordinals, ascending, of the cards that ask something with these field values.

        Standard notetypes: the templates whose question shows a field. Cloze notetypes: one per
        cloze number in any field, less one. `tags` only matters to templates that refer to
        `{{Tags}}`.
        """
        if self._is_cloze:
            return sorted(cloze_ordinals(fields))
        filled = self._filled_names(fields, tags)
        ordinals = self._by_filled.get(filled)
        if ordinals is None:
            ordinals = self._asking(filled)
            if len(self._by_filled) < _REMEMBERED:
                self._by_filled[filled] = ordinals
        return list(ordinals)

    def _filled_names(self, fields: Sequence[str], tags: str) -> frozenset[str]:
        values = {"Tags": tags, **dict(zip(self._names, fields, strict=False))}
        return frozenset(name for name, value in values.items() if not is_blank(value))

    def _asking(self, filled: frozenset[str]) -> list[int]:
        names = filled | _ALWAYS_FILLED
        return [
            ordinal
            for ordinal, question in enumerate(self._questions)
            if has_content(question, names)
        ]


def ordinals_to_generate(
    notetype: JsonObject, fields: Sequence[str], *, tags: str = ""
) -> list[int]:
    """As `CardGenerator.ordinals`, for one note."""
    return CardGenerator(notetype).ordinals(fields, tags=tags)


def _parsed(question_format: str) -> list[Token]:
    """No tokens where it cannot be parsed: such a template makes no cards."""
    try:
        return parse_template(question_format)
    except TemplateError:
        return []
