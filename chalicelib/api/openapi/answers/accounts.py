"""Answers about accounts."""

from typing import Annotated, Literal

import msgspec

from chalicelib.api.openapi.answers.kinds import EpochMs
from chalicelib.api.openapi.operation import Operation
from chalicelib.errors import (
    InvalidCredentialsError,
    TooManyRequestsError,
    UsernameTakenError,
)


class RegisteredAnswer(msgspec.Struct):
    username: Annotated[str, msgspec.Meta(description="The name as it is stored: in lower case.")]


class LoginAnswer(msgspec.Struct):
    token: Annotated[str, msgspec.Meta(description="For the header `Authorization: Bearer`.")]
    username: str
    name: str
    expires_at: EpochMs


class NewTokenAnswer(msgspec.Struct):
    token: Annotated[str, msgspec.Meta(description="For the header `Authorization: Bearer`.")]
    expires_at: EpochMs


class DoneAnswer(msgspec.Struct):
    """Nothing else is to be said."""


class EndedAnswer(msgspec.Struct):
    finished: Annotated[
        bool, msgspec.Meta(description="False where some of the files are removed a little later.")
    ]


class StrengthAnswer(msgspec.Struct):
    """What a password is worth."""

    score: Annotated[int, msgspec.Meta(ge=0, le=4, description="0 is guessed at once.")]
    warning: Annotated[str, msgspec.Meta(description="A code, as `repeated_part`.")] | None
    suggestions: Annotated[list[str], msgspec.Meta(description="Codes, as `add_words`.")]
    problem: Annotated[str, msgspec.Meta(description="Why a registration would refuse it.")] | None


class Account(msgspec.Struct):
    username: str
    name: str
    language: Literal["en", "es", "pt-BR"] | None
    utc_offset_minutes: Annotated[int, msgspec.Meta(description="Minutes east of UTC.")] | None
    created_at: EpochMs


class AccountAnswer(msgspec.Struct):
    account: Account


OPERATIONS = {
    "POST /api/register": Operation(
        answer=RegisteredAnswer, errors=(UsernameTakenError, TooManyRequestsError)
    ),
    "POST /api/login": Operation(
        answer=LoginAnswer, errors=(InvalidCredentialsError, TooManyRequestsError)
    ),
    "POST /api/logout": Operation(answer=DoneAnswer),
    "POST /api/logout-everywhere": Operation(answer=DoneAnswer),
    "GET /api/account": Operation(answer=AccountAnswer),
    "PUT /api/account": Operation(answer=AccountAnswer),
    "POST /api/account/password": Operation(
        answer=NewTokenAnswer, errors=(InvalidCredentialsError, TooManyRequestsError)
    ),
    "DELETE /api/account": Operation(
        answer=EndedAnswer, errors=(InvalidCredentialsError, TooManyRequestsError)
    ),
    "POST /api/password-strength": Operation(answer=StrengthAnswer, errors=(TooManyRequestsError,)),
}
