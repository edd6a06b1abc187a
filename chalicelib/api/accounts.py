"""Registering and logging in."""

import functools
from typing import Any

import msgspec

from chalicelib.accounts.rules import validate_registration
from chalicelib.accounts.users import User
from chalicelib.api.offsets import UtcOffset, follow_offset
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.collection.create import create_new_user_collection
from chalicelib.errors import InvalidCredentialsError, UsernameTakenError
from chalicelib.services import Services
from chalicelib.storage import Owner

routes = Routes()

_RANDOM_BITS = 128


class RegisterBody(msgspec.Struct):
    username: str
    name: str
    password: str
    utc_offset_minutes: UtcOffset | None = None
    sample_deck: bool = True


class LoginBody(msgspec.Struct):
    username: str
    password: str
    utc_offset_minutes: UtcOffset | None = None


@routes.add("POST", "/register", "/api/register", public=True)
def register(request: ApiRequest) -> dict[str, Any]:
    """Make an account and its collection."""
    services, body = request.services, request.body(RegisterBody)
    registration = validate_registration(
        body.username, body.name, body.password, services.settings.password_min_length
    )
    # A collection without a user was somebody else's: nobody gets it by choosing the name.
    if services.storage.exists(Owner(registration.username)):
        raise UsernameTakenError
    user = User(
        username=registration.username,
        name=registration.name,
        password_hash=services.passwords.hash(body.password),
        created_at_ms=request.now_ms,
        generation=_random_text(services),
        utc_offset_minutes=body.utc_offset_minutes,
    )
    services.users.create(user)
    _make_ready(services, user, request.now_ms, sample_deck=body.sample_deck)
    return {"username": user.username}


@routes.add("POST", "/login", "/api/login", public=True)
def login(request: ApiRequest) -> dict[str, Any]:
    """Exchange a username and a password for a token."""
    services, body = request.services, request.body(LoginBody)
    user = services.users.verify_password(body.username, body.password)
    if user is None:
        raise InvalidCredentialsError
    if not user.ready:
        _make_ready(services, user, request.now_ms, sample_deck=True)
    if body.utc_offset_minutes is not None:
        follow_offset(services, user, body.utc_offset_minutes, request.now_ms)
        if user.utc_offset_minutes != body.utc_offset_minutes:
            services.users.update(user.username, utc_offset_minutes=body.utc_offset_minutes)
    issued = services.tokens.issue(user, request.now_ms, _random_text(services))
    return {
        "token": issued.token,
        "username": user.username,
        "name": user.name,
        "expires_at": issued.expires_at_ms,
    }


def _make_ready(services: Services, user: User, now_ms: int, *, sample_deck: bool) -> None:
    """Create the user's collection; safe to repeat when an earlier try was cut short."""
    services.storage.create(
        _owner(user),
        functools.partial(
            create_new_user_collection,
            now_ms=now_ms,
            minutes_west=-(user.utc_offset_minutes or 0),
            sample_deck=sample_deck,
            random_bits=services.random_bits,
        ),
    )
    services.users.update(user.username, ready=True)


def _owner(user: User) -> Owner:
    return Owner(user.username, user.generation)


def _random_text(services: Services) -> str:
    return f"{services.random_bits(_RANDOM_BITS):032x}"
