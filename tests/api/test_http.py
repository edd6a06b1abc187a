import json

import pytest
from chalice.app import Response

import app
from chalicelib.api.http import answer, error_response, in_contract_shape
from chalicelib.errors import ConflictError, JavumboError, TooManyRequestsError

ORIGIN = "https://example.test"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid_input"),
        (401, "unauthorized"),
        (403, "unauthorized"),
        (405, "method_not_allowed"),
        (415, "unsupported_media_type"),
        (500, "internal_error"),
    ],
)
def test_what_chalice_says_itself_gets_the_shape(status: int, code: str) -> None:
    theirs = Response({"Code": "Theirs", "Message": "SELECT secret"}, {"Allow": "GET"}, status)
    shaped = in_contract_shape(theirs, ORIGIN, "id-1")
    body = json.loads(shaped.body)
    assert (body["error"], body["request_id"], body["success"]) == (code, "id-1", False)
    assert "SELECT" not in shaped.body
    assert shaped.headers["Allow"] == "GET"
    assert shaped.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert shaped.status_code == (500 if status == 500 else status if status != 403 else 401)


def test_our_own_errors_pass_as_they_are() -> None:
    ours = error_response(ConflictError(), "id-1")
    assert json.loads(in_contract_shape(ours, ORIGIN, "id-2").body) == {
        "success": False,
        "error": "conflict",
        "message": ConflictError.default_message,
        "request_id": "id-1",
        "retry": True,
    }


def test_too_many_tries_say_when_to_come_back() -> None:
    response = error_response(TooManyRequestsError(retry_after_s=30), "id-1")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "30")


def test_an_unexpected_exception_is_logged_and_shown_to_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def view() -> dict[str, str]:
        raise RuntimeError("SELECT * FROM users")

    response = answer(view, "id-1")
    assert response.status_code == 500
    assert json.loads(response.body)["message"] == JavumboError.default_message
    assert "SELECT * FROM users" in caplog.text
    assert "id-1" in caplog.text


def test_the_authorizers_answer_is_kept_for_the_time_of_the_setting() -> None:
    (authorizer,) = app.app.builtin_auth_handlers
    assert authorizer.ttl_seconds == app.settings.authorizer_ttl_s
