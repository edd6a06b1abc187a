"""A card's two sides as HTML, from its notetype's templates and its note's fields.

Source of the rules: Anki's rslib/src/template.rs and rslib/src/card_rendering/.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.collection.col import JsonObject
from chalicelib.collection.notetypes.lookup import is_cloze
from chalicelib.collection.rendering.cloze import has_cloze
from chalicelib.collection.rendering.filters import FilterContext, apply_filters
from chalicelib.collection.rendering.templates import (
    Field,
    Opening,
    ShownParts,
    TemplateError,
    Text,
    Token,
    has_content,
    no_such_field,
    parse_template,
)
from chalicelib.collection.text import is_blank

_FRONT_SIDE = "FrontSide"
_CLOZE_CONDITION = re.compile(r"c\+?0*([0-9]{1,10})")
_MAX_CLOZE_CONDITION = 0xFFFFFFFF

# Per side. Anki has no limit; here a shared deck must not be able to occupy the server.
_MAX_CHARACTERS = 5_000_000
_NO_TEMPLATE = "<div>The template of this card does not exist any more.</div>"
_HELP = "https://docs.ankiweb.net/templates/errors.html"


@dataclass(frozen=True, slots=True)
class RenderedCard:
    """Two sides of HTML and the notetype's style.

    Left for whoever shows it, as the note has it: `[sound:file]`, `[latex]` and MathJax; as Anki
    marks it: `[[type:Field]]` (also `type:cloze:` and `type:nc:`) where an answer is typed, and
    `[anki:tts lang=..]..[/anki:tts]` where a text is spoken. `{{FrontSide}}` repeats the sounds
    of the question in the answer. The HTML is the collection's own, so it is not to be trusted.
    """

    question: str
    answer: str
    css: str


def render_card(
    notetype: JsonObject,
    ordinal: int,
    fields: Sequence[str],
    *,
    tags: str,
    deck_name: str,
    card_flag: int = 0,
) -> RenderedCard:
    """Both sides of one card; what is wrong with a template is said on the card, as in Anki.

    `fields` and `tags` (separated by spaces) as stored; `deck_name` with `::` between its levels;
    `card_flag` 0 for none, else 1 to 7. A card whose template is gone says so, too.
    """
    template = _template(notetype, ordinal)
    if template is None:
        return RenderedCard(_NO_TEMPLATE, _NO_TEMPLATE, "")
    special = _special_fields(notetype, template, tags, deck_name, card_flag)
    card = _Card(notetype, ordinal, fields, special)
    try:
        question, answer = _sides(card, template)
    except _BrokenTemplateError as error:
        return RenderedCard(str(error), str(error), "")
    return RenderedCard(question, answer, notetype["css"])


class _BrokenTemplateError(Exception):
    """What is shown instead of both sides."""


class _Card:
    """What the templates of one card can refer to."""

    def __init__(
        self, notetype: JsonObject, ordinal: int, fields: Sequence[str], special: dict[str, str]
    ) -> None:
        names = [field["name"] for field in notetype["flds"]]
        self.is_cloze = is_cloze(notetype)
        self.cloze_number = ordinal + 1
        self.fields = fields
        self.values = {
            **special,
            f"c{self.cloze_number}": "1",
            **dict(zip(names, fields, strict=False)),
        }
        self.filled = {name for name, value in self.values.items() if not is_blank(value)}


def template_name(notetype: JsonObject, ordinal: int) -> str:
    """What the template of a card is called; a cloze notetype has one for all. Empty if gone."""
    template = _template(notetype, ordinal)
    return str(template["name"]) if template else ""


def _template(notetype: JsonObject, ordinal: int) -> JsonObject | None:
    templates: list[JsonObject] = notetype["tmpls"]
    index = 0 if is_cloze(notetype) else ordinal
    return templates[index] if 0 <= index < len(templates) else None


def _special_fields(
    notetype: JsonObject, template: JsonObject, tags: str, deck_name: str, card_flag: int
) -> dict[str, str]:
    return {
        "Tags": tags.strip(" "),
        "Type": notetype["name"],
        "Deck": deck_name,
        "Subdeck": deck_name.rpartition("::")[2],
        "Card": template["name"],
        "CardFlag": f"flag{card_flag}",
    }


def _sides(card: _Card, template: JsonObject) -> tuple[str, str]:
    question = _html(card, template["qfmt"], None)
    if blank := _blank_message(card, template["qfmt"]):
        return question + blank, blank
    return question, _html(card, template.get("afmt", ""), question)


def _html(card: _Card, source: str, front_side: str | None) -> str:
    """One side; the answer is the one that has a front side to repeat."""
    try:
        return "".join(_pieces(card, parse_template(source), front_side))
    except TemplateError as error:
        side = "Front" if front_side is None else "Back"
        said = f"{side} template has a problem:<br>{html.escape(str(error))}"
        raise _BrokenTemplateError(said + _more_information("template-syntax-error")) from error


def _pieces(card: _Card, tokens: Sequence[Token], front_side: str | None) -> Iterator[str]:
    shown = ShownParts(card.filled)
    characters = 0
    for token in tokens:
        _check_name(card, token)
        if not shown.goes_on(token):
            continue
        characters += _effort(card, token)
        if characters > _MAX_CHARACTERS:
            raise TemplateError(f"Showing it takes more than {_MAX_CHARACTERS:,} characters")
        piece = _piece(card, token, front_side)
        characters += len(piece)
        yield piece


def _effort(card: _Card, token: Token) -> int:
    """How many characters the filters of a field have to read."""
    if not isinstance(token, Field):
        return 0
    return len(card.values.get(token.name, "")) * len(token.filters)


def _check_name(card: _Card, token: Token) -> None:
    """Names are looked up in parts that are not shown, too."""
    match token:
        case Opening(name) if not (name in card.values or _is_cloze_condition(name)):
            raise no_such_field(token)
        case Field(name, filters) if not (name in card.values or name == _FRONT_SIDE):
            if name or not filters:
                raise no_such_field(token)


def _is_cloze_condition(name: str) -> bool:
    """`{{#c3}}` needs no field of that name: it shows its part on the card of cloze 3 only."""
    found = _CLOZE_CONDITION.fullmatch(name)
    return found is not None and int(found[1]) <= _MAX_CLOZE_CONDITION


def _piece(card: _Card, token: Token, front_side: str | None) -> str:
    match token:
        case Text(text):
            return text
        case Field(""):  # whatever its filters would add
            return ""
        case Field(name) if name == _FRONT_SIDE:
            return front_side or ""
        case Field(name, filters):
            context = FilterContext(name, card.cloze_number, is_answer=front_side is not None)
            return apply_filters(card.values.get(name, ""), filters, context)
    return ""


def _blank_message(card: _Card, source: str) -> str | None:
    """What is said on a card that asks nothing; none on others."""
    number = card.cloze_number
    if not card.is_cloze:
        is_blank_card = not has_content(parse_template(source), card.filled)
        said, topic = "The front of this card is blank.", "front-of-card-is-blank"
    else:
        is_blank_card = not any(has_cloze(field, number) for field in card.fields)
        said = (
            f"No cloze \u2068{number}\u2069 found on card.\n"
            "Please either add a cloze deletion, or use the Empty Cards tool."
        )
        topic = "no-cloze-filter-on-cloze-note-type"
    return f"<div>{said}{_more_information(topic)}</div>" if is_blank_card else None


def _more_information(topic: str) -> str:
    return f"<br><a href='{_HELP}#{topic}'>More information</a>"
