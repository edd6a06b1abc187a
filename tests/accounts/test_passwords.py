from unicodedata import normalize

import bcrypt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chalicelib.accounts.passwords import (
    MAX_PASSWORD_BYTES,
    PasswordHasher,
    encode_password,
)
from tests.accounts.places import refused_fields

HASHER = PasswordHasher(rounds=4)
EARLIER_HASH = bcrypt.hashpw(b"password", bcrypt.gensalt(5)).decode()


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text())
def test_only_a_password_itself_matches_its_hash(password: str, other: str) -> None:
    assume(not refused_fields(lambda: encode_password(password)))
    password_hash = HASHER.hash(password)
    assert HASHER.verify(password, password_hash)
    assert HASHER.verify(other, password_hash) == (
        normalize("NFC", other) == normalize("NFC", password)
    )


@given(st.text(st.characters()))
def test_what_cannot_be_hashed_is_told_when_chosen_and_only_wrong_when_tried(
    password: str,
) -> None:
    if refused_fields(lambda: encode_password(password)):
        assert not HASHER.verify(password, HASHER.dummy_hash)
    else:
        encoding = encode_password(password)
        assert len(encoding) <= MAX_PASSWORD_BYTES
        assert encoding.decode() == normalize("NFC", password)


@pytest.mark.parametrize(
    "password", ["x" * 72, "é" * 36, "e\u0301" * 36, "\u1fb7" * 24, "\u03b1\u0342\u0345" * 24]
)
def test_72_bytes_after_nfc_are_taken_whole(password: str) -> None:
    password_hash = HASHER.hash(password)
    assert HASHER.verify(normalize("NFD", password), password_hash)
    assert not HASHER.verify(normalize("NFC", password)[:-1], password_hash)


@pytest.mark.parametrize(
    "password",
    ["x" * 73, "é" * 37, "\ud800", "a\0b", "a" + "\u0301\u0316" * 500_000, "x" * 10_000 + "\0"],
)
def test_a_password_bcrypt_cannot_take_is_refused_and_never_cut(password: str) -> None:
    assert refused_fields(lambda: HASHER.hash(password)) == {"password"}
    cut = password.encode("utf-8", "surrogatepass")[:MAX_PASSWORD_BYTES]
    assert not HASHER.verify(password, bcrypt.hashpw(cut, bcrypt.gensalt(4)).decode())


def test_a_hash_of_what_was_typed_in_the_earlier_version_is_recognised() -> None:
    typed = "e\u0301" * 8
    earlier = bcrypt.hashpw(typed.encode(), bcrypt.gensalt(4)).decode()
    assert HASHER.verify(typed, earlier)
    assert not HASHER.verify(normalize("NFC", typed), earlier)


def test_each_hash_has_a_salt_of_its_own_and_the_cost_asked_for() -> None:
    first, second = HASHER.hash("password"), HASHER.hash("password")
    assert first != second
    assert first.startswith("$2b$04$")


@pytest.mark.parametrize(("rounds", "outdated"), [(4, False), (5, False), (6, True)])
def test_a_hash_is_outdated_when_the_cost_rose(rounds: int, outdated: bool) -> None:
    assert PasswordHasher(rounds).needs_rehash(EARLIER_HASH) is outdated


@pytest.mark.parametrize("rounds", [4, 6])
def test_the_dummy_hash_makes_bcrypt_work_at_the_configured_cost(rounds: int) -> None:
    dummy_hash = PasswordHasher(rounds).dummy_hash.encode()
    assert dummy_hash.startswith(f"$2b${rounds:02}$".encode())
    assert bcrypt.checkpw(b"password", dummy_hash) is False  # a malformed one raises


@pytest.mark.parametrize("stored", ["", "plain text", "$2b$04$short", "é"])
def test_what_is_no_hash_is_nobodys_password(stored: str) -> None:
    assert not HASHER.verify("plain text", stored)
