"""Text without which a pattern cannot match."""

from itertools import groupby

from chalicelib.collection.search.regex.syntax import At, Chain, One, Pattern, Repeat


def required_text(pattern: Pattern) -> str:
    """The longest text that is in all that matches, in some case; empty when none is known."""
    runs = groupby(_pieces(pattern), bool)
    return max(("".join(run) for is_text, run in runs if is_text), key=len, default="")


def _pieces(pattern: Pattern) -> list[str]:
    """What has to come one after the other; an empty text where anything may come between."""
    match pattern:
        case One(_, text):
            return [text]
        case At():
            return []
        case Chain(parts):
            return [piece for part in parts for piece in _pieces(part)]
        case Repeat(inner, least) if least:
            return ["", *_pieces(inner), ""]
    return [""]
