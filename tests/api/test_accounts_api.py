import sqlite3
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest

from tests.support import local_http
from tests.support.anki import assert_clean
from tests.support.server import PASSWORD, Person, assert_error_shape, serving


def test_a_token_opens_what_nobody_else_may_see(person: Person, base_url: str) -> None:
    assert person.ok("GET", "/api/decks")["decks"]
    for headers in (
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer not.a.token"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": jwt.encode({"sub": person.username}, "x" * 32, "HS256")},
        {"Authorization": f"Bearer {jwt.encode({'sub': person.username}, 'x' * 32, 'HS256')}"},
    ):
        response = local_http.get(f"{base_url}/api/decks", headers=headers)
        assert response.status_code == 401, (headers, response.text)
        assert_error_shape(response)
        assert response.json()["error"] == "unauthorized"


def test_login_and_register_also_answer_under_api(base_url: str) -> None:
    account = {"username": "under-api", "name": "Ana", "password": PASSWORD}
    assert (
        local_http.post(f"{base_url}/api/register", json=account).json()["username"] == "under-api"
    )
    del account["name"]
    answer = local_http.post(f"{base_url}/api/login", json=account).json()
    assert answer["name"] == "Ana"
    assert answer["expires_at"] > 1_700_000_000_000
    assert local_http.get(f"{base_url}/api/health").json()["status"] == "healthy"


def test_the_username_is_one_in_any_case(person: Person, base_url: str) -> None:
    shouted = person.username.upper()
    account = {"username": shouted, "name": "Other", "password": PASSWORD}
    taken = local_http.post(f"{base_url}/register", json=account)
    assert (taken.status_code, taken.json()["error"]) == (400, "username_taken")
    login = local_http.post(f"{base_url}/login", json={"username": shouted, "password": PASSWORD})
    assert login.json()["username"] == person.username


def test_a_wrong_password_and_an_unknown_name_get_the_same_words(
    person: Person, base_url: str
) -> None:
    answers = [
        local_http.post(f"{base_url}/login", json={"username": username, "password": password})
        for username, password in (
            (person.username, "wrong password"),
            (person.username, "x" * 5000),
            ("nobody-here", PASSWORD),
            ("", ""),
            ("../../etc/passwd", "x"),
        )
    ]
    for answer in answers:
        assert_error_shape(answer)
        assert answer.status_code == 401
        assert answer.json()["error"] == "invalid_credentials"
    assert len({answer.json()["message"] for answer in answers}) == 1


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"username": "ab"}, {"username"}),
        ({"username": "has space"}, {"username"}),
        ({"username": "../../etc"}, {"username"}),
        ({"name": ""}, {"name"}),
        ({"password": "short"}, {"password"}),
        ({"password": "ã" * 40}, {"password"}),
        ({"username": "!", "name": "", "password": ""}, {"username", "name", "password"}),
        ({"username": 5, "password": None}, {"username", "password"}),
        ({"utc_offset_minutes": 841}, {"utc_offset_minutes"}),
        ({"utc_offset_minutes": "3"}, {"utc_offset_minutes"}),
        ({"sample_deck": "no"}, {"sample_deck"}),
        ({"usrname": "typo"}, {"usrname"}),
    ],
)
def test_a_bad_registration_names_every_bad_field(
    base_url: str, change: dict[str, object], fields: set[str]
) -> None:
    account = {"username": "fine-name", "name": "Fine", "password": PASSWORD}
    answer = local_http.post(f"{base_url}/register", json=account | change)
    assert_error_shape(answer)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == fields


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '"x"', '{"username": "\\ud800"}', "[" * 9999]
)
def test_what_is_not_a_json_object_is_refused(base_url: str, body: str) -> None:
    answer = local_http.post(
        f"{base_url}/register", content=body, headers={"Content-Type": "application/json"}
    )
    assert_error_shape(answer)
    assert answer.status_code == 400


def test_the_day_turns_by_the_offset_of_the_owner(
    new_person: Callable[..., Person], tmp_path: Path
) -> None:
    person = new_person(utc_offset_minutes=-180)
    body = {"username": person.username, "password": PASSWORD, "utc_offset_minutes": 120}
    person.ok("POST", "/login", json=body)
    file = person.export(tmp_path / "offset.anki2")
    with sqlite3.connect(file) as conn:
        query = "SELECT conf ->> 'creationOffset', conf ->> 'localOffset' FROM col"
        assert conn.execute(query).fetchone() == (180, -120)
    conn.close()
    assert_clean(file)


def test_a_name_whose_collection_is_there_without_a_user_is_not_given_away(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    account = {"username": "left-behind", "name": "Somebody", "password": PASSWORD}
    with serving(data) as base_url:
        local_http.post(f"{base_url}/register", json=account)
    (data / "admin.db").unlink()
    with serving(data) as base_url:
        answer = local_http.post(f"{base_url}/register", json=account)
        assert (answer.status_code, answer.json()["error"]) == (400, "username_taken")


def test_a_registration_that_was_cut_short_is_finished_by_the_login(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as base_url:
        person = Person(base_url, "cut-short")
        (data / "user_dbs" / "cut-short.anki2").unlink()
        with sqlite3.connect(data / "admin.db") as conn:
            conn.execute("UPDATE users SET ready = 0")
        conn.close()
        person.fails(404, "not_found", "GET", "/api/decks")
        person.log_in()
        assert len(person.ok("GET", "/api/decks")["decks"]) == 2
        person.close()
