"""A server that answers S3 requests from a list: what an emulator cannot be made to say."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple


class Answer(NamedTuple):
    """A status and, for an error, S3's code; status 0 closes the connection without a word."""

    status: int
    code: str = ""
    body: bytes = b""
    missing_bytes: int = 0


NO_ANSWER = Answer(0)


class S3Answers:
    """Gives the answers in their order, then the last one for ever; counts the requests."""

    def __init__(self, address: str, answers: list[Answer]) -> None:
        self.address = address
        self.requests: list[str] = []
        self._answers = answers

    def next(self, method: str) -> Answer:
        self.requests.append(method)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@contextmanager
def s3_answers(*answers: Answer) -> Iterator[S3Answers]:
    script: S3Answers

    class Handler(BaseHTTPRequestHandler):
        # HTTP/1.1 for its "100 Continue", without which the client waits for a second.
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(script.next(self.command))

        do_PUT = do_HEAD = do_DELETE = do_GET  # noqa: N815

        def _answer(self, answer: Answer) -> None:
            self.close_connection = True
            if not answer.status:
                return
            body = answer.body or f"<Error><Code>{answer.code}</Code></Error>".encode()
            if self.command != "GET" and answer.status == 200:
                body = b""
            self.send_response(answer.status)
            self.send_header("Connection", "close")
            self.send_header("ETag", '"etag"')
            self.send_header("Content-Length", str(len(body) + answer.missing_bytes))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script = S3Answers(f"http://127.0.0.1:{server.server_port}", list(answers))
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
