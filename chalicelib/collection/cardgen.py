"""Which cards a note gives.

Source of the rules: Anki's rslib/src/notetype/cardgen.rs.
"""

from collections.abc import Sequence

from chalicelib.collection.cloze import cloze_ordinals
from chalicelib.collection.col import JsonObject
from chalicelib.collection.notetypes import is_cloze
from chalicelib.collection.templates import TemplateError, has_content, parse_template
from chalicelib.collection.text import is_blank

# Never empty, whatever the note; only Tags can be.
_ALWAYS_FILLED = {"Type", "Deck", "Subdeck", "Card", "CardFlag"}


def ordinals_to_generate(
    notetype: JsonObject, fields: Sequence[str], *, tags: str = ""
) -> list[int]:
    """The ordinals, ascending, of the cards that ask something with these field values.

    Standard notetypes: the templates whose question shows a field. Cloze notetypes: one per cloze
    number in any field, less one. `tags` only matters to templates that refer to `{{Tags}}`.
    """
    if is_cloze(notetype):
        return sorted(cloze_ordinals(fields))
    filled = _filled_names(notetype, fields, tags)
    return [
        ordinal
        for ordinal, template in enumerate(notetype["tmpls"])
        if _asks_something(template["qfmt"], filled)
    ]


def ordinals_for_new_note(
    notetype: JsonObject, fields: Sequence[str], *, tags: str = ""
) -> list[int]:
    """As `ordinals_to_generate`, but never none: a note is not left without a card."""
    return ordinals_to_generate(notetype, fields, tags=tags) or [0]


def _filled_names(notetype: JsonObject, fields: Sequence[str], tags: str) -> set[str]:
    names = [field["name"] for field in notetype["flds"]]
    values = {"Tags": tags, **dict(zip(names, fields, strict=False))}
    return {name for name, value in values.items() if not is_blank(value)} | _ALWAYS_FILLED


def _asks_something(question_format: str, filled: set[str]) -> bool:
    try:
        return has_content(parse_template(question_format), filled)
    except TemplateError:
        return False
