"""From an Authorization header to the user behind it."""

from chalicelib.accounts.tokens import TokenService
from chalicelib.accounts.users import User, UserRepository
from chalicelib.errors import UnauthorizedError


def authenticate(
    authorization_header: str | None, tokens: TokenService, users: UserRepository, now_ms: int
) -> User:
    """The user whose valid token the header carries.

    Raises UnauthorizedError when there is none, or when the user was deleted since, registered
    anew under the same name, or had all tokens revoked. StorageUnavailableError stays what it is.
    """
    claims = tokens.verify(bearer_token(authorization_header), now_ms)
    user = users.get(claims.username)
    if user is None or user.generation != claims.generation:
        raise UnauthorizedError
    if user.token_version != claims.token_version:
        raise UnauthorizedError
    return user


def bearer_token(authorization_header: str | None) -> str:
    """The token of `Bearer <token>`, the scheme in any case; raises UnauthorizedError.

    Source: RFC 6750, section 2.1.
    """
    scheme, _, token = (authorization_header or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise UnauthorizedError
    return token.strip()
