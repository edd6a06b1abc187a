"""Structured logs: one JSON object a line, which never holds what a person wrote or is called.

What a message is about is let in by kind, not kept out by name: numbers, ids that are too long
for a username, and an owner as a pseudonym. Of an exception the line has its kinds and where it
was raised, never its text, which may quote a card.
"""

import json
import logging
import os
import re
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Any

from chalicelib.errors import JavumboError

MASK = "*"

# A username has at most 32 characters.
_ID = re.compile(r"[0-9a-f-]{33,64}")
_PSEUDONYM_BYTES = 8
_MAX_FRAMES = 30
_MAX_CHAIN = 5


def configure(chalice_log: logging.Logger) -> None:
    """Let the whole process, Chalice's logger included, write JSON to standard output.

    CloudWatch reads what a function prints there, the metrics in it included.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # Its own handler writes a traceback with the exception's text.
    chalice_log.handlers[:] = []
    chalice_log.propagate = True


def pseudonym(username: str, generation: str) -> str:
    """A stable name for a registration in logs, which tells nobody who it is.

    It cannot be guessed from a list of usernames: the registration's random generation is its key.
    """
    # Most of what this loads is of no use to a function's start.
    from hashlib import blake2b  # noqa: PLC0415

    key = generation.encode()[: blake2b.MAX_KEY_SIZE]
    return blake2b(username.encode(), key=key, digest_size=_PSEUDONYM_BYTES).hexdigest()


@contextmanager
def about(**members: str) -> Iterator[None]:
    """Let every line that is logged inside say this too."""
    token = _about.set({**_about.get(), **members})
    try:
        yield
    finally:
        _about.reset(token)


_about: ContextVar[Mapping[str, str]] = ContextVar("about", default={})  # noqa: B039


class JsonFormatter(logging.Formatter):
    """Lines with `timestamp`, `level`, `logger`, `message` and what they are about.

    A record's attribute `members` is put into the line as it is.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": _timestamp(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **_about.get(),
            **getattr(record, "members", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line |= _described(record.exc_info[1])
        return json.dumps(line, separators=(",", ":"))


def _timestamp(record: logging.LogRecord) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03d}Z"


def _message(record: logging.LogRecord) -> str:
    arguments = record.args or ()
    if isinstance(arguments, Mapping):
        shown: Any = {name: _shown(value) for name, value in arguments.items()}
    else:
        shown = tuple(_shown(value) for value in arguments)
    try:
        return str(record.msg) % shown if shown else str(record.msg)
    except (TypeError, ValueError):
        return str(record.msg)


def _shown(value: object) -> object:
    if isinstance(value, int | float):
        return value
    # A user or an owner, known by its shape: their modules need not be loaded for this.
    if hasattr(value, "username") and hasattr(value, "generation"):
        return pseudonym(value.username, value.generation)
    return value if isinstance(value, str) and _ID.fullmatch(value) else MASK


def _described(error: BaseException) -> dict[str, str]:
    """The exception and what led to it, the outermost last, as Python's own tracebacks have it."""
    chain = list(islice(_chain(error), _MAX_CHAIN))
    return {
        "error": _kind(error),
        "traceback": "\n".join(f"{_frames(one)}{_kind(one)}" for one in reversed(chain)),
    }


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _frames(error: BaseException) -> str:
    return "".join(traceback.format_tb(error.__traceback__, limit=-_MAX_FRAMES))


def _kind(error: BaseException) -> str:
    """The exception's class, and its code where it has one."""
    detail = _code(error)
    return f"{type(error).__name__}({detail})" if detail else type(error).__name__


def _code(error: BaseException) -> str:
    if isinstance(error, JavumboError):
        return error.code
    if isinstance(error, OSError):
        return os.strerror(error.errno) if error.errno else ""
    # Known by its shape, for botocore may not be loaded.
    response = getattr(error, "response", None)
    if isinstance(response, Mapping):
        code = response.get("Error", {}).get("Code", "")
        return f"{getattr(error, 'operation_name', '')}: {code}"
    return getattr(error, "sqlite_errorname", "")
