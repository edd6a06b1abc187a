"""What can go wrong for a caller of the client library: one tree.

ClientError
├── WrongUsageError       what was asked for makes no sense; nothing was sent
│   └── FileProblemError  a file that cannot be read or written
├── ServiceError          the service refused, and says why
├── NotLoggedInError      there is no login, or it is not good any more
├── UnreachableError      there is no service, or none that is JAVUMBO
└── UnfinishedError       it takes too long, and may still be done
"""

from collections.abc import Mapping


class ClientError(Exception):
    """Base of all errors of this package; `message` is a sentence for a person."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class WrongUsageError(ClientError):
    """What was asked for makes no sense; nothing was sent."""


class FileProblemError(WrongUsageError):
    """A file that cannot be read or written."""


class ServiceError(ClientError):
    """The service refused, and nothing was changed.

    `code` is one of docs/api.md, `fields` a reason by the name of each bad input, `retry` whether
    the very same request can succeed later, `retry_after_s` when that makes sense.
    """

    def __init__(
        self,
        code: str,
        status: int,
        message: str,
        *,
        fields: Mapping[str, str] | None = None,
        retry: bool = False,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.fields = dict(fields or {})
        self.retry = retry
        self.retry_after_s = retry_after_s


class NotLoggedInError(ClientError):
    """There is no login, or it has expired or was revoked."""


class UnreachableError(ClientError):
    """There is no service at the address, or none that is JAVUMBO.

    `retry` tells that this may be over in a moment.
    """

    def __init__(self, message: str, *, retry: bool = True) -> None:
        super().__init__(message)
        self.retry = retry


class UnfinishedError(ClientError):
    """It takes too long; whether it was or will be done is not known."""
