"""Which tokens are let in: over HTTP, by all the ways in which one stops being good."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from chalicelib.accounts.tokens import SigningKey
from tests.support import local_http
from tests.support.clocked_server import CLOCK, COMMAND, FileClock
from tests.support.server import (
    PASSWORD,
    SERVE,
    Person,
    assert_error_shape,
    server_process,
    serving,
)

CURRENT, PREVIOUS, FOREIGN = (SigningKey.of(letter * 64) for letter in (b"c", b"p", b"f"))
KEYS = {"SECRET_KEY": "c" * 64, "SECRET_KEY_PREVIOUS": "p" * 64}
NEW_PASSWORD = "battery staple horse"


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("tokens") / "data", SERVE, **KEYS) as url:
        yield url


def token_of(person: Person) -> str:
    token: str = person.http.headers["Authorization"].removeprefix("Bearer ")
    return token


def another_device(person: Person) -> Person:
    return Person(str(person.http.base_url), person.username, registered=True)


def is_let_in(base_url: str, token: str) -> bool:
    answer = local_http.get(f"{base_url}/api/account", headers={"Authorization": f"Bearer {token}"})
    if answer.status_code != 200:
        assert answer.status_code == 401
        assert_error_shape(answer)
        assert answer.json()["error"] == "unauthorized"
    return answer.status_code == 200


def forged(person: Person, key: SigningKey = CURRENT, kid: Any = ..., **changes: Any) -> str:
    """The person's token, but for the changes (None takes a claim away), signed by `key`."""
    claims = jwt.decode(token_of(person), options={"verify_signature": False}) | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key.secret, "HS256", {"kid": key.kid if kid is ... else kid})


@pytest.mark.parametrize("path", ["/logout", "/api/logout"])
def test_logging_out_ends_this_token_and_no_other(person: Person, path: str) -> None:
    base_url, device = str(person.http.base_url), another_device(person)
    assert person.ok("POST", path) == {"success": True}
    assert not is_let_in(base_url, token_of(person))
    person.fails(401, "unauthorized", "POST", path)
    assert is_let_in(base_url, token_of(device))
    person.log_in()
    assert is_let_in(base_url, token_of(person))
    device.close()


@pytest.mark.parametrize("path", ["/logout-everywhere", "/api/logout-everywhere"])
def test_logging_out_everywhere_ends_all_tokens_of_this_person(
    new_person: Callable[..., Person], path: str
) -> None:
    person, other = new_person(), new_person()
    base_url, device = str(person.http.base_url), another_device(person)
    assert person.ok("POST", path) == {"success": True}
    for one in (person, device):
        assert not is_let_in(base_url, token_of(one))
        one.log_in()
        assert is_let_in(base_url, token_of(one))
    assert is_let_in(base_url, token_of(other))
    device.close()


def test_a_new_password_ends_the_tokens_of_the_old_one_and_gives_one_to_go_on_with(
    person: Person,
) -> None:
    base_url, device = str(person.http.base_url), another_device(person)
    before = token_of(person)
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    changed = person.ok("POST", "/api/account/password", json=body)
    assert changed["expires_at"] > 1_700_000_000_000
    assert not is_let_in(base_url, before)
    assert not is_let_in(base_url, token_of(device))
    assert is_let_in(base_url, changed["token"])
    login = {"username": person.username, "password": PASSWORD}
    assert local_http.post(f"{base_url}/login", json=login).status_code == 401
    login["password"] = NEW_PASSWORD
    assert is_let_in(base_url, local_http.post(f"{base_url}/login", json=login).json()["token"])
    device.close()


def test_a_deleted_account_lets_nobody_in_not_even_when_the_name_is_taken_again(
    person: Person,
) -> None:
    base_url, device = str(person.http.base_url), another_device(person)
    assert person.ok("DELETE", "/api/account", json={"password": PASSWORD})["finished"]
    again = Person(base_url, person.username)
    for old in (person, device):
        assert not is_let_in(base_url, token_of(old))
    assert is_let_in(base_url, token_of(again))
    device.close()
    again.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"jti": None},
        {"iss": None},
        {"aud": None},
        {"ver": None},
        {"gen": None},
        {"exp": 1_700_000_000},
        {"iat": 99_999_999_999, "exp": 99_999_999_999},
        {"iss": "somebody"},
        {"aud": "another-api"},
        {"aud": ["javumbo-api", "another-api"]},
        {"sub": "nobody"},
        {"ver": 2},
        {"gen": "0" * 32},
        {"key": FOREIGN},
        {"kid": PREVIOUS.kid},
        {"kid": FOREIGN.kid},
        {"kid": "1"},
        {"kid": ""},
    ],
)
def test_a_token_that_is_not_as_it_was_issued_is_refused(
    person: Person, changes: dict[str, Any]
) -> None:
    base_url = str(person.http.base_url)
    assert is_let_in(base_url, forged(person))
    assert not is_let_in(base_url, forged(person, **changes))


def test_no_algorithm_and_another_one_are_refused(person: Person) -> None:
    claims = jwt.decode(token_of(person), options={"verify_signature": False})
    header = {"kid": CURRENT.kid}
    for token in (
        jwt.encode(claims, "", "none", header),
        jwt.encode(claims, CURRENT.secret, "HS512", header),
        token_of(person).rpartition(".")[0] + ".",
    ):
        assert not is_let_in(str(person.http.base_url), token)


def test_what_the_previous_key_signed_is_good_and_the_current_one_signs(person: Person) -> None:
    assert is_let_in(str(person.http.base_url), forged(person, PREVIOUS))
    assert jwt.get_unverified_header(token_of(person))["kid"] == CURRENT.kid


def test_a_key_is_rotated_without_logging_anybody_out(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, SECRET_KEY="p" * 64) as url:
        person = Person(url, "rotating")
        token = token_of(person)
        person.close()
    with serving(data, SERVE, **KEYS) as url:
        assert is_let_in(url, token)
    with serving(data, SECRET_KEY="c" * 64) as url:
        assert not is_let_in(url, token)


def test_a_token_ends_at_its_time_and_a_revocation_is_forgotten_no_earlier(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock")
    now_ms = 1_800_000_000_000
    clock.set(now_ms)
    environ = {CLOCK: str(clock.path), "TOKEN_LIFETIME_S": "3600"}
    with server_process(tmp_path / "data", COMMAND, **environ) as (url, _):
        person = Person(url, "on.time")
        device = another_device(person)
        person.ok("POST", "/logout")
        clock.set(now_ms + 3_599_999)
        another_device(device).close()  # a login, and a logout, prune what is over
        assert is_let_in(url, token_of(device))
        assert not is_let_in(url, token_of(person))
        device.ok("POST", "/logout")
        assert not is_let_in(url, token_of(person))
        person.log_in()
        clock.set(now_ms + 3_600_000)
        assert not is_let_in(url, token_of(device))
        assert is_let_in(url, token_of(person))
        device.close()
        person.close()
