"""What is said to the operator: one line each, whatever the names in it hold."""

import sqlite3

from chalicelib.errors import JavumboError


def plain(text: str) -> str:
    """The text with what is no visible character, line ends among them, written as an escape."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def sentence_of(error: Exception) -> str:
    """What went wrong, with what the disk or SQLite has said where that is the cause."""
    if isinstance(error, JavumboError):
        cause = error.__cause__
        told = f" ({_of_system(cause)})" if isinstance(cause, OSError | sqlite3.Error) else ""
        return plain(f"{error.message}{told}")
    return plain(_of_system(error))


def _of_system(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if error.filename else ""
        return f"{error.strerror}{where}"
    return str(error)
