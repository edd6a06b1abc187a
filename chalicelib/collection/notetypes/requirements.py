"""`req` of a notetype: which fields a card needs, as older clients want to know it.

It knows neither negation nor "any of these and all of those"; what cannot be said is "none".
Source: Anki's rslib/src/template.rs (`requirements`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.collection.col import JsonObject
from chalicelib.collection.rendering.templates import (
    Closing,
    Field,
    Opening,
    TemplateError,
    Token,
    parse_template,
)


def requirements(notetype: JsonObject) -> list[list[Any]]:
    """One `[ordinal, "any" | "all" | "none", field ordinals]` for each template."""
    positions = {field["name"]: index for index, field in enumerate(notetype["flds"])}
    return [
        [ordinal, *_requirement(template["qfmt"], positions)]
        for ordinal, template in enumerate(notetype["tmpls"])
    ]


def _requirement(question: str, positions: Mapping[str, int]) -> tuple[str, list[int]]:
    try:
        tokens = parse_template(question)
    except TemplateError:
        return "none", []
    enough: set[str] = set()
    always: set[str] | None = None
    for needed in _needs(tokens, positions):
        always = set(needed) if always is None else always & needed
        if len(needed) == 1:
            enough |= needed
    if enough:
        return "any", sorted(positions[name] for name in enough)
    if always:
        return "all", sorted(positions[name] for name in always)
    return "none", []


def _needs(tokens: Sequence[Token], positions: Mapping[str, int]) -> Iterator[set[str]]:
    """For each field that a question shows, all fields that must be filled to show it."""
    opened: list[Opening] = []
    conditions: Counter[str] = Counter()
    for token in tokens:
        match token:
            case Opening(name, negated):
                opened.append(token)
                conditions[name] += not negated
            case Closing(name):
                conditions[name] -= not opened.pop().negated
                if not conditions[name]:
                    del conditions[name]
            case Field(name):
                needed = {name, *(key for key, count in conditions.items() if count)}
                if needed <= positions.keys():
                    yield needed
