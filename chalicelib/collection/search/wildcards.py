"""Escapes and wildcards in the words of a search.

`*` stands for any text, `_` for any character; a backslash makes them plain.
Source of the rules: Anki's rslib/src/text.rs and rslib/src/search/parser.rs.
"""

import re

from chalicelib.collection.search.problems import malformed

# An escape that no rule knows: an odd backslash before anything but \ " : * _ ( ) -
_UNKNOWN_ESCAPE = re.compile(r'(?:^|[^\\])(?:\\\\)*(\\(?:[^\\":*_()-]|\Z))')
_HAS_ESCAPE = re.compile(r'(?:^|[^\\])(?:\\\\)*\\[":()-]')
_ESCAPE = re.compile(r'\\([\\":()-])')
_WILDCARD = re.compile(r"(?:^|[^\\])(?:\\\\)*[*_]")
_PIECE = re.compile(r"\\?.")
_LIKE_SPECIAL = re.compile(r"\\[\\*]|[*%]")
_AS_LIKE = {r"\\": r"\\", r"\*": "*", "*": "%", "%": r"\%"}
_AS_REGEX = {r"\\": r"\\", r"\*": r"\*", r"\_": "_"}
_AS_HINT = {**_AS_LIKE, r"\*": "*", r"\_": r"\_", "_": "_", "\\": r"\\"}
_LITERAL = {"\\": r"\\", "%": r"\%", "_": r"\_"} | dict.fromkeys("kKsS", "_")
_META = frozenset("\\.+*?()|[]{}^$#&-~")


def unescape(text: str, position: int) -> str:
    """Take the backslash from what has a meaning to the parser, not from wildcards.

    Raises BadInputError for an escape that does not exist.
    """
    if unknown := _UNKNOWN_ESCAPE.search(text):
        raise unknown_escape(unknown[1], position + unknown.start(1))
    if not _HAS_ESCAPE.search(text):
        return text
    return _ESCAPE.sub(lambda found: found[0] if found[1] == "\\" else found[1], text)


def unknown_escape(sequence: str, position: int) -> Exception:
    return malformed(r"this escape does not exist; for a backslash type \\", sequence, position)


def unescape_quotes(text: str) -> str:
    return text.replace(r"\"", '"')


def unescape_quotes_and_backslashes(text: str) -> str:
    return unescape_quotes(text).replace(r"\\", "\\")


def has_wildcard(text: str) -> bool:
    return _WILDCARD.search(text) is not None


def to_plain(text: str) -> str:
    """The text without any backslash that escapes."""
    return re.sub(r"\\(.)", r"\1", text)


def to_like(text: str) -> str:
    r"""As the pattern of a LIKE whose escape is a backslash."""
    return _LIKE_SPECIAL.sub(lambda found: _AS_LIKE[found[0]], text)


def to_regex(text: str, wildcard: str = ".") -> str:
    """As a regular expression; `wildcard` is what a `_` matches, and `*` repeats."""
    shapes = _AS_REGEX | {"*": f"{wildcard}*", "_": wildcard}
    return _PIECE.sub(lambda found: shapes.get(found[0]) or escape_regex(found[0]), text)


def like_hint(text: str) -> str:
    """A LIKE pattern that fits whatever the text's regular expression fits, and some more.

    LIKE knows no case but of ASCII letters, and these two have a third case beyond ASCII.
    """
    return _PIECE.sub(lambda found: _AS_HINT.get(found[0]) or like_literal(found[0]), text)


def like_literal(text: str) -> str:
    """A LIKE pattern that fits this text in whatever case, and some others."""
    return "".join(_LITERAL.get(one, one if one.isascii() else "_") for one in text)


def escape_regex(text: str) -> str:
    """A regular expression that matches just this text."""
    return "".join(f"\\{one}" if one in _META else one for one in text)
