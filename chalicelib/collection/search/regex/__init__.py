"""Regular expressions that a stranger may type: matched in time that grows with the text only.

The language is that of Rust's `regex`, which Anki uses: no look-around, no back-references. Not
understood here: the flags `R` and `-u`, and most of Unicode's rarer properties.
"""

from chalicelib.collection.search.regex.matcher import Matcher
from chalicelib.collection.search.regex.parser import RegexError, parse_regex
from chalicelib.collection.search.regex.program import compile_program
from chalicelib.collection.search.regex.required import required_text

__all__ = ["Matcher", "RegexError", "compile_regex"]


def compile_regex(pattern: str, flags: str = "i") -> Matcher:
    """A matcher of texts that hold the pattern somewhere. Raises RegexError."""
    parsed = parse_regex(pattern, flags)
    return Matcher(compile_program(parsed), required_text(parsed))
