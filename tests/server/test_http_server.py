"""What `javumbo serve` does beyond what `chalice local` can."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from waitress.adjustments import Adjustments

from chalicelib.errors import ConfigurationError
from javumbo.connections import limited_parser
from javumbo.http_server import HttpServer
from javumbo.wsgi import wsgi_app
from tests.server.apps import BYTES, ORIGIN, Gate, make_app
from tests.server.support import (
    MAX_BODY_BYTES,
    TIMEOUT_S,
    connect,
    exchange,
    is_open,
    port_of,
    read_answer,
    running_server,
)
from tests.support import local_http

TOO_MUCH = MAX_BODY_BYTES + 1


def test_head_tells_the_length_that_get_sends(client: httpx.Client) -> None:
    assert client.head("/ping").headers["Content-Length"] == str(len(client.get("/ping").content))


def test_a_view_sees_the_peers_address(server: HttpServer) -> None:
    transport = httpx.HTTPTransport(local_address="127.0.0.9")
    with local_http.Client(transport=transport, timeout=TIMEOUT_S) as client:
        answer = client.get(f"{server.url}/seen", headers={"X-Forwarded-For": "10.0.0.1"})

    assert answer.json()["address"] == "127.0.0.9"


def test_the_request_id_is_that_of_the_views_context(client: httpx.Client) -> None:
    answers = [client.get("/seen", headers={"X-Request-Id": "forged"}) for _ in range(2)]

    for answer in answers:
        assert answer.headers["X-Request-Id"] == answer.json()["request_id"]
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 2


def test_a_view_sees_headers_in_lower_case_and_repeated_ones_joined(client: httpx.Client) -> None:
    headers = [("X-Deck", "a"), ("X-DECK", "b"), ("Idempotency-Key", "k")]
    seen = client.get("/seen", headers=headers).json()["headers"]

    assert seen["x-deck"] == "a, b"
    assert seen["idempotency-key"] == "k"


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/ping", 200),
        ("/ping/", 200),
        ("http://anywhere.example/ping", 200),
        ("//anywhere.example/ping", 404),
        ("//ping", 404),
        ("/./ping", 404),
        ("/ping%00", 404),
        ("http://[/ping", 400),
        ("http://h", 404),
        ("/água", 400),
        ("ping", 404),
        ("*", 404),
    ],
)
def test_a_target_leads_to_its_own_path_only(server: HttpServer, target: str, status: int) -> None:
    answer = exchange(server.url, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    assert answer.status_code == status


def chunked(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def whole(content: bytes) -> bytes:
    return content


@pytest.mark.parametrize(
    "send", [whole, lambda content: chunked(content, 1000)], ids=["whole", "chunked"]
)
def test_a_body_may_be_as_large_as_the_limit(
    client: httpx.Client, send: Callable[[bytes], bytes | Iterator[bytes]]
) -> None:
    answer = client.post(
        "/size", content=send(bytes(MAX_BODY_BYTES)), headers={"Content-Type": BYTES}
    )

    assert answer.json() == {"size": MAX_BODY_BYTES}


@pytest.mark.parametrize("size", [TOO_MUCH, 12 * MAX_BODY_BYTES])
@pytest.mark.parametrize(
    "send", [whole, lambda content: chunked(content, 60_000)], ids=["whole", "chunked"]
)
def test_a_body_over_the_limit_is_413_and_the_connection_lives_on(
    client: httpx.Client, send: Callable[[bytes], bytes | Iterator[bytes]], size: int
) -> None:
    answer = client.post("/size", content=send(bytes(size)), headers={"Content-Type": BYTES})

    assert answer.status_code == 413
    assert answer.json()["error"] == "too_large"
    assert str(MAX_BODY_BYTES) in answer.json()["message"]
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Connection" not in answer.headers


def test_a_body_over_the_limit_is_not_kept_while_it_is_received() -> None:
    parser = limited_parser(lambda *_: 1000)(Adjustments())
    parser.received(b"POST /size HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(100):
        parser.received(b"64\r\n" + bytes(100) + b"\r\n")
    parser.received(b"0\r\n\r\n")

    assert parser.completed
    assert parser.headers["CONTENT_LENGTH"] == "10000"
    assert parser.get_body_stream().read() == b""
    parser.close()


def test_a_request_that_expects_to_be_asked_for_a_body_it_lacks_is_answered(
    server: HttpServer,
) -> None:
    answer = exchange(server.url, b"GET /ping HTTP/1.1\r\nExpect: 100-continue\r\n\r\n")

    assert answer.status_code == 200


@pytest.mark.parametrize("how", ["header", "hop", "status", "text", "unknown"])
def test_an_answer_that_cannot_be_sent_is_a_500_in_the_contracts_shape(
    client: httpx.Client, how: str
) -> None:
    answer = client.get(f"/broken/{how}")

    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


MALFORMED = {
    "garbage": (b"\x00\xff\r\n\r\n", 400),
    "no version": (b"GET  /ping HTTP/1.1\r\n\r\n", 400),
    "lower case": (b"get /ping HTTP/1.1\r\n\r\n", 400),
    "control character": (b"GET /protected HTTP/1.1\r\nAuthorization: Bearer \x01\r\n\r\n", 400),
    "no colon": (b"GET /ping HTTP/1.1\r\nHost\r\n\r\n", 400),
    "negative length": (b"POST /size HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    "two lengths": (b"POST /size HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "bad chunk": (b"POST /size HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", 400),
    "endless chunk line": (
        b"POST /size HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 10_000,
        400,
    ),
    "unknown coding": (b"POST /size HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
    "endless header": (b"GET /ping HTTP/1.1\r\nX: " + b"x" * 300_000 + b"\r\n\r\n", 413),
    "endless body": (b"POST /size HTTP/1.1\r\nContent-Length: 9999999999\r\n\r\n", 413),
}


@pytest.mark.parametrize(("request_bytes", "status"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_not_http_is_refused_in_the_contracts_shape(
    server: HttpServer, request_bytes: bytes, status: int
) -> None:
    answer = exchange(server.url, request_bytes)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert set(answer.json()) == {"success", "error", "message", "request_id"}


def test_requests_at_once_never_see_each_other(server: HttpServer) -> None:
    def ask(worker: int) -> list[str]:
        with local_http.Client(base_url=server.url, timeout=TIMEOUT_S) as client:
            return [mixed_up(client, f"{worker}-{number}") for number in range(50)]

    with ThreadPoolExecutor(32) as pool:
        complaints = [text for texts in pool.map(ask, range(32)) for text in texts if text]

    assert complaints == []


def mixed_up(client: httpx.Client, word: str) -> str:
    answer = client.get(f"/echo/{word}").json()
    right = set(answer["words"]) == {word} and len(set(answer["contexts"])) == 1
    return "" if right else f"{word}: {json.dumps(answer)}"


def test_more_than_a_hundred_kept_connections_are_served(server: HttpServer) -> None:
    connections = [connect(server.url) for _ in range(150)]
    try:
        for _ in range(2):
            for connection in connections:
                connection.sendall(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
            statuses = [read_answer(connection).status_code for connection in connections]
            assert statuses == [200] * 150
    finally:
        for connection in connections:
            connection.close()


def test_two_apps_in_one_process_do_not_disturb_each_other(client: httpx.Client) -> None:
    with running_server() as second:
        assert (
            local_http.get(f"{second.url}/echo/b", timeout=TIMEOUT_S).json()["words"] == ["b"] * 3
        )
        assert client.get("/echo/a").json()["words"] == ["a"] * 3


def test_a_stop_closes_the_port_at_once_and_lets_a_running_request_finish() -> None:
    gate = Gate()
    with running_server(gate) as server, connect(server.url) as busy, connect(server.url) as idle:
        busy.sendall(b"GET /gate HTTP/1.1\r\nHost: x\r\n\r\n")
        assert gate.entered.wait(TIMEOUT_S)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        assert idle.recv(1) == b""
        assert not is_open(port_of(server.url))
        gate.opened.set()
        assert read_answer(busy).json() == {"success": True}
        stopping.join()


def test_a_stop_does_not_wait_for_a_request_that_never_ends() -> None:
    gate = Gate()
    with running_server(gate) as server, connect(server.url) as busy:
        busy.sendall(b"GET /gate HTTP/1.1\r\nHost: x\r\n\r\n")
        assert gate.entered.wait(TIMEOUT_S)
        server.stop(grace_s=0)
        assert not gate.left.is_set()
        gate.opened.set()
        assert not is_open(port_of(server.url))


def test_a_port_in_use_is_refused_with_a_sentence_that_names_it(server: HttpServer) -> None:
    port = port_of(server.url)
    app = wsgi_app(make_app(), cors_origin=ORIGIN, max_body_bytes=MAX_BODY_BYTES)

    with pytest.raises(ConfigurationError, match=rf"^Port {port} of 127\.0\.0\.1 is in use"):
        HttpServer(app, "127.0.0.1", port)


def test_an_address_of_another_machine_is_refused_with_a_sentence() -> None:
    app = wsgi_app(make_app(), cors_origin=ORIGIN, max_body_bytes=MAX_BODY_BYTES)

    with pytest.raises(ConfigurationError, match=r"^Cannot listen on port 0 of 192\.0\.2\.1: "):
        HttpServer(app, "192.0.2.1", 0)


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_it_listens_on_ipv6_too() -> None:
    app = wsgi_app(make_app(), cors_origin=ORIGIN, max_body_bytes=MAX_BODY_BYTES)
    server = HttpServer(app, "::1", 0)
    server.start()
    try:
        assert local_http.get(f"{server.url}/ping", timeout=TIMEOUT_S).status_code == 200
    finally:
        server.stop()
