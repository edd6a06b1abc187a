"""The part of a file that a request asks for. Source: RFC 9110, section 14."""

import re

from chalicelib.errors import RangeNotSatisfiableError

_ONE_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)


def asked_range(header: str | None, size: int) -> range | None:
    """The offsets that are wanted of `size` bytes; None for all of them.

    As the standard allows, what is no range, or more than one, is not minded.
    Raises RangeNotSatisfiableError.
    """
    match = _ONE_RANGE.fullmatch(header or "")
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first and last and int(first) > int(last):
        return None
    wanted = _offsets(first, last, size)
    if not wanted:
        raise RangeNotSatisfiableError(size=size)
    return wanted


def _offsets(first: str, last: str, size: int) -> range:
    if not first:
        return range(max(0, size - int(last)), size)
    return range(int(first), min(int(last) + 1, size) if last else size)
