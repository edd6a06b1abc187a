"""Bytes of any kind: the server lives on, and answers nothing with a fault of its own."""

import json
from http.client import HTTPResponse
from io import BytesIO
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from javumbo.http_server import HttpServer
from tests.server.support import connect, exchange

# How long to wait for an answer to what may be an unfinished request. Too short a wait only
# means that an answer goes unseen.
PATIENCE_S = 0.1

PING = b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"

METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "TRACE", "CONNECT", "FROB"]
TARGETS = ["/ping", "/things/1", "/seen?a=1", "/protected", "/bytes", "/size", "/nowhere", "*"]
HEADERS = [
    b"Accept: */*",
    b"Authorization: Bearer user-x",
    b"Content-Length: 3",
    b"Content-Length: 5000000",
    b"Content-Type: application/json",
    b"Content-Type: application/octet-stream",
    b"Expect: 100-continue",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: identity, chunked",
    b"Upgrade: websocket",
]

visible = st.text(st.characters(codec="latin-1"), max_size=30).map(
    lambda text: text.encode("latin-1")
)
targets = st.one_of(
    st.sampled_from(TARGETS).map(str.encode),
    st.text("/ab%20;?&=#@:[].*\\~", max_size=20).map(lambda text: f"/{text}".encode()),
    visible,
)
headers = st.one_of(
    st.sampled_from(HEADERS),
    st.builds(lambda name, value: name + b": " + value, visible, visible),
    st.builds(lambda value: b"Authorization: " + value, visible),
    st.binary(max_size=30),
)
bodies = st.one_of(
    st.binary(max_size=50), st.sampled_from([b"{}", b"3\r\nabc\r\n0\r\n\r\n", b"zz\r\n"])
)

positions = st.integers(0, 200)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, bytes]:
    """The method and the bytes of a request, some of them exchanged for others."""
    method = draw(st.sampled_from(METHODS))
    version = draw(st.sampled_from([b" HTTP/1.1", b" HTTP/1.0", b" HTTP/9.9", b"", b" FTP/1.1"]))
    lines = [method.encode() + b" " + draw(targets) + version]
    lines += [*draw(st.lists(headers, max_size=5)), b"Connection: close", b"", b""]
    request = bytearray(b"\r\n".join(lines) + draw(bodies))
    for position, byte in draw(st.dictionaries(positions, st.integers(0, 255), max_size=3)).items():
        request[position % len(request)] = byte
    return method, bytes(request)


@settings(max_examples=200, deadline=None)
@given(requests())
def test_no_request_gets_a_fault_or_ends_the_server(
    server: HttpServer, request: tuple[str, bytes]
) -> None:
    method, content = request
    answer = send(server.url, content).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")

    if answer:
        status, headers, body = parsed(answer, method)
        assert status < 500
        assert headers["Access-Control-Allow-Origin"]
        assert status < 400 or method == "HEAD" or json.loads(body)["success"] is False
    assert exchange(server.url, PING).json() == {"success": True}


def send(url: str, content: bytes) -> bytes:
    """What comes back until the server closes the connection, or says no more."""
    answer = b""
    with connect(url) as connection:
        connection.sendall(content)
        connection.settimeout(PATIENCE_S)
        try:
            while received := connection.recv(65536):
                answer += received
        except (TimeoutError, ConnectionResetError):
            pass
    return answer


class _Bytes:
    """As much of a socket as HTTPResponse wants."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def makefile(self, mode: str) -> BytesIO:
        return BytesIO(self.content)


def parsed(answer: bytes, method: str) -> tuple[int, Any, bytes]:
    sock: Any = _Bytes(answer)
    response = HTTPResponse(sock, method=method)
    response.begin()
    return response.status, response.headers, response.read()
