"""A search as the condition of one SQL statement.

Source of the rules: Anki's rslib/src/search/sqlwriter.rs. Cards whose note is missing are found by
what is asked of cards alone, as in Anki.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from chalicelib.collection.search.card_terms import CardTerms
from chalicelib.collection.search.nodes import (
    All,
    Any,
    Everything,
    Node,
    Not,
    NoteIds,
    NoteTerm,
    TemplateNamed,
    TemplateOrdinal,
    Term,
)
from chalicelib.collection.search.note_terms import NoteTerms
from chalicelib.collection.search.places import NameMatcher, Places
from chalicelib.collection.search.sql import EVERYTHING, Bindings, any_of, id_list, joined
from chalicelib.collection.unicode import nfc

_NOTE_TERMS = get_args(NoteTerm)


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL about card `c` and note `n`, what is bound to it, and which of both it speaks of."""

    sql: str
    bindings: Bindings
    asks_notes: bool
    asks_cards: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    """A condition; `depth` is how many brackets stand in brackets."""

    sql: str
    is_alternative: bool = False
    depth: int = 0

    def in_brackets(self) -> "_Piece":
        return _Piece(f"({self.sql})", depth=self.depth + 1) if self.is_alternative else self


def compile_node(node: Node, places: Places, check: Callable[[], None]) -> Condition:
    """The condition for what a search asks; `check` is called before each term.

    Raises BadInputError for a bad pattern, and what `check` raises.
    """
    compiler = _Compiler(places, check)
    sql = compiler.piece(node, negated=False).in_brackets().sql
    return Condition(sql, compiler.bindings, compiler.asks_notes, compiler.asks_cards)


class _Compiler:
    """SQLite's parser nests few brackets, and what is open before a bracket counts as well.

    So a negation goes down to the terms, and the deepest part of a condition stands first.
    """

    def __init__(self, places: Places, check: Callable[[], None]) -> None:
        self._check = check
        self.bindings = Bindings()
        self.asks_notes = self.asks_cards = False
        self._places = places
        self._notes = NoteTerms(places, self.bindings)
        self._cards = CardTerms(places, self.bindings)

    def piece(self, node: Node, *, negated: bool) -> _Piece:
        match node:
            case Not(inner):
                return self.piece(inner, negated=not negated)
            case All(parts) | Any(parts):
                pieces = [self.piece(part, negated=negated) for part in parts]
                return _together(pieces) if isinstance(node, All) is not negated else _any(pieces)
        condition = self._term(node)
        return _Piece(f"NOT {condition}" if negated else condition)

    def _term(self, term: Term) -> str:
        self._check()
        match term:
            case Everything():
                return EVERYTHING
            case NoteIds(ids):
                return f"{{note_id}} IN {id_list(ids)}"
            case TemplateOrdinal(ordinal):
                self.asks_notes = self.asks_cards = True
                return f"c.ord = {self.bindings.bind(ordinal)}"
            case TemplateNamed(name):
                self.asks_notes = self.asks_cards = True
                return self._template(NameMatcher(nfc(name)))
        if isinstance(term, _NOTE_TERMS):
            self.asks_notes = True
            return self._notes.sql(term)
        self.asks_cards = True
        return self._cards.sql(term)

    def _template(self, name: NameMatcher) -> str:
        conditions = []
        for notetype in self._places.notetypes:
            ordinals = [n for n, one in enumerate(notetype.templates) if name.matches(one)]
            if ordinals:
                conditions.append(f"(n.mid = {notetype.id} AND c.ord IN {id_list(ordinals)})")
        return any_of(conditions)


def _together(pieces: list[_Piece]) -> _Piece:
    ordered = _deepest_first([piece.in_brackets() for piece in pieces])
    return _Piece(joined(" AND ", [piece.sql for piece in ordered]), depth=ordered[0].depth)


def _any(pieces: list[_Piece]) -> _Piece:
    ordered = _deepest_first(pieces)
    return _Piece(joined(" OR ", [piece.sql for piece in ordered]), True, ordered[0].depth)


def _deepest_first(pieces: list[_Piece]) -> list[_Piece]:
    return sorted(pieces, key=lambda piece: piece.depth, reverse=True)
