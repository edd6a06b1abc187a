"""One's own account: reading it, and changing name, language and time zone."""

from typing import Any, Literal

import msgspec

from chalicelib.accounts.rules import check_name
from chalicelib.accounts.users import User, UserChanges
from chalicelib.api.offsets import UtcOffset, follow_offset
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.errors import UnauthorizedError

routes = Routes()


class AccountBody(msgspec.Struct):
    name: str | None = None
    utc_offset_minutes: UtcOffset | None = None
    language: Literal["en", "es", "pt-BR"] | None = None


@routes.add("GET", "/api/account")
def read_account(request: ApiRequest) -> dict[str, Any]:
    return {"account": _account_json(_caller(request))}


@routes.add("PUT", "/api/account")
def update_account(request: ApiRequest) -> dict[str, Any]:
    """Change what is given; with another offset the day turns by the clock of where one is now."""
    body, user = request.body(AccountBody), _caller(request)
    changes: UserChanges = {}
    if body.name is not None:
        changes["name"] = check_name(body.name)
    if body.language is not None:
        changes["language"] = body.language
    if body.utc_offset_minutes is not None:
        follow_offset(request.services, user, body.utc_offset_minutes, request.now_ms)
        changes["utc_offset_minutes"] = body.utc_offset_minutes
    return {"account": _account_json(request.services.users.update(user.username, **changes))}


def _caller(request: ApiRequest) -> User:
    user = request.services.users.get(request.owner.username)
    if user is None or user.generation != request.owner.generation:
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
