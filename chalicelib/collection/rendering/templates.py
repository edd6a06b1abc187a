"""The template language of a notetype: text, `{{Field}}` and `{{#Field}}..{{/Field}}`.

Source of the rules: Anki's rslib/src/template.rs.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from chalicelib.collection.scanning import Lookahead

_OPENINGS = {"{{": re.compile(r"<!--|\{\{"), "<%": re.compile(r"<!--|<%")}
_CLOSINGS = {"<!--": re.compile(r"-->"), "{{": re.compile(r"\}\}"), "<%": re.compile(r"%>")}
# What counts as white space around a name: Unicode's White_Space, not Python's str.strip().
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_OTHER_DELIMITERS = re.compile("[" + _SPACE + "]*(?:" + re.escape("{{=<% %>=}}") + ")+")


@dataclass(frozen=True, slots=True)
class Text:
    """Shown as it is; comments too."""

    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """`{{filter:Name}}`; the filters in the order in which they apply."""

    name: str
    filters: tuple[str, ...]

    @property
    def source(self) -> str:
        return "{{" + ":".join((*reversed(self.filters), self.name)) + "}}"


@dataclass(frozen=True, slots=True)
class Opening:
    """`{{#Name}}`, or `{{^Name}}` if negated: the start of what is shown only sometimes."""

    name: str
    negated: bool

    @property
    def source(self) -> str:
        return "{{" + "#^"[self.negated] + self.name + "}}"


@dataclass(frozen=True, slots=True)
class Closing:
    name: str

    @property
    def source(self) -> str:
        return "{{/" + self.name + "}}"


Token = Text | Field | Opening | Closing


class TemplateError(Exception):
    """Why a template cannot be rendered, in Anki's words."""


def parse_template(source: str) -> list[Token]:
    """The tokens of a template, each opening with its own closing.

    Raises TemplateError where they do not match.
    """
    tokens = list(_tokens(source))
    opened: list[str] = []
    for token in tokens:
        if isinstance(token, Opening):
            opened.append(token.name)
        elif isinstance(token, Closing):
            _close(token, opened)
    if opened:
        raise TemplateError(f"Missing {_quoted(Closing(opened[-1]).source)}")
    return tokens


def has_content(tokens: list[Token], filled: Container[str]) -> bool:
    """Whether a question shows any field; `filled` are the names of those that are not empty.

    Text alone does not count: a card with nothing else is blank.
    """
    shown = ShownParts(filled)
    return any(
        isinstance(token, Field) and token.name in filled
        for token in tokens
        if shown.goes_on(token)
    )


class ShownParts:
    """Walks the tokens of a template and tells which of them are shown."""

    def __init__(self, filled: Container[str]) -> None:
        self._filled = filled
        self._depth = 0
        self._hidden_from: int | None = None

    def goes_on(self, token: Token) -> bool:
        """Take the next token; true if it is shown."""
        if isinstance(token, Opening):
            self._depth += 1
            if self._hidden_from is None and (token.name in self._filled) == token.negated:
                self._hidden_from = self._depth
        elif isinstance(token, Closing):
            if self._hidden_from == self._depth:
                self._hidden_from = None
            self._depth -= 1
        return self._hidden_from is None


def no_such_field(token: Field | Opening) -> TemplateError:
    return TemplateError(
        f"Found {_quoted(token.source)}, but there is no field called {_quoted(token.name)}"
    )


def _close(token: Closing, opened: list[str]) -> None:
    found = _quoted(token.source)
    if not opened:
        either = " or ".join(
            _quoted(Opening(token.name, negated).source) for negated in (False, True)
        )
        raise TemplateError(f"Found {found}, but missing {either}")
    if opened[-1] != token.name:
        raise TemplateError(f"Found {found}, but expected {_quoted(Closing(opened[-1]).source)}")
    opened.pop()


def _quoted(source: str) -> str:
    """In quotation marks and, as in all of Anki's messages, between invisible isolates."""
    return f"'\u2068{source}\u2069'"


def _tokens(source: str) -> Iterator[Token]:
    delimiter = "{{"
    if directive := _OTHER_DELIMITERS.match(source):
        source, delimiter = source[directive.end() :], "<%"
    ahead = Lookahead(source)
    position = scanned = 0
    while opening := _OPENINGS[delimiter].search(source, scanned):
        closing = ahead.find(_CLOSINGS[opening[0]], opening.end())
        scanned = closing.end() if closing else opening.end()
        if closing is None or opening[0] == "<!--":
            continue
        yield Text(source[position : opening.start()])
        yield _tag(source[opening.end() : closing.start()])
        position = scanned
    yield Text(source[position:])


def _tag(inside: str) -> Token:
    name = inside.lstrip("{").strip(_SPACE)
    kind, rest = name[:1], name[1:].lstrip(_SPACE)
    if rest and kind in "#^":
        return Opening(rest, negated=kind == "^")
    if rest and kind == "/":
        return Closing(rest)
    *filters, field = name.split(":")
    return Field(field, tuple(reversed(filters)))
