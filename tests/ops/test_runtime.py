"""Which Python, SQLite and botocore the service starts with, and what its functions are called."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.aws_session import aws_session, check_botocore
from chalicelib.errors import ConfigurationError
from chalicelib.ops.runtime import PYTHON, SQLITE, check_interpreter, function_name, in_lambda

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("python", "sqlite", "words"),
    [
        ((3, 11), (3, 40, 0), "Python is 3.11, but JAVUMBO needs 3.12 or newer here."),
        ((3, 12), (3, 7, 17), "SQLite is 3.7.17, but JAVUMBO needs 3.40 or newer here."),
    ],
)
def test_what_is_too_old_is_refused_in_one_sentence(
    python: tuple[int, ...], sqlite: tuple[int, ...], words: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        check_interpreter(python, sqlite)
    assert refused.value.message == words


@pytest.mark.parametrize("python", [(3, 12), (3, 13), (3, 14)])
def test_the_runtimes_that_are_deployed_are_taken(python: tuple[int, ...]) -> None:
    check_interpreter(python, (3, 40, 0))


def test_a_botocore_that_writes_without_its_condition_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"botocore is 1\.35\.68, .* 1\.35\.69 or newer"):
        check_botocore("1.35.68")
    for version in ("1.35.69", "1.36.0", "1.100.2", "2.0.0"):
        check_botocore(version)


def test_without_variables_functions_are_called_what_chalice_deploy_calls_them() -> None:
    for own in ("javumbo-dev", "javumbo-dev-warm", "javumbo-dev-jwt_auth", "javumbo-dev-fold"):
        environ = {"AWS_LAMBDA_FUNCTION_NAME": own}
        assert function_name("api_handler", environ) == "javumbo-dev"
        assert function_name("jwt_auth", environ) == "javumbo-dev-jwt_auth"
        assert function_name("fold", environ) == "javumbo-dev-fold"


def test_variables_say_what_functions_are_called() -> None:
    environ = {
        "AWS_LAMBDA_FUNCTION_NAME": "stack-Warm-1",
        "API_HANDLER_FUNCTION": "stack-APIHandler-2",
        "AUTHORIZER_FUNCTION": "stack-JwtAuth-3",
        "FOLD_FUNCTION": "stack-Fold-4",
    }
    assert function_name("api_handler", environ) == "stack-APIHandler-2"
    assert function_name("jwt_auth", environ) == "stack-JwtAuth-3"
    assert function_name("fold", environ) == "stack-Fold-4"


def test_lambda_is_where_a_function_has_a_name() -> None:
    assert in_lambda({"AWS_LAMBDA_FUNCTION_NAME": "javumbo-dev"})
    assert not in_lambda({})


def test_sessions_share_what_they_know_of_services_and_nothing_else() -> None:
    one, other = aws_session(), aws_session()
    assert one._loader is other._loader
    assert one._session is not other._session


def test_in_lambda_the_app_refuses_a_python_that_is_too_old_as_it_starts() -> None:
    environ = {"AWS_LAMBDA_FUNCTION_NAME": "javumbo-dev", "JAVUMBO_BACKEND": "local"}
    command = [sys.executable, "-c", "import app"]
    started = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    too_old = sys.version_info[:2] < PYTHON or sqlite3.sqlite_version_info < SQLITE
    assert bool(started.returncode) is too_old
    assert ("or newer here." in started.stderr) is too_old
