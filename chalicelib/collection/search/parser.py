"""Words, quotes, brackets, `and`, `or` and `-`: the outer form of a search.

Source of the rules: Anki's rslib/src/search/parser.rs. Only the blank and the ideographic space
part words; a quote or bracket ends a word without one.
"""

import re

from chalicelib.collection.search.nodes import All, Any, Everything, Node, Not, Spliced, Term
from chalicelib.collection.search.problems import MAX_LENGTH, MAX_NESTING, malformed, too_long
from chalicelib.collection.search.terms import bare_term, keyed_term
from chalicelib.collection.search.wildcards import unknown_escape

# What Unicode calls White_Space; Python's strip() takes four more.
_BLANK_ENDS = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_BLANKS = re.compile("[ \u3000]*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)("?)', re.DOTALL)
_KEY_BEFORE_QUOTE = re.compile('((?:[^"(): \u3000\\\\]|\\\\[^ \u3000])+):(?=")', re.DOTALL)
_WORD = re.compile('(?:[^"() \u3000\\\\]|\\\\[^ \u3000])*', re.DOTALL)
_JOINERS = ("and", "or")


def parse_search(text: str) -> Node:
    """What the search asks for. Raises BadInputError, which says what is wrong where."""
    if len(text) > MAX_LENGTH:
        raise too_long()
    begin = len(text) - len(text.lstrip(_BLANK_ENDS))
    parser = _Parser(text.rstrip(_BLANK_ENDS), begin)
    return parser.parse() if parser.more() else Everything()


class _Sequence:
    """The terms between two brackets, as alternatives of what must hold together."""

    def __init__(self) -> None:
        self._alternatives: list[list[Node]] = [[]]
        self.joiner: tuple[str, int] | None = None

    def __bool__(self) -> bool:
        return bool(self._alternatives[0])

    def join(self, joiner: str, position: int) -> None:
        if self.joiner or not self:
            raise misplaced(joiner, position)
        self.joiner = joiner, position

    def add(self, node: Node | Spliced, *, negated: bool) -> None:
        terms: list[Node] = [node.first, node.second] if isinstance(node, Spliced) else [node]
        if negated:
            terms[0] = Not(terms[0])
        if self.joiner and self.joiner[0] == "or":
            self._alternatives.append([])
        self._alternatives[-1] += terms
        self.joiner = None

    def node(self) -> Node:
        if self.joiner:
            raise misplaced(*self.joiner)
        return _one(Any, [_one(All, parts) for parts in self._alternatives])


def misplaced(joiner: str, position: int) -> Exception:
    reason = f'"{joiner}" must stand between two terms; in double quotes it is a word'
    return malformed(reason, joiner, position)


def _one(kind: type[All] | type[Any], parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else kind(parts)


class _Parser:
    """Reads one search from left to right."""

    def __init__(self, text: str, position: int) -> None:
        self._text = text
        self._at = position
        self._depth = 0

    def more(self) -> bool:
        return self._at < len(self._text)

    def parse(self) -> Node:
        sequence = self._sequence()
        if self.more():
            raise self._wrong("a bracket is closed here that was not opened", self._at)
        return sequence.node()

    def _sequence(self) -> _Sequence:
        sequence = _Sequence()
        while self._skip_blanks() and self._text[self._at] != ")":
            self._item(sequence)
        return sequence

    def _skip_blanks(self) -> bool:
        blanks = _BLANKS.match(self._text, self._at)
        self._at = blanks.end() if blanks else self._at
        return self.more()

    def _item(self, sequence: _Sequence) -> None:
        position, negated = self._at, self._negates()
        self._at += negated
        if self._text[self._at] == "(":
            node: Node | Spliced = self._group()
        else:
            begin = self._at
            joiner_or_node = self._term()
            if isinstance(joiner_or_node, str):
                if negated:
                    raise misplaced(joiner_or_node, begin)
                sequence.join(joiner_or_node, position)
                return
            node = joiner_or_node
        sequence.add(node, negated=negated)

    def _negates(self) -> bool:
        """Whether a `-` stands before something; before nothing it is a word."""
        following = self._text[self._at + 1 : self._at + 2]
        return self._text[self._at] == "-" and following not in ("", " ", "\u3000", ")")

    def _group(self) -> Node:
        opened = self._at
        if self._depth == MAX_NESTING:
            raise self._wrong(f"there are more than {MAX_NESTING} brackets in brackets", opened)
        self._at, self._depth = opened + 1, self._depth + 1
        sequence = self._sequence()
        node = sequence.node() if sequence or sequence.joiner else None
        if not self.more():
            raise self._wrong("a bracket is opened here and never closed", opened)
        if node is None:
            raise self._wrong("there is nothing between the brackets", opened)
        self._at, self._depth = self._at + 1, self._depth - 1
        return node

    def _term(self) -> Term | Spliced | str:
        """A term, or the word that joins two of them."""
        begin = self._at
        if self._text[begin] == '"':
            inner = self._quoted()
            return bare_term(inner, begin + 1)
        if key := _KEY_BEFORE_QUOTE.match(self._text, begin):
            self._at = key.end()
            inner = self._quoted()
            return keyed_term(key[1], inner, key.end() + 1, begin)
        word = self._word()
        if word.lower() in _JOINERS:
            return word.lower()
        return bare_term(word, begin)

    def _quoted(self) -> str:
        begin = self._at
        found = _QUOTED.match(self._text, begin)
        if found is None or not found[2]:
            raise self._wrong("a double quote is opened here and never closed", begin)
        if not found[1]:
            raise self._wrong("there is nothing between the double quotes", begin)
        self._at = found.end()
        return found[1]

    def _word(self) -> str:
        begin = self._at
        found = _WORD.match(self._text, begin)
        self._at = found.end() if found else begin
        if self.more() and self._text[self._at] == "\\":
            raise unknown_escape(self._text[self._at : self._at + 2], self._at)
        return self._text[begin : self._at]

    def _wrong(self, reason: str, position: int) -> Exception:
        return malformed(reason, self._text[position:], position)
