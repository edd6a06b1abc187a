"""Where the service runs, and what it needs there."""

import os
import sys
from collections.abc import Mapping

from chalicelib.errors import ConfigurationError

# Older ones run on Amazon Linux 2, whose SQLite is 3.7.17.
# Source: AWS Lambda Developer Guide, "Lambda runtimes".
PYTHON = (3, 12)
# UPSERT, window functions, RETURNING, and the checks of a hostile file.
SQLITE = (3, 40)
_NAME = "AWS_LAMBDA_FUNCTION_NAME"
_FUNCTIONS = ("jwt_auth", "warm", "sweep", "upkeep", "fold")


def in_lambda(environ: Mapping[str, str] = os.environ) -> bool:
    return bool(environ.get(_NAME))


def check_interpreter(
    python: tuple[int, ...] = sys.version_info[:2], sqlite: tuple[int, ...] | None = None
) -> None:
    """Raises ConfigurationError where Python or its SQLite is too old; None is the one here."""
    if sqlite is None:
        from sqlite3 import sqlite_version_info  # noqa: PLC0415

        sqlite = sqlite_version_info
    _check("Python", python, PYTHON)
    _check("SQLite", sqlite, SQLITE)


def function_name(function: str, environ: Mapping[str, str] = os.environ) -> str:
    """What another function of this stage is called, `api_handler` or one of app.py.

    Its variable says so, FOLD_FUNCTION for `fold`; else it is what `chalice deploy` calls them:
    the API handler `<app>-<stage>`, the others that and their own names.
    """
    named = environ.get(f"{_VARIABLES.get(function, function.upper())}_FUNCTION")
    if named:
        return named
    api_handler = environ[_NAME]
    for other in _FUNCTIONS:
        api_handler = api_handler.removesuffix(f"-{other}")
    return api_handler if function == "api_handler" else f"{api_handler}-{function}"


_VARIABLES = {"jwt_auth": "AUTHORIZER"}


def _check(what: str, found: tuple[int, ...], needed: tuple[int, ...]) -> None:
    if found < needed:
        old, new = (".".join(map(str, version)) for version in (found, needed))
        raise ConfigurationError(f"{what} is {old}, but JAVUMBO needs {new} or newer here.")
