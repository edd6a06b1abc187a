"""Where the signing secret comes from, and the ones that are refused."""

import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier
from typing import Literal
from uuid import uuid4

import boto3
import pytest

from chalicelib.accounts.secrets import local_secret, local_secrets, parameter_secrets
from chalicelib.errors import ConfigurationError, StorageUnavailableError
from tests.emulators.moto_server import aws_environment


def test_a_missing_secret_is_created_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret"
    secret = local_secret(path)
    assert len(secret) >= 32
    assert local_secret(path) == secret
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["secret"]


def test_two_places_get_two_secrets(tmp_path: Path) -> None:
    assert local_secret(tmp_path / "a") != local_secret(tmp_path / "b")


def test_threads_that_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    for round_ in range(20):
        path, start = tmp_path / str(round_) / "secret", Barrier(8)

        def read(_: int, path: Path = path, start: Barrier = start) -> bytes:
            start.wait(60)
            return local_secret(path)

        with ThreadPoolExecutor(8) as pool:
            secrets = set(pool.map(read, range(8)))
        assert secrets == {local_secret(path)}
        assert [found.name for found in path.parent.iterdir()] == ["secret"]


def test_processes_that_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(30)]
    with ProcessPoolExecutor(3, get_context("spawn")) as pool:
        secrets = list(pool.map(_secrets, [paths] * 3))
    assert secrets[0] == secrets[1] == secrets[2]


def _secrets(paths: list[Path]) -> list[bytes]:
    return [local_secret(path) for path in paths]


def test_a_secret_that_somebody_wrote_is_used_without_the_line_end(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.touch(mode=0o600)
    path.write_text("s" * 32 + "\n")
    assert local_secret(path) == b"s" * 32


@pytest.mark.parametrize("content", ["", "s" * 31, "s" * 31 + "\n" * 5])
def test_a_short_secret_stops_the_start(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secret"
    path.touch(mode=0o600)
    path.write_text(content)
    with pytest.raises(ConfigurationError):
        local_secret(path)
    assert path.read_text() == content


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o666])
def test_a_secret_that_others_can_use_stops_the_start(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    path.write_text("s" * 64)
    path.chmod(mode)
    with pytest.raises(ConfigurationError):
        local_secret(path)


def test_a_place_that_cannot_hold_a_secret_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError):
        local_secret(tmp_path / "file" / "secret")
    with pytest.raises(ConfigurationError):
        local_secret(tmp_path)


Kind = Literal["SecureString", "String", "StringList"]
Put = Callable[[str, Kind], str]


@pytest.fixture
def put(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Stores a parameter of a value and a type, and gives its name."""
    for name, value in aws_environment(endpoint).items():
        monkeypatch.setenv(name, value)

    def store(value: str, kind: Kind) -> str:
        name = f"/javumbo/{uuid4()}"
        boto3.Session().client("ssm").put_parameter(Name=name, Value=value, Type=kind)
        return name

    return store


def test_a_secret_comes_decrypted_from_a_secure_parameter(put: Put) -> None:
    assert parameter_secrets(put("s" * 32, "SecureString")) == [b"s" * 32]


@pytest.mark.parametrize(
    ("value", "kind"), [("s" * 31, "SecureString"), ("s" * 32, "String"), ("s" * 32, "StringList")]
)
def test_a_short_or_plain_parameter_stops_the_start(put: Put, value: str, kind: Kind) -> None:
    with pytest.raises(ConfigurationError):
        parameter_secrets(put(value, kind))


def test_a_missing_parameter_stops_the_start(put: Put) -> None:
    with pytest.raises(ConfigurationError):
        parameter_secrets("/javumbo/none")


def test_a_parameter_store_that_does_not_answer_is_an_outage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in aws_environment("http://127.0.0.1:9").items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StorageUnavailableError):
        parameter_secrets("/javumbo/secret")


def test_a_parameter_may_hold_the_previous_secret_too(put: Put) -> None:
    two = json.dumps({"current": "c" * 32, "previous": "p" * 32})
    assert parameter_secrets(put(two, "SecureString")) == [b"c" * 32, b"p" * 32]
    one = json.dumps({"current": "c" * 32})
    assert parameter_secrets(put(one, "SecureString")) == [b"c" * 32]


@pytest.mark.parametrize(
    "value",
    [
        "{" + "s" * 40,
        "{}",
        '{"previous": "' + "p" * 32 + '"}',
        '{"current": 5}',
        '{"current": "short"}',
        '{"current": "' + "c" * 32 + '", "previous": "short"}',
        '{"current": "' + "c" * 32 + '", "previous": null}',
    ],
)
def test_a_parameter_of_another_form_stops_the_start(put: Put, value: str) -> None:
    with pytest.raises(ConfigurationError):
        parameter_secrets(put(value, "SecureString"))


def test_the_previous_file_beside_the_current_one_is_used_too(tmp_path: Path) -> None:
    first = local_secret(tmp_path / "secret_key")
    (tmp_path / "secret_key").rename(tmp_path / "previous_secret_key")
    current, previous = local_secrets(tmp_path / "secret_key")
    assert previous == first != current
    (tmp_path / "previous_secret_key").chmod(0o644)
    with pytest.raises(ConfigurationError):
        local_secrets(tmp_path / "secret_key")
