"""What is counted before it is done: tries of a password, registrations and the like."""

from chalicelib.accounts.rules import username_key
from chalicelib.accounts.throttle import Limit, Ticket
from chalicelib.accounts.users import User
from chalicelib.api.request import ApiRequest
from chalicelib.api.source_address import source_address
from chalicelib.errors import InvalidCredentialsError, JavumboError


def verify_password(request: ApiRequest, username: str, password: str) -> User:
    """The user whose password this is; a wrong one counts for the name and for the address.

    Raises InvalidCredentialsError, alike for a wrong password, an unknown name and an account
    whose deletion has begun, and TooManyRequestsError before anything is compared.
    """
    tickets = _admitted(request, username)
    try:
        user = request.services.users.verify_password(username, password)
    except JavumboError:
        take_back(request, *tickets)  # nothing was learned
        raise
    if user is None:
        raise InvalidCredentialsError
    take_back(request, *tickets)
    return user


def count_from_address(request: ApiRequest, limit: Limit) -> Ticket:
    """Count one for the caller's address. Raises TooManyRequestsError."""
    return request.services.throttle.admit(limit, source_address(request), request.now_ms)


def take_back(request: ApiRequest, *tickets: Ticket) -> None:
    """What was counted does not count."""
    for ticket in tickets:
        request.services.throttle.take_back(ticket)


def _admitted(request: ApiRequest, username: str) -> tuple[Ticket, Ticket]:
    services = request.services
    name = services.throttle.admit(
        services.limits.name, username_key(username) or username, request.now_ms
    )
    try:
        return name, count_from_address(request, services.limits.address)
    except JavumboError:
        # Who may not try from here is no reason to keep the name's owner waiting.
        take_back(request, name)
        raise
