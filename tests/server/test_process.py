"""The commands as people start them: processes of their own, with the real app."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.server.support import ROOT, TIMEOUT_S, chalice_local, is_open, port_of, running_process
from tests.support import local_http

CORS_ORIGIN = "https://cards.example"

LOGIN = {"username": "ana", "password": "a long password"}
PERSON = {**LOGIN, "name": "Ana"}

READY = "JAVUMBO is serving "


@contextmanager
def serving(
    folder: Path, *arguments: str, **environ: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`javumbo serve` and the address that it tells."""
    command = [sys.executable, "-m", "javumbo", "serve", *arguments]
    environ = {"CORS_ORIGIN": CORS_ORIGIN, "JAVUMBO_DATA": str(folder / "data"), **environ}
    with running_process(command, folder, environ) as process:
        yield process, told_url(process)


def told_url(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    line = process.stdout.readline()
    assert line.startswith(READY), process.communicate()
    return line.removeprefix(READY).split()[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_answers_from_any_folder_and_stops_cleanly(
    tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "app.py").write_text("raise RuntimeError('the app of somebody else')")
    with serving(tmp_path, "--port", "0") as (process, url):
        answer = local_http.get(f"{url}/health", timeout=TIMEOUT_S)
        process.send_signal(number)
        _, complaints = process.communicate(timeout=TIMEOUT_S)

    assert answer.json()["status"] == "healthy"
    assert complaints == ""
    assert process.returncode == 0
    assert not is_open(port_of(url))


# Its one view is still at work when the signal has closed the port.
BUSY = """
import os, signal, sys, time
from javumbo.http_server import HttpServer
from javumbo.serve import serve_until_signal
from javumbo.wsgi import wsgi_app
from tests.server.apps import make_app
from tests.server.support import is_open, port_of

app = make_app()

@app.route("/last")
def last():
    os.kill(os.getpid(), signal.SIGTERM)
    while is_open(port_of(server.url)):
        time.sleep(0.01)
    return {"success": True}

wsgi = wsgi_app(app, cors_origin="*", max_body_bytes=1000)
server = HttpServer(wsgi, "127.0.0.1", 0)
sys.exit(serve_until_signal(server, "nowhere"))
"""


def test_a_request_that_runs_when_the_signal_comes_is_answered(tmp_path: Path) -> None:
    with running_process([sys.executable, "-c", BUSY], tmp_path, {}) as process:
        answer = local_http.get(f"{told_url(process)}/last", timeout=TIMEOUT_S)
        process.communicate(timeout=TIMEOUT_S)

    assert answer.json() == {"success": True}
    assert process.returncode == 0


def test_serve_takes_its_port_from_the_environment_and_tells_the_data_folder(
    tmp_path: Path,
) -> None:
    data = tmp_path / "elsewhere"
    command = [sys.executable, "-m", "javumbo", "serve", "--data", str(data)]
    with running_process(command, tmp_path, {"PORT": "0"}) as process:
        assert process.stdout
        line = process.stdout.readline()

    assert line.endswith(f"with the data in {data}\n")
    assert not line.startswith(f"{READY}http://127.0.0.1:8000 ")


def test_data_is_kept_in_the_folder_that_was_named(tmp_path: Path) -> None:
    data = tmp_path / "elsewhere"
    for path, content in (("/register", PERSON), ("/login", LOGIN)):
        with serving(tmp_path, "--port", "0", "--data", str(data)) as (_, url):
            answer = local_http.post(f"{url}{path}", json=content, timeout=TIMEOUT_S)
            assert answer.status_code == 200, answer.text

    assert any(data.iterdir())
    assert not (tmp_path / "data").exists()


def test_serve_on_a_port_in_use_says_so_and_ends_with_2(tmp_path: Path) -> None:
    with serving(tmp_path, "--port", "0") as (_, url):
        command = [sys.executable, "-m", "javumbo", "serve", "--port", str(port_of(url))]
        environ = {"JAVUMBO_DATA": str(tmp_path / "data")}
        with running_process(command, tmp_path, environ) as second:
            _, complaint = second.communicate(timeout=TIMEOUT_S)

    assert second.returncode == 2
    assert complaint == (
        f"javumbo: Port {port_of(url)} of 127.0.0.1 is in use already; "
        "choose another with --port.\n"
    )


def test_a_wrong_setting_is_one_sentence_and_ends_with_2(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "javumbo", "serve", "--port", "0"]
    with running_process(command, tmp_path, {"BCRYPT_ROUNDS": "many"}) as process:
        _, complaint = process.communicate(timeout=TIMEOUT_S)

    assert process.returncode == 2
    assert complaint == "javumbo: BCRYPT_ROUNDS must be a whole number.\n"


def test_a_data_folder_that_is_none_is_one_sentence_and_ends_with_2(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_text("a file")
    command = [sys.executable, "-m", "javumbo", "serve", "--port", "0", "--data", str(data)]
    with running_process(command, tmp_path, {}) as process:
        _, complaint = process.communicate(timeout=TIMEOUT_S)

    assert process.returncode == 2
    assert complaint == f"javumbo: The data folder {data} cannot be used: File exists.\n"


@pytest.fixture(scope="module", params=["javumbo serve", "chalice local"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real app under both commands."""
    folder = tmp_path_factory.mktemp("served")
    environ = {"CORS_ORIGIN": CORS_ORIGIN, "JAVUMBO_DATA": str(folder / "data")}
    if request.param == "javumbo serve":
        with serving(folder, "--port", "0", **environ) as (_, url):
            yield url
    else:
        with chalice_local(ROOT, environ) as url:
            yield url


@pytest.mark.parametrize(
    ("method", "path", "token", "status", "code"),
    [
        ("GET", "/nowhere", None, 404, "not_found"),
        ("GET", "/nowhere", b"Bearer x", 404, "not_found"),
        ("PATCH", "/health", None, 405, "method_not_allowed"),
        ("GET", "/api/decks", None, 401, "unauthorized"),
        ("GET", "/api/decks", b"", 401, "unauthorized"),
        ("GET", "/api/decks", b"Bearer", 401, "unauthorized"),
        ("GET", "/api/decks", b"Bearer a.b.c", 401, "unauthorized"),
        ("GET", "/api/decks", "Bearer sesión".encode(), 401, "unauthorized"),
        ("GET", "/api/decks", "Bearer sesión".encode("latin-1"), 401, "unauthorized"),
        ("GET", "/api/decks", b"Bearer " + b"x" * 20_000, 401, "unauthorized"),
    ],
)
def test_the_real_app_refuses_in_the_contracts_shape(
    url: str, method: str, path: str, token: bytes | None, status: int, code: str
) -> None:
    headers = {} if token is None else {b"Authorization": token}
    answer = local_http.request(method, f"{url}{path}", headers=headers, timeout=TIMEOUT_S)

    assert answer.status_code == status
    assert answer.json()["error"] == code
    assert answer.headers["Access-Control-Allow-Origin"] == CORS_ORIGIN


def test_the_real_app_lets_a_new_person_in(url: str) -> None:
    with local_http.Client(base_url=url, timeout=TIMEOUT_S) as client:
        assert client.post("/register", json=PERSON).status_code == 200
        token = client.post("/login", json=LOGIN).json()["token"]
        decks = client.get("/api/decks", headers={"Authorization": f"Bearer {token}"})

    assert decks.status_code == 200
    assert decks.json()["success"] is True
