"""The collation `unicase`, in whose order Anki keeps names and tags.

A file whose indices are in another order is a damaged one to Anki. Source: the order of Rust's
crate `unicase`, which folds case by Unicode 12 and turns the three characters around that some
characters fold to.
"""

import re
import sqlite3

COLLATION = "unicase"

_THREE = 3
# Capitals that came with Unicode 13 to 16, which that crate does not know as such.
_NEWER_CAPITALS = (
    "\u1c89\u2c2f\ua7c0\ua7c7\ua7c9\ua7cb\ua7cc\ua7d0\ua7d6\ua7d8\ua7da\ua7dc\ua7f5"
    "\U00010570-\U00010595\U00010d50-\U00010d65"
)
_FOLDED_TO_THREE = (
    "\u0390\u03b0\u1f52\u1f54\u1f56\u1fb7\u1fc7\u1fd2\u1fd3\u1fd7\u1fe2\u1fe3\u1fe7\u1ff7"
    "\ufb03\ufb04"
)
_NEWER = re.compile(f"[{_NEWER_CAPITALS}]")
_UNUSUAL = re.compile(f"[{_NEWER_CAPITALS}{_FOLDED_TO_THREE}]")


def unicase_key(text: str) -> str:
    """What Anki compares instead of `text`: two names of one key are the same name."""
    if not _UNUSUAL.search(text):
        return text.casefold()
    return "".join(map(_folded, text))


def register(conn: sqlite3.Connection) -> None:
    """Make the collation known to a connection."""
    conn.create_collation(COLLATION, _compare)


def _folded(character: str) -> str:
    if _NEWER.match(character):
        return character
    folded = character.casefold()
    return folded[2] + folded[:2] if len(folded) == _THREE else folded


def _compare(left: str, right: str) -> int:
    left_key, right_key = unicase_key(left), unicase_key(right)
    return (left_key > right_key) - (left_key < right_key)
