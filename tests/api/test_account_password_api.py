"""Choosing a password, changing it, and how strong it is."""

from typing import Any

import pytest

from tests.support import local_http
from tests.support.server import PASSWORD, Person, assert_error_shape

CHANGE = "/api/account/password"


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"new_password": "short"}, {"new_password"}),
        ({"new_password": "x" * 73}, {"new_password"}),
        ({"new_password": "e\u0301" * 37}, {"new_password"}),
        ({"new_password": "nul\0 nul nul"}, {"new_password"}),
        ({"new_password": "password1"}, {"new_password"}),
        ({"new_password": "A Person"}, {"new_password"}),
        ({"new_password": 5}, {"new_password"}),
        ({"new_password": None, "current_password": None}, {"new_password", "current_password"}),
        ({"password": PASSWORD}, {"password"}),
    ],
)
def test_a_bad_new_password_is_told_and_nothing_changes(
    person: Person, change: dict[str, Any], fields: set[str]
) -> None:
    body = {"current_password": PASSWORD, "new_password": "battery staple"} | change
    error = person.fails(400, "invalid_input", "POST", CHANGE, json=body)
    assert set(error["fields"]) == fields
    person.ok("GET", "/api/account")
    person.log_in()


@pytest.mark.parametrize("wrong", ["", "wrong password", "x" * 73, "\0", "é" * 5000])
def test_a_wrong_current_password_changes_nothing(person: Person, wrong: str) -> None:
    body = {"current_password": wrong, "new_password": "battery staple"}
    person.fails(401, "invalid_credentials", "POST", CHANGE, json=body)
    person.ok("GET", "/api/account")
    person.log_in()


def test_72_bytes_are_taken_and_recognised_however_they_are_composed(person: Person) -> None:
    body = {"current_password": PASSWORD, "new_password": "é" * 12 + "e\u0301n\u0303" * 12}
    person.ok("POST", CHANGE, json=body)
    login = {"username": person.username, "password": "e\u0301" * 13 + "ñ" + "éñ" * 11}
    assert local_http.post(f"{person.http.base_url}/login", json=login).status_code == 200
    login["password"] = login["password"][:-1]
    assert local_http.post(f"{person.http.base_url}/login", json=login).status_code == 401


@pytest.mark.parametrize("password", ["password1", "iloveyou", "QWERTY123", "Very.Own.Name"])
def test_what_is_guessed_first_is_no_password_for_a_registration(
    base_url: str, password: str
) -> None:
    account = {"username": "very.own.name", "name": "Anybody", "password": password}
    answer = local_http.post(f"{base_url}/register", json=account)
    assert_error_shape(answer)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"password"}


def test_the_strength_of_a_password_is_told_to_who_is_about_to_choose_it(base_url: str) -> None:
    def told(**body: Any) -> Any:
        answer = local_http.post(f"{base_url}/api/password-strength", json=body)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        return answer.json()

    assert told(password=PASSWORD) == {
        "success": True,
        "score": 4,
        "warning": None,
        "suggestions": [],
        "problem": None,
    }
    common = told(password="password1")
    assert (common["score"], common["warning"]) == (0, "common")
    assert "too common" in common["problem"]
    assert told(password="Zorblaxo12")["problem"] is None
    assert told(password="Zorblaxo12", username="zorblaxo12")["problem"]
    assert (
        told(password="Zorblaxo12", name="Ana Zorblaxo")["score"]
        < told(password="Zorblaxo12")["score"]
    )


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", "at least 8"),
        ("short", "at least 8"),
        ("Qx7 " * 100, "72 bytes"),
        ("a\0b", "character"),
    ],
)
def test_the_strength_says_why_a_registration_would_refuse(
    base_url: str, password: str, problem: str
) -> None:
    answer = local_http.post(
        f"{base_url}/api/password-strength", json={"password": password}
    ).json()
    assert problem in answer["problem"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [({}, {"password"}), ({"password": 5}, {"password"}), ({"password": "x", "a": 1}, {"a"})],
)
def test_a_bad_question_about_strength_is_told(
    base_url: str, body: dict[str, Any], fields: set[str]
) -> None:
    answer = local_http.post(f"{base_url}/api/password-strength", json=body)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == fields
