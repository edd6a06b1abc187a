"""Passwords: bcrypt over the UTF-8 of their NFC."""

import unicodedata
from collections.abc import Callable

import bcrypt

from chalicelib.errors import BadInputError

# bcrypt reads no more; version 5 of the package raises above it, earlier ones cut silently.
MAX_PASSWORD_BYTES = 72
# NFC makes at most four code points one, and takes quadratic time over combining marks: whatever
# is longer cannot fit, and is not read further.
MAX_CODE_POINTS = 4 * MAX_PASSWORD_BYTES
# The salt and digest of a random password that nobody kept.
_DUMMY_TAIL = "soo50tc/xXngHcurwfwGAuyO3eLZsJ5QqrPhwvXH2Ui88x8q99RwO"


class PasswordHasher:
    """Hashes and checks passwords at a cost of 2**`rounds`.

    `checkpw` is bcrypt's own check unless a test wants to count its calls.
    """

    def __init__(
        self, rounds: int, checkpw: Callable[[bytes, bytes], bool] = bcrypt.checkpw
    ) -> None:
        self._rounds = rounds
        self._checkpw = checkpw
        self.dummy_hash = f"$2b${rounds:02}${_DUMMY_TAIL}"

    def hash(self, password: str) -> str:
        """A new hash with a salt of its own.

        Raises BadInputError, with the reason in `fields["password"]`, for what bcrypt cannot take.
        """
        return bcrypt.hashpw(encode_password(password), bcrypt.gensalt(self._rounds)).decode()

    def verify(self, password: str, password_hash: str) -> bool:
        """Whether this is the password; any text may be asked about.

        Hashes of the earlier version of the service were of the text as it was typed, so that is
        tried after NFC. A password that no hash can be of costs the same work.
        """
        encodings = _encodings(password)
        if not encodings:
            self._check(b"", password_hash)
            return False
        return any(self._check(encoding, password_hash) for encoding in encodings)

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether the hash was made at a lower cost than is asked for now."""
        return int(password_hash.split("$")[2]) < self._rounds

    def _check(self, encoding: bytes, password_hash: str) -> bool:
        try:
            return self._checkpw(encoding, password_hash.encode())
        except ValueError:  # what is stored is not a hash of bcrypt's: nobody's password
            return False


def encode_password(password: str) -> bytes:
    """The bytes that are hashed for a new password: UTF-8 of its NFC.

    Raises BadInputError, with the reason in `fields["password"]`.
    """
    normalised = unicodedata.normalize("NFC", password[:MAX_CODE_POINTS])
    encoding = _bcrypt_input(normalised)
    if encoding is None:
        raise _bad_password("has a character that cannot be part of a password")
    if len(encoding) > MAX_PASSWORD_BYTES:
        raise _bad_password(f"is longer than {MAX_PASSWORD_BYTES} bytes")
    return encoding


def _encodings(password: str) -> list[bytes]:
    """What may have been hashed for this text, most likely first; nothing if it is impossible."""
    if len(password) > MAX_CODE_POINTS:
        return []
    texts = dict.fromkeys((unicodedata.normalize("NFC", password), password))
    encodings = [_bcrypt_input(text) for text in texts]
    return [one for one in encodings if one is not None and len(one) <= MAX_PASSWORD_BYTES]


def _bcrypt_input(text: str) -> bytes | None:
    """UTF-8, or None where there is none (lone surrogates) or a C string would end early."""
    try:
        encoding = text.encode()
    except UnicodeEncodeError:
        return None
    return None if b"\0" in encoding else encoding


def _bad_password(reason: str) -> BadInputError:
    return BadInputError("This password cannot be used.", fields={"password": reason})
