import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import BadInputError
from chalicelib.storage.keys import base_key


@given(st.from_regex(r"[a-z0-9._-]{3,32}", fullmatch=True))
def test_every_username_has_a_key_of_its_own_in_one_folder(username: str) -> None:
    assert base_key(username) == f"user_dbs/{username}.anki2"
    assert base_key(username).count("/") == 1


@pytest.mark.parametrize(
    "username",
    ["", "ab", "a" * 33, "Ada", "ada\n", "ada/bob", "../ada", "ada\0", "ädä", "ada bob", "ada%2f"],
)
def test_what_is_no_normalised_username_has_no_key(username: str) -> None:
    with pytest.raises(BadInputError):
        base_key(username)
