"""Running a command: its errors as a sentence and an exit code, never as a traceback."""

import argparse
import os
import sys
from collections.abc import Callable

from javumbo.client import (
    ClientError,
    NotLoggedInError,
    ServiceError,
    UnfinishedError,
    UnreachableError,
)
from javumbo.commands.exit_codes import (
    BROKEN_PIPE,
    LISTED,
    MISUSED,
    NOT_LOGGED_IN,
    REFUSED,
    UNFINISHED,
    UNREACHABLE,
)
from javumbo.commands.output import remark

Run = Callable[[argparse.Namespace], int]

_CODES: dict[type[ClientError], int] = {
    ServiceError: REFUSED,
    NotLoggedInError: NOT_LOGGED_IN,
    UnreachableError: UNREACHABLE,
    UnfinishedError: UNFINISHED,
}


def guarded(run: Run) -> Run:
    """`run` with the client's errors told on standard error, as an exit code."""

    def guarded_run(arguments: argparse.Namespace) -> int:
        try:
            return run(arguments)
        except ClientError as error:
            tell(error)
            return _CODES.get(type(error), MISUSED)
        except BrokenPipeError:
            # Python writes what is left when it ends, and would complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return BROKEN_PIPE

    return guarded_run


def tell(error: ClientError, prefix: str = "") -> None:
    """Say on standard error what went wrong."""
    if not isinstance(error, ServiceError):
        remark(prefix + error.message)
        return
    later = "" if error.retry_after_s is None else f" Again in {error.retry_after_s} seconds."
    remark(prefix + error.message + later, error.fields)


def describe(parser: argparse.ArgumentParser, *notes: str) -> None:
    """Let --help end with notes and the exit codes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n\n".join([*notes, LISTED])


def add_quiet_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="show no progress and no summary"
    )
