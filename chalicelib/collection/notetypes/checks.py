"""What the templates of a notetype must be like.

Source of the rules: Anki's rslib/src/notetype/mod.rs (`check_templates`). The limits are ours.
"""

import re
from collections.abc import Container, Iterator, Sequence

from chalicelib.collection.col import JsonObject
from chalicelib.collection.notetypes.lookup import field_names, is_cloze
from chalicelib.collection.notetypes.template_rewriting import shows_field
from chalicelib.collection.rendering.templates import (
    Closing,
    Field,
    Opening,
    TemplateError,
    Token,
    parse_template,
)
from chalicelib.errors import BadInputError

# Anki goes down one call per level and would run out of stack.
MAX_NESTING = 100

_SPECIAL_FIELDS = frozenset({"FrontSide", "Card", "CardFlag", "Deck", "Subdeck", "Tags", "Type"})
_CARD_TAG = re.compile(r"\{\{\s*Card\s*\}\}")
_CLOZE_CONDITION = re.compile(r"c\+?0*([0-9]{1,10})", re.ASCII)
_MAX_CLOZE_CONDITION = 2**32 - 1
_ISOLATES = re.compile("[\u2068\u2069]")


class _ProblemError(Exception):
    """Why a template cannot be used, as the end of a sentence about it."""


def check_templates(notetype: JsonObject) -> None:
    """Raises BadInputError that names the first template which cannot be used, and why."""
    fields = frozenset(field_names(notetype))
    for ordinal, template in enumerate(notetype["tmpls"]):
        try:
            _check_front_differs(notetype["tmpls"], ordinal)
            _check_sides(template, fields, needs_cloze=is_cloze(notetype) and ordinal == 0)
        except _ProblemError as problem:
            name = template["name"]
            raise BadInputError(
                f"Template '{name}': {problem}.", fields={f"templates.{name}": str(problem)}
            ) from None


def _check_front_differs(templates: Sequence[JsonObject], ordinal: int) -> None:
    question = templates[ordinal]["qfmt"]
    if _CARD_TAG.search(question):
        return
    for earlier in templates[:ordinal]:
        if earlier["qfmt"] == question:
            raise _ProblemError(f"its question is the same as that of '{earlier['name']}'")


def _check_sides(template: JsonObject, fields: Container[str], *, needs_cloze: bool) -> None:
    question = _parsed(template["qfmt"], "question")
    answer = _parsed(template["afmt"], "answer")
    if not list(_references(question)):
        raise _ProblemError("its question needs a field such as {{Front}}")
    for name, side in ((n, s) for s in (question, answer) for n in _references(s)):
        if name not in fields and name not in _SPECIAL_FIELDS and name:
            where = "question" if side is question else "answer"
            raise _ProblemError(f"its {where} refers to '{name}', but there is no such field")
    for where, side in (("question", question), ("answer", answer)):
        if needs_cloze and not shows_field(side, cloze_only=True):
            raise _ProblemError(f"its {where} needs a field such as {{{{cloze:Text}}}}")


def _parsed(source: str, where: str) -> list[Token]:
    try:
        tokens = parse_template(source)
    except TemplateError as error:
        reason = _ISOLATES.sub("", str(error))
        raise _ProblemError(f"its {where} cannot be read: {reason}") from None
    if _depth(tokens) > MAX_NESTING:
        raise _ProblemError(f"its {where} has more than {MAX_NESTING} conditions in each other")
    return tokens


def _depth(tokens: Sequence[Token]) -> int:
    depth = deepest = 0
    for token in tokens:
        depth += isinstance(token, Opening) - isinstance(token, Closing)
        deepest = max(deepest, depth)
    return deepest


def _references(tokens: Sequence[Token]) -> Iterator[str]:
    """The names of fields and of conditions, except the conditions for one cloze, like `#c1`."""
    for token in tokens:
        match token:
            case Field(name):
                yield name
            case Opening(name) if not _is_cloze_condition(name):
                yield name


def _is_cloze_condition(name: str) -> bool:
    number = _CLOZE_CONDITION.fullmatch(name)
    return number is not None and int(number[1]) <= _MAX_CLOZE_CONDITION
