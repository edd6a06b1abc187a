"""What a person types in before they see the answer. Source: Anki's qt/aqt/reviewer.py."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.collection.col import JsonObject
from chalicelib.collection.rendering.cloze import cloze_to_type

# As a rendered question has it; what is `nc` is compared without combining characters.
_OPEN, _CLOSE = "[[type:", "]]"
_OF_CLOZE, _WITHOUT_ACCENTS = "cloze:", "nc:"


@dataclass(frozen=True, slots=True)
class TypedAnswer:
    """`expected` is HTML as the note has it; `font` and `size` (pixels) are those of its field."""

    field: str
    expected: str
    ignores_accents: bool
    font: str
    size: int


def typed_answer(
    question: str, notetype: JsonObject, ordinal: int, fields: Sequence[str]
) -> TypedAnswer | None:
    """What the question asks to type; None where it asks nothing, or nothing is to be typed.

    `question` is rendered; `fields` are the note's values, `ordinal` that of the card.
    """
    asked = _asked(question)
    name = asked.removeprefix(_OF_CLOZE).removeprefix(_WITHOUT_ACCENTS)
    for field, value in zip(notetype["flds"], fields, strict=False):
        if field["name"] == name:
            is_cloze = asked.startswith(_OF_CLOZE)
            expected = cloze_to_type(value, number=ordinal + 1) if is_cloze else value
            without_accents = asked.startswith(_WITHOUT_ACCENTS)
            font, size = field.get("font", ""), field.get("size", 0)
            found = TypedAnswer(name, expected, without_accents, font, size)
            return found if expected else None
    return None


def _asked(question: str) -> str:
    """What the first mark holds, which ends on its own line; empty where there is none."""
    for line in question.split("\n"):
        start = line.find(_OPEN)
        end = line.find(_CLOSE, start + len(_OPEN) + 1)
        if start >= 0 and end >= 0:
            return line[start + len(_OPEN) : end]
    return ""
