"""Addresses of media that a browser can use without a login, for a while."""

import base64
import binascii
import hashlib
import hmac

from chalicelib.errors import NotFoundError
from chalicelib.storage import Owner

# Addresses stay the same for half an hour, so that browsers can keep what they have loaded, and
# hold for half an hour to an hour.
_STEP_S = 1800
_MAX_TOKEN = 512
_PURPOSE = b"javumbo media links"


class MediaLinks:
    """Makes and checks tokens that stand for one registration's media until a time.

    Whoever has one can read this person's files by name, and nothing else.
    """

    def __init__(self, secret: bytes) -> None:
        """The service's `secret` signs nothing itself: the key is derived from it."""
        self._key = hmac.digest(secret, _PURPOSE, hashlib.sha256)

    def token(self, owner: Owner, now_ms: int) -> str:
        """Text of letters, digits, `-` and `_`."""
        expires_s = (now_ms // 1000 // _STEP_S + 2) * _STEP_S
        claims = f"{expires_s}/{owner.generation}/{owner.username}".encode()
        return base64.urlsafe_b64encode(self._mac(claims) + claims).decode().rstrip("=")

    def owner(self, token: str, now_ms: int) -> tuple[Owner, int]:
        """Whose media a token is for, and for how many more seconds.

        Raises NotFoundError for one that is not ours or has expired.
        """
        signed = _decoded(token)
        size = hashlib.sha256().digest_size
        mac, claims = signed[:size], signed[size:]
        if not hmac.compare_digest(mac, self._mac(claims)):
            raise NotFoundError
        expires_s, generation, username = claims.decode().split("/")
        left_s = int(expires_s) - now_ms // 1000
        if left_s <= 0:
            raise NotFoundError
        return Owner(username, generation), left_s

    def _mac(self, claims: bytes) -> bytes:
        return hmac.digest(self._key, claims, hashlib.sha256)


def _decoded(token: str) -> bytes:
    """The bytes of a token; only of the one text that stands for them."""
    if len(token) > _MAX_TOKEN or not token.isascii():
        raise NotFoundError
    try:
        signed = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise NotFoundError from None
    if base64.urlsafe_b64encode(signed).decode().rstrip("=") != token:
        raise NotFoundError
    return signed
