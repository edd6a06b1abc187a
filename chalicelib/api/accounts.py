"""Registering, logging in and logging out."""

import functools
from typing import Any

import msgspec

from chalicelib.accounts.rules import PasswordRules, Registration, validate_registration
from chalicelib.accounts.users import User
from chalicelib.api.account_ending import finish_ending
from chalicelib.api.documented import DisplayName, Password, Username
from chalicelib.api.offsets import UtcOffset, follow_offset
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.api.tries import count_from_address, take_back, verify_password
from chalicelib.collection.create import create_new_user_collection
from chalicelib.errors import (
    InvalidCredentialsError,
    NotFoundError,
    StorageUnavailableError,
    UnauthorizedError,
    UsernameTakenError,
)
from chalicelib.services import Services
from chalicelib.settings import Settings
from chalicelib.storage import Owner

routes = Routes()

_RANDOM_BITS = 128


class RegisterBody(msgspec.Struct):
    username: Username
    name: DisplayName
    password: Password
    utc_offset_minutes: UtcOffset | None = None
    sample_deck: bool = True


class LoginBody(msgspec.Struct):
    username: str
    password: str
    utc_offset_minutes: UtcOffset | None = None


@routes.add("POST", "/register", "/api/register", public=True, body=RegisterBody)
def register(request: ApiRequest) -> dict[str, Any]:
    """Make an account and its collection."""
    services, body = request.services, request.body(RegisterBody)
    registration = validate_registration(
        body.username, body.name, body.password, password_rules(services.settings)
    )
    ticket = count_from_address(request, services.limits.registrations)
    try:
        user = _created(request, registration, body)
    except StorageUnavailableError:
        take_back(request, ticket)
        raise
    _make_ready(services, user, request.now_ms, sample_deck=body.sample_deck)
    return {"username": user.username}


@routes.add("POST", "/login", "/api/login", public=True, body=LoginBody)
def login(request: ApiRequest) -> dict[str, Any]:
    """Exchange a username and a password for a token."""
    services, body = request.services, request.body(LoginBody)
    user = verify_password(request, body.username, body.password)
    if user.ending:
        finish_ending(services, user.username, user.generation)
        raise InvalidCredentialsError
    if not user.ready:
        _make_ready(services, user, request.now_ms, sample_deck=True)
    if body.utc_offset_minutes is not None:
        follow_offset(services, user, body.utc_offset_minutes, request.now_ms)
        if user.utc_offset_minutes != body.utc_offset_minutes:
            services.users.update(user.username, utc_offset_minutes=body.utc_offset_minutes)
    return token_json(request, user) | {"username": user.username, "name": user.name}


@routes.add("POST", "/logout", "/api/logout")
def logout(request: ApiRequest) -> dict[str, Any]:
    """Revoke the token that this was asked with."""
    services, owner = request.services, request.owner
    services.users.revoke_token(request.token_id, request.token_expires_ms, request.now_ms)
    # Who leaves is seldom back at once: a good moment to bring the base file up to date.
    services.storage.fold_soon(owner)
    return {}


@routes.add("POST", "/logout-everywhere", "/api/logout-everywhere")
def logout_everywhere(request: ApiRequest) -> dict[str, Any]:
    """Revoke all tokens of the caller."""
    services, owner = request.services, request.owner
    try:
        services.users.revoke_tokens(owner.username, owner.generation)
    except NotFoundError:
        raise UnauthorizedError from None
    services.storage.fold_soon(owner)
    return {}


def password_rules(settings: Settings) -> PasswordRules:
    """What a new password has to be."""
    return PasswordRules(settings.password_min_length, settings.password_reject_common)


def token_json(request: ApiRequest, user: User) -> dict[str, Any]:
    """A new token of the user, and when it expires."""
    services = request.services
    issued = services.tokens.issue(user, request.now_ms, _random_text(services))
    return {"token": issued.token, "expires_at": issued.expires_at_ms}


def _created(request: ApiRequest, registration: Registration, body: RegisterBody) -> User:
    """The new user, in no collection yet. Raises UsernameTakenError."""
    services = request.services
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
    return user


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
