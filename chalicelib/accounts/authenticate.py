"""From an Authorization header to the user behind it."""

from typing import NamedTuple

from chalicelib.accounts.tokens import Claims, TokenService
from chalicelib.accounts.users import User, UserRepository
from chalicelib.errors import UnauthorizedError


class Authenticated(NamedTuple):
    """The user behind a request, and what the token said."""

    user: User
    claims: Claims


def authenticate(
    authorization_header: str | None, tokens: TokenService, users: UserRepository, now_ms: int
) -> Authenticated:
    """Who the header's valid token stands for.

    Raises UnauthorizedError when there is none, when it was revoked, or when the user was deleted
    since, is being deleted, registered anew under the same name, or had all tokens revoked.
    StorageUnavailableError stays what it is.
    """
    claims = tokens.verify(bearer_token(authorization_header), now_ms)
    user = users.get(claims.username)
    if user is None or user.ending or user.generation != claims.generation:
        raise UnauthorizedError
    if user.token_version != claims.token_version:
        raise UnauthorizedError
    if users.is_token_revoked(claims.jti):
        raise UnauthorizedError
    return Authenticated(user, claims)


def bearer_token(authorization_header: str | None) -> str:
    """The token of `Bearer <token>`, the scheme in any case; raises UnauthorizedError.

    Source: RFC 6750, section 2.1.
    """
    scheme, _, token = (authorization_header or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise UnauthorizedError
    return token.strip()
