"""Who a request comes from: the header, the token and the record of the user must all agree."""

import string

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chalicelib.accounts.authenticate import authenticate, bearer_token
from chalicelib.accounts.sqlite import SQLiteUserRepository
from chalicelib.accounts.tokens import SigningKey, TokenService
from chalicelib.accounts.users import UserRepository
from chalicelib.errors import StorageUnavailableError, UnauthorizedError
from tests.accounts.places import InSQLite, stored, user

NOW_MS = 1_700_000_000_000
TOKENS = TokenService([SigningKey("k1", b"1" * 32)], lifetime_s=60)
ANA = user(password_hash="")
HEADER = f"Bearer {TOKENS.issue(ANA, NOW_MS, 'jti').token}"


@pytest.fixture
def users(sqlite_place: InSQLite) -> UserRepository:
    repository = sqlite_place.open()
    repository.create(ANA)
    return repository


def assert_refused(users: UserRepository, header: str | None, now_ms: int = NOW_MS) -> None:
    with pytest.raises(UnauthorizedError):
        authenticate(header, TOKENS, users, now_ms)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", " Bearer ", "Bearer  "])
def test_a_valid_token_gives_its_user(users: UserRepository, scheme: str) -> None:
    header = HEADER.replace("Bearer", scheme)
    assert authenticate(header, TOKENS, users, NOW_MS).user == ANA


def test_the_user_is_as_stored_now_and_not_as_when_the_token_was_issued(
    users: UserRepository,
) -> None:
    changed = users.update("ana", name="New", ready=True)
    assert authenticate(HEADER, TOKENS, users, NOW_MS).user == changed


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        HEADER.removeprefix("Bearer "),
        HEADER.replace("Bearer", "Basic"),
        HEADER.replace("Bearer ", "Bearer"),
        f"{HEADER} x",
        f"{HEADER}, {HEADER}",
    ],
)
def test_a_header_of_another_form_is_refused(users: UserRepository, header: str | None) -> None:
    assert_refused(users, header)


def test_an_expired_token_is_refused(users: UserRepository) -> None:
    assert_refused(users, HEADER, NOW_MS + 60_000)


@pytest.mark.parametrize("version", [2, 0])
def test_a_token_of_another_version_is_refused(users: UserRepository, version: int) -> None:
    users.update("ana", token_version=version)
    assert_refused(users, HEADER)
    fresh = TOKENS.issue(stored(users), NOW_MS, "jti-2").token
    assert authenticate(f"Bearer {fresh}", TOKENS, users, NOW_MS).user == stored(users)


def test_the_token_of_a_deleted_user_is_refused_also_when_another_takes_the_name(
    users: UserRepository,
) -> None:
    users.delete("ana")
    assert_refused(users, HEADER)
    users.create(user(password_hash="", generation="g2"))
    assert_refused(users, HEADER)


def test_the_token_of_a_user_who_is_being_deleted_is_refused(users: UserRepository) -> None:
    users.begin_ending(stored(users), NOW_MS)
    assert_refused(users, HEADER)


def test_a_revoked_token_is_refused_and_no_other(users: UserRepository) -> None:
    users.revoke_token("jti", NOW_MS + 60_000, NOW_MS)
    assert_refused(users, HEADER)
    other = TOKENS.issue(ANA, NOW_MS, "jti-2").token
    assert authenticate(f"Bearer {other}", TOKENS, users, NOW_MS).claims.jti == "jti-2"


def test_an_outage_is_not_told_as_a_bad_token(
    users: UserRepository, sqlite_place: InSQLite
) -> None:
    assert isinstance(users, SQLiteUserRepository)
    sqlite_place.path.unlink()
    with pytest.raises(StorageUnavailableError):
        authenticate(HEADER, TOKENS, users, NOW_MS)
    assert_refused(users, "Bearer x")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.characters())
    | st.text(st.characters()).map(lambda text: f"Bearer {text}")
    | st.text(string.ascii_letters + "._- ").map(lambda text: f"{HEADER}{text}x")
)
@example("Bearer \ud800")
def test_any_other_header_is_refused_and_nothing_worse(users: UserRepository, header: str) -> None:
    assert_refused(users, header)


def test_the_token_of_a_header_can_be_had_alone() -> None:
    assert bearer_token("bearer a.b.c ") == "a.b.c"
    with pytest.raises(UnauthorizedError):
        bearer_token("a.b.c")
