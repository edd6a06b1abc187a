from unicodedata import category, is_normalized, normalize

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.accounts.rules import (
    PasswordRules,
    check_name,
    check_password,
    normalise_username,
    username_key,
    validate_registration,
)
from tests.accounts.places import refused_fields

RULES = PasswordRules(min_length=8, reject_common=True)
GOOD = "abcdefghijklmnopqrstuvwxyz0123456789._-"


@given(st.text(GOOD + GOOD.upper(), min_size=3, max_size=32))
def test_a_good_username_is_taken_in_any_case_and_stored_in_one(username: str) -> None:
    assert normalise_username(username) == username.lower()
    assert username_key(username) == normalise_username(username)


@given(st.text(st.characters()) | st.text(GOOD, max_size=40))
def test_an_accepted_username_has_3_to_32_of_the_allowed_characters(username: str) -> None:
    good = 3 <= len(username) <= 32 and set(username) <= set(GOOD + GOOD.upper())
    refused = refused_fields(lambda: normalise_username(username))
    assert refused == (set() if good else {"username"})


@pytest.mark.parametrize(
    "username",
    ["\u212aate", "\u017fam", "ana\n", " ana", "../x", "a/b", "\uff41\uff4e\uff41", "straße"],
)
def test_lookalikes_blanks_and_paths_are_no_usernames(username: str) -> None:
    assert refused_fields(lambda: normalise_username(username)) == {"username"}


@given(st.text(st.characters()))
def test_the_key_of_any_text_is_case_folded_encodable_and_its_own_key(username: str) -> None:
    key = username_key(username)
    if key is not None:
        assert key == username_key(key) == username.casefold()
        assert 1 <= len(key.encode()) <= 255


@given(st.text(st.characters(), max_size=100))
def test_an_accepted_name_is_one_line_of_nfc(name: str) -> None:
    assume(not refused_fields(lambda: check_name(name)))
    accepted = check_name(name)
    assert accepted == normalize("NFC", name).strip()
    assert 1 <= len(accepted) <= 80
    assert is_normalized("NFC", accepted)
    assert not any(category(character) in {"Cc", "Cs"} for character in accepted)


@pytest.mark.parametrize("name", ["A", "n" * 80, "e\u0301" * 80, "👩‍🎓", "مريم", " Ana "])
def test_a_name_of_any_script_is_taken(name: str) -> None:
    assert check_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "n" * 81,
        "a\nb",
        "a\0b",
        "a\x7fb",
        "\ud800",
        "a\u2028b",
        "a" + "\u0301\u0316" * 500_000,
        "Ana" + " " * 400 + "tail",
    ],
)
def test_an_empty_long_or_broken_name_is_refused(name: str) -> None:
    assert refused_fields(lambda: check_name(name)) == {"name"}


@pytest.mark.parametrize("password", ["é" * 8, "e\u0301" * 8, "Qx7 " * 18])
def test_a_password_is_counted_in_characters_and_limited_in_bytes(password: str) -> None:
    check_password(password, RULES)


@pytest.mark.parametrize(
    "password", ["", "1234567", "e\u0301" * 7, "x" * 73, "\ud800" * 8, "\0" * 8]
)
def test_a_short_long_or_unusable_password_is_refused(password: str) -> None:
    assert refused_fields(lambda: check_password(password, RULES)) == {"password"}


def test_a_registration_is_returned_as_it_is_stored() -> None:
    assert validate_registration("Ana.B", " Ana ", "correct horse", RULES) == ("ana.b", "Ana")


@pytest.mark.parametrize(
    ("username", "name", "password", "bad"),
    [
        ("a", "", "short", {"username", "name", "password"}),
        ("ana", "", "short", {"name", "password"}),
        ("ana", "Ana", "short", {"password"}),
        ("ana", "Ana", "Password1", {"password"}),
        ("ana.lucia", "", "Ana.Lucia", {"name", "password"}),
        ("a", "Ana", "correct horse", {"username"}),
    ],
)
def test_every_bad_field_is_reported_at_once(
    username: str, name: str, password: str, bad: set[str]
) -> None:
    assert refused_fields(lambda: validate_registration(username, name, password, RULES)) == bad


@pytest.mark.parametrize(
    "password", ["password1", "PASSWORD1", "iloveyou", "ana.lucia", "Lucía Ñandú"]
)
def test_what_is_guessed_first_is_refused_unless_the_setting_says_otherwise(password: str) -> None:
    own = ("ana.lucia", "Lucía Ñandú")
    assert refused_fields(lambda: check_password(password, RULES, own)) == {"password"}
    check_password(password, RULES._replace(reject_common=False), own)
    check_password("correct horse", RULES, own)
