"""What the library sends again, when, and what it must never do twice."""

import threading

import pytest

from javumbo.client import (
    Javumbo,
    NotLoggedInError,
    ServiceError,
    UnfinishedError,
    UnreachableError,
    WrongUsageError,
)
from javumbo.client.http import Service, is_private_way
from tests.client.stub import SILENT, Answer, Stub, ok, refused
from tests.support.server import Person

CONFLICT = refused(409, "conflict", retry=True)
BUSY = refused(503, "storage_unavailable", retry=True)
ADDED = ok(note_id=5, card_id=6, card_ids=[6])


def test_a_collision_is_tried_again_under_the_same_key(
    stub: Stub, stub_client: Javumbo, waits: list[float]
) -> None:
    stub.answers(CONFLICT, CONFLICT, CONFLICT, ADDED)
    assert stub_client.add(1, "a", "b").note_id == 5
    assert waits == [0.1, 0.2, 0.4]
    assert len({asked.headers["idempotency-key"] for asked in stub.asked}) == 1
    assert len({asked.body for asked in stub.asked}) == 1


def test_each_change_has_a_key_of_its_own(stub: Stub, stub_client: Javumbo) -> None:
    stub.answers(ADDED)
    for _ in range(3):
        stub_client.add(1, "a", "b")
    keys = {asked.headers["idempotency-key"] for asked in stub.asked}
    assert len(keys) == 3
    assert all(0 < len(key) <= 64 for key in keys)


def test_after_three_more_tries_a_collision_is_an_error(
    stub: Stub, stub_client: Javumbo, waits: list[float]
) -> None:
    stub.answers(CONFLICT)
    with pytest.raises(ServiceError) as caught:
        stub_client.add(1, "a", "b")
    assert (caught.value.code, caught.value.status, caught.value.retry) == ("conflict", 409, True)
    assert len(stub.asked) == 4
    assert len(waits) == 3


@pytest.mark.parametrize(
    "answer",
    [
        refused(409, "stale_card"),
        refused(400, "invalid_input", fields={"front": "is missing"}),
        refused(404, "not_found"),
        refused(500, "internal_error"),
        refused(401, "unauthorized"),
    ],
)
def test_what_would_fail_again_is_sent_once(
    answer: Answer, stub: Stub, stub_client: Javumbo, waits: list[float]
) -> None:
    stub.answers(answer)
    with pytest.raises((ServiceError, NotLoggedInError)):
        stub_client.add(1, "a", "b")
    assert len(stub.asked) == 1
    assert waits == []


@pytest.mark.parametrize(("status", "code"), [(429, "too_many_requests"), (503, "x")])
def test_a_service_that_says_how_long_to_wait_is_believed(
    status: int, code: str, stub: Stub, stub_client: Javumbo, waits: list[float]
) -> None:
    stub.answers(refused(status, code, retry_after="7"), refused(status, code), ok(decks=[]))
    assert stub_client.decks() == []
    assert waits == [7, 0.6]


def test_nobody_waits_for_an_hour(stub: Stub, stub_client: Javumbo, waits: list[float]) -> None:
    stub.answers(refused(429, "too_many_requests", retry_after="3600"))
    with pytest.raises(ServiceError) as caught:
        stub_client.decks()
    assert caught.value.retry_after_s == 3600
    assert (len(stub.asked), waits) == (1, [])


@pytest.mark.parametrize(
    "text", ["", "soon", "-1", "1e9", "9" * 40, "Wed, 21 Oct 2026 07:28:00 GMT"]
)
def test_a_wait_that_is_not_understood_is_an_ordinary_one(
    text: str, stub: Stub, stub_client: Javumbo, waits: list[float]
) -> None:
    stub.answers(refused(503, "x", retry_after=text), ok(decks=[]))
    stub_client.decks()
    assert waits == [0.2]


def test_a_lost_answer_is_asked_for_again_with_the_same_key(
    stub: Stub, stub_client: Javumbo
) -> None:
    stub.answers(SILENT, SILENT, ADDED)
    assert stub_client.add(1, "a", "b").note_id == 5
    assert len({asked.headers["idempotency-key"] for asked in stub.asked}) == 1


def test_a_lost_answer_of_the_real_service_adds_one_note(person: Person, base_url: str) -> None:
    token = person.http.headers["Authorization"].removeprefix("Bearer ")
    with Javumbo(base_url, token) as client:
        first = client.add(1, "a", "b", key="one")
        assert client.add(1, "a", "b", key="one") == first
    assert person.ok("GET", "/api/cards")["pagination"]["total"] == 1


def test_where_nobody_is_there_it_says_so(stub: Stub, waits: list[float]) -> None:
    said = pytest.raises(UnreachableError, match=r"http://127\.0\.0\.1:9 cannot be reached")
    with Javumbo("http://127.0.0.1:9", "t", sleep=waits.append) as client, said:
        client.decks()
    assert waits == [0.2, 0.6, 1.8]


def test_silence_is_no_refusal(stub: Stub, waits: list[float]) -> None:
    release = threading.Event()

    def never(_: object) -> Answer:
        release.wait(30)
        return ok()

    stub.answer = never
    said = pytest.raises(UnfinishedError)
    try:
        with Javumbo(stub.url, "t", timeout_s=0.2, sleep=waits.append) as client, said:
            client.decks()
    finally:
        release.set()


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=b"<html>Welcome</html>"),
        Answer(body=b"[]"),
        Answer(body=b'{"success": true, "decks": {}}'),
        Answer(body=b'{"success": true, "decks": [{"id": "x"}]}'),
        Answer(body=b'{"decks": []}'),
        Answer(body=b"[" * 100_000),
        Answer(status=302, headers={"Location": "https://elsewhere.example/"}),
    ],
)
def test_something_else_than_javumbo_is_told_apart(
    answer: Answer, stub: Stub, stub_client: Javumbo
) -> None:
    stub.answers(answer)
    with pytest.raises(UnreachableError):
        stub_client.decks()
    assert len(stub.asked) == 1


def test_a_gateways_own_error_is_an_error_of_the_service(
    stub: Stub, stub_client: Javumbo, waits: list[float]
) -> None:
    stub.answers(Answer(status=502, body=b"<html>bad</html>"))
    with pytest.raises(ServiceError, match="502") as caught:
        stub_client.decks()
    assert caught.value.status == 502
    assert len(waits) == 3


def test_an_error_cannot_command_the_terminal(stub: Stub, stub_client: Javumbo) -> None:
    stub.answers(refused(400, "x", message="\x1b[2J" + "a" * 1000, fields={"\x1b": "\x07"}))
    with pytest.raises(ServiceError) as caught:
        stub_client.decks()
    assert caught.value.message.startswith("?[2Jaaa")
    assert len(caught.value.message) == 300
    assert caught.value.fields == {"?": "?"}


@pytest.mark.parametrize(
    "address",
    [
        "",
        "localhost:8000",
        "ftp://x",
        "http://",
        "http://a:b@x",
        "http://x:99999",
        "http://[",
        "http://x?y",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(WrongUsageError):
        Service(address)


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("https://example.org", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("http://192.168.1.2", False),
        ("http://localhost.example.org", False),
    ],
)
def test_who_can_read_along_is_known(address: str, private: bool) -> None:
    assert is_private_way(address) is private


def test_the_token_is_in_no_text_of_an_error_or_a_login() -> None:
    from javumbo.client import Login

    assert "secret" not in repr(Login("http://x", "ada", "secret", 1))
