"""What a username, a display name and a password may be."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.accounts.passwords import encode_password
from chalicelib.accounts.strength import is_common
from chalicelib.errors import BadInputError

MAX_NAME_LENGTH = 80
# NFC makes at most four code points one, and takes quadratic time over combining marks.
MAX_NAME_CODE_POINTS = 4 * MAX_NAME_LENGTH
MAX_KEY_BYTES = 255

_USERNAME = re.compile(r"[a-z0-9._-]{3,32}")
# Control characters, lone surrogates, and the separators that break a line.
_NOT_IN_NAMES = frozenset({"Cc", "Cs", "Zl", "Zp"})


class Registration(NamedTuple):
    """A username and a display name in the form in which they are stored."""

    username: str
    name: str


class PasswordRules(NamedTuple):
    """`min_length` counts characters of the NFC; `reject_common` refuses what is guessed first."""

    min_length: int
    reject_common: bool


def validate_registration(
    username: str, name: str, password: str, rules: PasswordRules
) -> Registration:
    """The username and name to store.

    Raises BadInputError with every bad field, not only the first, in `fields`.
    """
    checks = (
        lambda: normalise_username(username),
        lambda: check_name(name),
        lambda: check_password(password, rules, (username, name)),
    )
    fields: dict[str, str] = {}
    for check in checks:
        try:
            check()
        except BadInputError as error:
            fields |= error.fields
    if fields:
        raise BadInputError(fields=fields)
    return Registration(normalise_username(username), check_name(name))


def normalise_username(username: str) -> str:
    """The username case-folded; raises BadInputError with `fields["username"]`."""
    folded = username.lower()
    if not username.isascii() or not _USERNAME.fullmatch(folded):
        raise BadInputError(
            fields={"username": "must be 3 to 32 letters a-z, digits, dots, underscores or dashes"}
        )
    return folded


def username_key(username: str) -> str | None:
    """The case-folded name that users are stored under; None for what nobody can be called.

    It is wider than `normalise_username`: people who came with the earlier version of the service
    keep names that a new user could not choose.
    """
    try:
        folded = username.casefold()
        fits = 0 < len(folded.encode()) <= MAX_KEY_BYTES
    except UnicodeEncodeError:
        return None
    return folded if fits else None


def check_name(name: str) -> str:
    """The display name in NFC, without blanks around it.

    Raises BadInputError with `fields["name"]`: it has 1 to 80 characters, none of them a control
    character.
    """
    text = unicodedata.normalize("NFC", name[: MAX_NAME_CODE_POINTS + 1]).strip()
    if not 1 <= len(text) <= MAX_NAME_LENGTH or len(name) > MAX_NAME_CODE_POINTS:
        raise BadInputError(fields={"name": f"must have 1 to {MAX_NAME_LENGTH} characters"})
    if any(unicodedata.category(character) in _NOT_IN_NAMES for character in text):
        raise BadInputError(fields={"name": "has a character that cannot be part of a name"})
    return text


def check_password(password: str, rules: PasswordRules, own_texts: Sequence[str] = ()) -> None:
    """Raises BadInputError with `fields["password"]`.

    The most is 72 bytes of the NFC's UTF-8 (bcrypt's limit). `own_texts` are the person's names.
    """
    if len(encode_password(password).decode()) < rules.min_length:
        raise BadInputError(
            fields={"password": f"must have at least {rules.min_length} characters"}
        )
    if rules.reject_common and is_common(password, own_texts):
        raise BadInputError(fields={"password": "is too common: it would be guessed at once"})
