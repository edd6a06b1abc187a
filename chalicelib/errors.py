"""The one exception tree. Each error knows its stable code and its HTTP status.

JavumboError                      500 internal_error
├── ConfigurationError            500 misconfigured           the start is refused
├── BadInputError                 400 invalid_input           `fields` says what is wrong where
│   ├── UsernameTakenError        400 username_taken
│   ├── DeckExistsError           400 deck_exists
│   ├── DuplicateNoteError        400 duplicate
│   ├── IdempotencyKeyReusedError 400 idempotency_key_reused
│   └── NothingToUndoError        400 nothing_to_undo
├── UnauthorizedError             401 unauthorized
│   └── InvalidCredentialsError   401 invalid_credentials
├── NotFoundError                 404 not_found
├── MethodNotAllowedError         405 method_not_allowed
├── ConflictError                 409 conflict                retry: nothing was changed
├── StaleCardError                409 stale_card
│   └── CannotUndoError           409 cannot_undo             something has changed since
├── TooLargeError                 413 too_large
├── UnsupportedMediaTypeError     415 unsupported_media_type
├── RangeNotSatisfiableError      416 range_not_satisfiable
├── UnusableFileError             422 unusable_file
├── TooManyRequestsError          429 too_many_requests
└── StorageUnavailableError       503 storage_unavailable     retry

The message is one sentence for a person and is shown to the caller: it never holds SQL, keys,
paths or another exception's text.
"""

from collections.abc import Mapping
from typing import ClassVar


class JavumboError(Exception):
    """Base of all errors that a caller of the service may see.

    `fields` maps the name of a bad input to the reason; `retry` tells that repeating the very
    same request can succeed.
    """

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    retry: ClassVar[bool] = False
    default_message: ClassVar[str] = "Something went wrong on our side."

    def __init__(
        self, message: str | None = None, *, fields: Mapping[str, str] | None = None
    ) -> None:
        self.message = message or self.default_message
        self.fields = dict(fields or {})
        super().__init__(self.message)


class ConfigurationError(JavumboError):
    """A setting is missing or weak; raised while starting, never while serving."""

    code = "misconfigured"


class BadInputError(JavumboError):
    code = "invalid_input"
    status = 400
    default_message = "Some of the input is not valid."


class UsernameTakenError(BadInputError):
    code = "username_taken"
    default_message = "This username is taken."


class DeckExistsError(BadInputError):
    code = "deck_exists"
    default_message = "There is already a deck with this name."


class DuplicateNoteError(BadInputError):
    code = "duplicate"
    default_message = "There is already a note with this first field."


class IdempotencyKeyReusedError(BadInputError):
    code = "idempotency_key_reused"
    default_message = "This Idempotency-Key was used for another request."


class NothingToUndoError(BadInputError):
    code = "nothing_to_undo"
    default_message = "There is nothing to undo."


class UnauthorizedError(JavumboError):
    code = "unauthorized"
    status = 401
    default_message = "Please log in."


class InvalidCredentialsError(UnauthorizedError):
    code = "invalid_credentials"
    default_message = "The username or the password is wrong."


class NotFoundError(JavumboError):
    code = "not_found"
    status = 404
    default_message = "There is nothing here."


class MethodNotAllowedError(JavumboError):
    code = "method_not_allowed"
    status = 405
    default_message = "This address does not answer to this method."


class ConflictError(JavumboError):
    """Other writers were faster each time; nothing was changed."""

    code = "conflict"
    status = 409
    retry = True
    default_message = "Your collection was busy; please try again."


class StaleCardError(JavumboError):
    """The card was answered elsewhere since the caller saw it; nothing was changed."""

    code = "stale_card"
    status = 409
    default_message = "This card has been answered meanwhile."


class CannotUndoError(StaleCardError):
    """What would be taken back is no longer as the change left it; nothing was changed."""

    code = "cannot_undo"
    default_message = "Something has changed since, so this cannot be undone."


class TooLargeError(JavumboError):
    code = "too_large"
    status = 413
    default_message = "This is larger than what can be taken."


class UnsupportedMediaTypeError(JavumboError):
    code = "unsupported_media_type"
    status = 415
    default_message = "This address does not take this kind of content."


class RangeNotSatisfiableError(JavumboError):
    """A part was asked for that a file of `size` bytes does not have."""

    code = "range_not_satisfiable"
    status = 416
    default_message = "The file has no such part."

    def __init__(self, message: str | None = None, *, size: int) -> None:
        super().__init__(message)
        self.size = size


class UnusableFileError(JavumboError):
    """A file that is not what it says it is, or cannot be used; nothing was changed."""

    code = "unusable_file"
    status = 422
    default_message = "This file cannot be used."


class TooManyRequestsError(JavumboError):
    """Too many tries; `retry_after_s` is how many seconds to wait."""

    code = "too_many_requests"
    status = 429
    default_message = "Too many tries; please wait a little."

    def __init__(self, message: str | None = None, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StorageUnavailableError(JavumboError):
    code = "storage_unavailable"
    status = 503
    retry = True
    default_message = "The storage does not answer; please try again."
