from collections.abc import Callable

import pytest

import app
from tests.support import local_http
from tests.support.server import Person, assert_error_shape

ORIGIN = "http://localhost:5173"
PUBLIC = {
    "/health",
    "/openapi.json",
    "/register",
    "/login",
    "/password-strength",
    "/media/{token}/{name}",
    "/uploads/{token}",
    "/downloads/{token}",
}


def test_every_route_but_the_public_ones_asks_for_a_token(base_url: str) -> None:
    for path, methods in app.app.routes.items():
        for method in methods:
            address = base_url + path.replace("{deck_id}", "1").replace("{card_id}", "1")
            response = local_http.request(method, address)
            if path.removeprefix("/api") in PUBLIC:
                assert response.status_code != 401
            else:
                assert response.status_code == 401, (method, path)
                assert_error_shape(response)


def test_every_route_answers_preflights_for_the_one_origin(base_url: str) -> None:
    for path, methods in app.app.routes.items():
        address = base_url + path.replace("{deck_id}", "1").replace("{card_id}", "1")
        response = local_http.options(address)
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == ORIGIN
        allowed = response.headers["access-control-allow-methods"].split(",")
        assert set(methods) <= set(allowed)
        assert "Authorization" in response.headers["access-control-allow-headers"]


def test_good_answers_carry_cors_and_are_kept_by_no_cache(person: Person) -> None:
    response = person.call("GET", "/api/decks")
    assert response.headers["access-control-allow-origin"] == ORIGIN
    exposed = response.headers["access-control-expose-headers"]
    assert {"Retry-After", "Content-Disposition", "ETag"} <= set(exposed.split(","))
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/api/decks/1/nowhere", 404, "not_found"),
        ("PATCH", "/api/decks", 405, "method_not_allowed"),
        ("GET", "/login", 405, "method_not_allowed"),
    ],
)
def test_unknown_paths_and_methods(
    person: Person, method: str, path: str, status: int, code: str
) -> None:
    person.fails(status, code, method, path)


def test_other_content_types_are_415(person: Person) -> None:
    person.fails(415, "unsupported_media_type", "POST", "/api/decks", data={"name": "form"})


def test_an_idempotency_key_must_be_one(person: Person) -> None:
    for key in ("", "x" * 65, "two words"):
        headers = {"Idempotency-Key": key}
        body = {"name": "A"}
        person.fails(400, "invalid_input", "POST", "/api/decks", json=body, headers=headers)
    person.ok("POST", "/api/decks", json={"name": "A"}, headers={"Idempotency-Key": "k-1"})


def test_a_request_that_only_reads_writes_nothing(new_person: Callable[..., Person]) -> None:
    person = new_person()
    deck = person.ok("GET", "/api/decks")["decks"][0]["id"]
    card = person.ok("GET", "/api/cards")["cards"][0]["id"]
    before = person.call("GET", "/api/export").content
    for path in (
        "/api/decks",
        f"/api/decks/{deck}",
        f"/api/decks/{deck}/options",
        "/api/cards",
        f"/api/cards/{card}",
        "/api/notetypes",
        f"/api/review/{deck}",
        "/api/export",
    ):
        assert person.call("GET", path).status_code == 200
    person.log_in()
    assert person.call("GET", "/api/export").content == before
