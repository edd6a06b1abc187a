"""What is said of a search that cannot be understood, or that takes too long."""

from chalicelib.errors import BadInputError

MAX_LENGTH = 2_000
MAX_NESTING = 50

_SHOWN_CHARACTERS = 30


def malformed(reason: str, piece: str, position: int) -> BadInputError:
    """The error for `piece`, which begins at `position` (counted from 0) of the search."""
    shown = piece if len(piece) <= _SHOWN_CHARACTERS else f"{piece[:_SHOWN_CHARACTERS]}…"
    return BadInputError(
        f"The search cannot be understood at character {position + 1}: «{shown}» - {reason}.",
        fields={"q": f"{reason} (at character {position + 1}: {shown})"},
    )


def too_long() -> BadInputError:
    reason = f"must have at most {MAX_LENGTH} characters"
    return BadInputError("The search is too long.", fields={"q": reason})


def too_slow() -> BadInputError:
    return BadInputError(
        "The search takes too long.", fields={"q": "takes too long; make it simpler"}
    )


def too_complex() -> BadInputError:
    return BadInputError(
        "The search is too complex.", fields={"q": "has too many parts; make it simpler"}
    )
