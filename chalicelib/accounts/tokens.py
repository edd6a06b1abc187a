"""Login tokens: signed JWTs that say who somebody is until when.

PyJWT is imported where it is used: it takes 50 to 90 ms.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from chalicelib.accounts.users import User
from chalicelib.errors import ConfigurationError, UnauthorizedError
from chalicelib.settings import MIN_SECRET_BYTES

ALGORITHM = "HS256"
ISSUER = "javumbo"
AUDIENCE = "javumbo-api"
REQUIRED_CLAIMS = ("exp", "iat", "sub", "jti", "iss", "aud", "ver", "gen")
MAX_TOKEN_LENGTH = 4096
# How far the clocks of two machines that issue and verify may be apart.
CLOCK_SKEW_S = 60
_KID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret of at least 32 bytes and the name, `kid`, under which tokens mention it.

    Raises ConfigurationError for a shorter one.
    """

    kid: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < MIN_SECRET_BYTES:
            raise ConfigurationError(f"A signing key has at least {MIN_SECRET_BYTES} bytes.")

    @classmethod
    def of(cls, secret: bytes) -> Self:
        """The key of a secret, its name a digest: it stays the same wherever the secret is kept."""
        return cls(hashlib.sha256(b"kid:" + secret).hexdigest()[:_KID_LENGTH], secret)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    token: str = field(repr=False)
    expires_at_ms: int


@dataclass(frozen=True, slots=True)
class Claims:
    """What a genuine, unexpired token says; whether it still holds, the user's record knows."""

    username: str
    generation: str
    token_version: int
    jti: str
    expires_at_ms: int


class TokenService:
    """Issues tokens with the first key and verifies those of all, so that keys can be rotated.

    Raises ConfigurationError when there is no key or two share a `kid`.
    """

    def __init__(self, keys: Sequence[SigningKey], lifetime_s: int) -> None:
        self._keys = {key.kid: key for key in keys}
        if not keys or len(self._keys) < len(keys):
            raise ConfigurationError(
                "There must be a secret that signs tokens, and no two may be the same."
            )
        self._signing_key = keys[0]
        self._lifetime_s = lifetime_s

    def issue(self, user: User, now_ms: int, jti: str) -> IssuedToken:
        """A token for `user` that expires after the service's lifetime.

        `jti` is random text that names this one token, so that it can be revoked.
        """
        import jwt  # noqa: PLC0415

        issued_at_s = now_ms // 1000
        expires_at_s = issued_at_s + self._lifetime_s
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": user.username,
            "gen": user.generation,
            "ver": user.token_version,
            "jti": jti,
            "iat": issued_at_s,
            "exp": expires_at_s,
        }
        key = self._signing_key
        token = jwt.encode(claims, key.secret, ALGORITHM, headers={"kid": key.kid})
        return IssuedToken(token, expires_at_s * 1000)

    def verify(self, token: str, now_ms: int) -> Claims:
        """What the token says; raises UnauthorizedError whatever is wrong with it."""
        payload = self._signed_payload(token)
        expires_at_s, issued_at_s = payload["exp"], payload["iat"]
        if not _are_whole(expires_at_s, issued_at_s, payload["ver"]):
            raise UnauthorizedError
        if not isinstance(payload["gen"], str):
            raise UnauthorizedError
        if now_ms >= expires_at_s * 1000 or now_ms < (issued_at_s - CLOCK_SKEW_S) * 1000:
            raise UnauthorizedError
        return Claims(
            username=payload["sub"],
            generation=payload["gen"],
            token_version=payload["ver"],
            jti=payload["jti"],
            expires_at_ms=expires_at_s * 1000,
        )

    def _signed_payload(self, token: str) -> dict[str, Any]:
        """The payload of a token that one of the keys signed; its times are not yet looked at."""
        import jwt  # noqa: PLC0415

        if len(token) > MAX_TOKEN_LENGTH:
            raise UnauthorizedError
        try:
            kid = jwt.get_unverified_header(token).get("kid", "")
            if kid not in self._keys:
                raise UnauthorizedError
            return jwt.decode(
                token,
                self._keys[kid].secret,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={
                    "require": list(REQUIRED_CLAIMS),
                    "strict_aud": True,
                    # By the caller's clock, not by PyJWT's.
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.PyJWTError, UnicodeEncodeError) as error:
            raise UnauthorizedError from error


def _are_whole(*claims: object) -> bool:
    """Whether all are whole numbers; a plain comparison takes JSON's `true` for 1."""
    return all(type(claim) is int for claim in claims)
