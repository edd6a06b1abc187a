"""What holds for every answer, under `javumbo serve` and under plain `chalice local`."""

from collections.abc import Mapping

import httpx
import pytest

from chalicelib.api.http import cors_headers
from tests.server.apps import ORIGIN

# Method, path, headers; status, code.
REFUSALS: list[tuple[str, str, Mapping[str, str | bytes], int, str]] = [
    ("GET", "/nowhere", {}, 404, "not_found"),
    ("GET", "/", {}, 404, "not_found"),
    ("GET", "/nowhere", {"Authorization": "Bearer user-ana"}, 404, "not_found"),
    ("GET", "/nowhere", {"Authorization": "sesión".encode()}, 404, "not_found"),
    ("OPTIONS", "/nowhere", {"Origin": ORIGIN}, 404, "not_found"),
    ("GET", "/ping;x=1", {}, 404, "not_found"),
    ("GET", "/p%69ng", {}, 404, "not_found"),
    ("GET", "/ping/more", {}, 404, "not_found"),
    ("POST", "/ping", {}, 405, "method_not_allowed"),
    ("DELETE", "/things/1", {}, 405, "method_not_allowed"),
    ("DELETE", "/protected", {}, 405, "method_not_allowed"),
    ("GET", "/protected", {}, 401, "unauthorized"),
    ("GET", "/protected", {"Authorization": ""}, 401, "unauthorized"),
    ("GET", "/protected", {"Authorization": "Basic eDp5"}, 401, "unauthorized"),
    ("GET", "/protected", {"Authorization": "Bearer sesión".encode()}, 401, "unauthorized"),
    ("GET", "/protected", {"Authorization": "Bearer " + "x" * 20_000}, 401, "unauthorized"),
    ("GET", "/protected", {"Authorization": "Bearer bug"}, 500, "internal_error"),
    ("GET", "/protected", {"Authorization": "Bearer nothing"}, 500, "internal_error"),
    ("GET", "/protected", {"Authorization": "Bearer storage"}, 503, "storage_unavailable"),
    ("GET", "/ping", {"X-Break": "dict"}, 500, "internal_error"),
]


@pytest.mark.parametrize(("method", "path", "headers", "status", "code"), REFUSALS)
def test_every_refusal_has_the_contracts_status_shape_and_cors_headers(
    either_client: httpx.Client,
    method: str,
    path: str,
    headers: Mapping[str, str | bytes],
    status: int,
    code: str,
) -> None:
    raw = [
        (name.encode(), value if isinstance(value, bytes) else value.encode())
        for name, value in headers.items()
    ]
    answer = either_client.request(method, path, headers=raw)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert body.pop("message").endswith(".")
    assert body.pop("retry", False) == (status == 503)
    request_id = answer.headers["X-Request-Id"]
    assert body == {"success": False, "error": code, "request_id": request_id}
    assert cors_headers(ORIGIN).items() <= dict_of(answer).items()
    assert answer.headers["Cache-Control"] == "no-store"


def dict_of(answer: httpx.Response) -> dict[str, str]:
    return {name: answer.headers[name] for name in cors_headers(ORIGIN) if name in answer.headers}


def test_a_wrong_method_is_told_the_right_ones(either_client: httpx.Client) -> None:
    answer = either_client.delete("/things/1")

    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, PUT"


def test_what_an_authorizer_raised_is_shown_to_nobody(either_client: httpx.Client) -> None:
    answer = either_client.get("/protected", headers={"Authorization": "Bearer bug"})

    assert "secret words" not in answer.text


def test_a_good_token_reaches_the_view_as_its_user(either_client: httpx.Client) -> None:
    answer = either_client.get("/protected", headers={"Authorization": "Bearer user-ana"})

    assert answer.json() == {"user": "ana"}


def test_preflight_needs_no_token_and_names_methods_and_headers(
    either_client: httpx.Client,
) -> None:
    answer = either_client.options("/protected", headers={"Origin": ORIGIN})

    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Methods"] == "GET,OPTIONS"
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


def test_head_is_get_without_the_body(either_client: httpx.Client) -> None:
    # A body that is sent all the same would be read as the next answer on this connection.
    answers = [either_client.head("/ping") for _ in range(2)]
    after = either_client.get("/ping")

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.content for answer in answers] == [b"", b""]
    assert after.json() == {"success": True}


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/protected", 401)])
def test_head_is_refused_as_get_is(either_client: httpx.Client, path: str, status: int) -> None:
    answer = either_client.head(path)

    assert answer.status_code == status
    assert answer.content == b""
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_path_parameters_arrive_undecoded(either_client: httpx.Client) -> None:
    answer = either_client.get("/things/h%C3%A9%20llo+x%2Fy;z")

    assert answer.json()["id"] == "h%C3%A9%20llo+x%2Fy%3Bz"


def test_a_query_keeps_every_value_decoded_and_in_order(either_client: httpx.Client) -> None:
    answer = either_client.get("/seen?tag=a&tag=%C3%A9%20%2B&empty=&tag=a")

    assert answer.json()["query"] == {"tag": ["a", "é +", "a"], "empty": [""]}


def test_a_header_with_several_values_is_sent_as_several(either_client: httpx.Client) -> None:
    answer = either_client.get("/cookies")

    assert answer.headers.get_list("Set-Cookie") == ["a=1", "b=2"]


def test_bytes_go_in_and_out_unchanged(either_client: httpx.Client) -> None:
    content = bytes(range(256)) * (3 * 1024 * 4)
    headers = {"Content-Type": "application/octet-stream", "Accept": "*/*"}
    answer = either_client.post("/bytes", content=content, headers=headers)

    assert len(content) == 3 * 1024 * 1024
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.content == content[::-1]


def test_a_client_that_names_no_type_accepts_any(either_client: httpx.Client) -> None:
    del either_client.headers["Accept"]
    headers = {"Content-Type": "application/octet-stream"}
    answer = either_client.post("/bytes", content=b"abc", headers=headers)

    assert answer.content == b"cba"


def test_json_from_a_view_says_that_it_is_json(either_client: httpx.Client) -> None:
    answer = either_client.put("/things/7", json={"front": "á"})

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"id": "7", "body": {"front": "á"}}
