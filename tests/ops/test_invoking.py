"""Lambda's invocations, with boto3 and a server in Lambda's place."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from chalicelib.errors import StorageUnavailableError
from chalicelib.ops.invoking import LambdaInvoker
from tests.emulators.moto_server import aws_environment


class Lambda(ThreadingHTTPServer):
    """Answers each invocation with `status` and what `headers` say, and notes it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.headers = 200, dict[str, str]()
        self.asked: list[tuple[str, str, Any]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Lambda

    def do_POST(self) -> None:
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers["X-Amz-Invocation-Type"], event))
        body = json.dumps({"echo": event}).encode()
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    with Lambda() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        for name, value in aws_environment(address).items():
            monkeypatch.setenv(name, value)
        yield server
        server.shutdown()


def test_a_call_gives_what_the_function_answers(aws: Lambda) -> None:
    assert LambdaInvoker().call("javumbo-dev", {"a": 1}) == {"echo": {"a": 1}}
    path = "/2015-03-31/functions/javumbo-dev/invocations"
    assert aws.asked == [(path, "RequestResponse", {"a": 1})]


def test_an_event_is_sent_without_waiting_for_what_becomes_of_it(aws: Lambda) -> None:
    aws.status = 202
    LambdaInvoker().send("javumbo-dev-fold", {"a": 1})
    assert [(kind, event) for _, kind, event in aws.asked] == [("Event", {"a": 1})]


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_a_refusal_is_an_outage_and_is_not_asked_again(aws: Lambda, status: int) -> None:
    aws.status = status
    for ask in (LambdaInvoker().call, LambdaInvoker().send):
        with pytest.raises(StorageUnavailableError):
            ask("javumbo-dev", {})
    assert len(aws.asked) == 2


def test_a_function_that_fails_is_an_outage_for_who_waits(aws: Lambda) -> None:
    aws.headers = {"X-Amz-Function-Error": "Unhandled"}
    with pytest.raises(StorageUnavailableError):
        LambdaInvoker().call("javumbo-dev", {})


def test_boto3_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys, chalicelib.ops.invoking as i; i.LambdaInvoker();"
        " print({'boto3', 'botocore'} & set(sys.modules))"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
