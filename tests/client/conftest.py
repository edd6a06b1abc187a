import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from javumbo.cli import main
from javumbo.client import Javumbo, Login, save_login
from tests.client.stub import Stub, serving_stub
from tests.support.server import PASSWORD, Person, serving

# Lower than what the client takes for the limit, so that both ways of importing are walked.
MAX_BODY_BYTES = 200_000
FAR_AWAY_MS = 4_000_000_000_000


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("served") / "data"
    with serving(data, MAX_BODY_BYTES=str(MAX_BODY_BYTES)) as address:
        yield address


@pytest.fixture
def stub() -> Iterator[Stub]:
    with serving_stub() as stub:
        yield stub


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's logins are kept: never those of whoever runs the tests."""
    folder = tmp_path / "config"
    monkeypatch.setenv("JAVUMBO_CONFIG_DIR", str(folder))
    monkeypatch.delenv("JAVUMBO_PASSWORD", raising=False)
    return folder


@pytest.fixture
def person(base_url: str) -> Iterator[Person]:
    person = Person(base_url, f"client{next(_numbers)}", sample_deck=False)
    yield person
    person.close()


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Cli = Callable[..., Ran]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs `javumbo` with its arguments, not at a terminal."""

    def run(*arguments: object, stdin: str | bytes = "") -> Ran:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), "utf-8"))
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run


@pytest.fixture
def ada(cli: Cli, person: Person, base_url: str) -> Cli:
    """The command line of somebody who is logged in at the real server."""
    ran = cli("login", base_url, "-u", person.username, "--password-stdin", stdin=PASSWORD)
    assert ran.code == 0, ran.err
    return cli


@pytest.fixture
def stubbed(cli: Cli, stub: Stub, config: Path) -> Cli:
    """The command line of somebody who is logged in at the stub."""
    save_login(Login(stub.url, "ada", "secret-token", FAR_AWAY_MS), config)
    return cli


@pytest.fixture
def waits() -> list[float]:
    """For how long the client of `stub_client` has slept, each time."""
    return []


@pytest.fixture
def stub_client(stub: Stub, waits: list[float]) -> Iterator[Javumbo]:
    with Javumbo(stub.url, "secret-token", timeout_s=5, sleep=waits.append) as client:
        yield client


_numbers = count(1)
