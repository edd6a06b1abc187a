"""One's own account: reading and changing it, its password, and its end."""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.accounts.rules import check_name, check_password
from chalicelib.accounts.strength import strength
from chalicelib.accounts.users import User, UserChanges
from chalicelib.api.account_ending import end_account
from chalicelib.api.accounts import password_rules, token_json
from chalicelib.api.documented import DisplayName, Password
from chalicelib.api.offsets import UtcOffset, follow_offset
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.api.tries import count_from_address, verify_password
from chalicelib.errors import (
    BadInputError,
    InvalidCredentialsError,
    NotFoundError,
    UnauthorizedError,
)

routes = Routes()


class AccountBody(msgspec.Struct):
    name: DisplayName | UnsetType = UNSET
    utc_offset_minutes: UtcOffset | UnsetType = UNSET
    language: Literal["en", "es", "pt-BR"] | UnsetType | None = UNSET


class PasswordBody(msgspec.Struct):
    current_password: str
    new_password: Password


class EndBody(msgspec.Struct):
    password: str


class StrengthBody(msgspec.Struct):
    password: str
    username: str = ""
    name: str = ""


@routes.add("GET", "/api/account")
def read_account(request: ApiRequest) -> dict[str, Any]:
    """The caller's own account."""
    return {"account": _account_json(_caller(request))}


@routes.add("PUT", "/api/account", body=AccountBody)
def update_account(request: ApiRequest) -> dict[str, Any]:
    """Change what is given; with another offset the day turns by the clock of where one is now."""
    body, user = request.body(AccountBody), _caller(request)
    changes: UserChanges = {}
    if body.name is not UNSET:
        changes["name"] = check_name(body.name)
    if body.language is not UNSET:
        changes["language"] = body.language
    if body.utc_offset_minutes is not UNSET:
        follow_offset(request.services, user, body.utc_offset_minutes, request.now_ms)
        changes["utc_offset_minutes"] = body.utc_offset_minutes
    try:
        changed = request.services.users.update(
            user.username, generation=user.generation, **changes
        )
    except NotFoundError:
        raise UnauthorizedError from None
    return {"account": _account_json(changed)}


@routes.add("POST", "/api/account/password", body=PasswordBody)
def change_password(request: ApiRequest) -> dict[str, Any]:
    """Replace the password; all tokens are revoked, and the answer has a new one."""
    services, body, user = request.services, request.body(PasswordBody), _caller(request)
    try:
        check_password(
            body.new_password, password_rules(services.settings), (user.username, user.name)
        )
    except BadInputError as error:
        raise BadInputError(fields={"new_password": error.fields["password"]}) from None
    user = _verified(request, body.current_password)
    changed = services.users.change_password(user, services.passwords.hash(body.new_password))
    if changed is None:  # another request has changed it since
        raise InvalidCredentialsError("The password is wrong.")
    return token_json(request, changed)


@routes.add("DELETE", "/api/account", body=EndBody)
def end(request: ApiRequest) -> dict[str, Any]:
    """Delete the account and everything that belongs to it, for good."""
    user = _verified(request, request.body(EndBody).password)
    try:
        finished = end_account(request.services, user, request.now_ms)
    except NotFoundError:
        raise UnauthorizedError from None
    return {"finished": finished}


@routes.add("POST", "/api/password-strength", public=True, body=StrengthBody)
def password_strength(request: ApiRequest) -> dict[str, Any]:
    """How hard a password is to guess, for who is about to choose it; nothing is kept of it."""
    services, body = request.services, request.body(StrengthBody)
    own_texts = (body.username, body.name)
    count_from_address(request, services.limits.password_checks)
    problem = None
    try:
        check_password(body.password, password_rules(services.settings), own_texts)
    except BadInputError as error:
        problem = error.fields["password"]
    found = strength(body.password, own_texts)
    return {
        "score": found.score,
        "warning": found.warning,
        "suggestions": found.suggestions,
        "problem": problem,
    }


def _verified(request: ApiRequest, password: str) -> User:
    """The caller, if that is their password; a wrong one counts like one of a login."""
    caller = _caller(request)
    try:
        user = verify_password(request, caller.username, password)
    except InvalidCredentialsError:
        raise InvalidCredentialsError("The password is wrong.") from None
    if user.generation != caller.generation:
        raise UnauthorizedError
    return user


def _caller(request: ApiRequest) -> User:
    user = request.services.users.get(request.owner.username)
    if user is None or user.ending or user.generation != request.owner.generation:
        raise UnauthorizedError
    return user


def _account_json(user: User) -> dict[str, Any]:
    return {
        "username": user.username,
        "name": user.name,
        "language": user.language,
        "utc_offset_minutes": user.utc_offset_minutes,
        "created_at": user.created_at_ms,
    }
