"""What a JSON log line says, and what it keeps to itself."""

import errno
import json
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import ConfigurationError, StorageUnavailableError
from chalicelib.ops.logs import JsonFormatter, about, pseudonym
from chalicelib.settings import load_settings
from chalicelib.storage import Owner

CARD = "what nobody but its owner may read"


def line(
    message: str, *arguments: object, error: BaseException | None = None, **extra: Any
) -> dict[str, Any]:
    record = logging.LogRecord(
        "chalicelib.some", logging.ERROR, __file__, 1, message, arguments, None
    )
    if error:
        record.exc_info = (type(error), error, error.__traceback__)
    record.__dict__.update(extra)
    record.created, record.msecs = 1_700_000_000.125, 125.0
    text = JsonFormatter().format(record)
    assert "\n" not in text
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def raised(fail: Callable[[], object]) -> BaseException:
    try:
        fail()
    except BaseException as error:
        return error
    raise AssertionError


def test_a_line_says_when_and_how_bad_and_where_from() -> None:
    assert line("all is well") == {
        "timestamp": "2023-11-14T22:13:20.125Z",
        "level": "ERROR",
        "logger": "chalicelib.some",
        "message": "all is well",
    }


def test_lines_say_what_they_are_about_as_long_as_it_is_so() -> None:
    with about(request_id="r1", operation="sweep"), about(user="u1"):
        inside = line("x")
    assert inside.items() >= {"request_id": "r1", "operation": "sweep", "user": "u1"}.items()
    assert "request_id" not in line("x")


def test_members_of_a_record_are_members_of_the_line() -> None:
    assert line("request", members={"status": 200})["status"] == 200


def test_numbers_and_long_ids_are_let_in_and_no_other_text() -> None:
    request_id = "6d5ef0a2-6c4b-4b0e-9f6d-2f1c6f1f7a55"
    said = line("request %s of %s: %d at %r", request_id, "ana.souza", 7, "Deck::Name")
    assert said["message"] == f"request {request_id} of *: 7 at '*'"


@given(st.from_regex(r"[a-z0-9._-]{3,32}", fullmatch=True))
def test_no_username_gets_in_as_an_argument(username: str) -> None:
    assert line("folding the commits of %s failed", username)["message"].endswith("of * failed")


def test_an_owner_gets_in_as_a_pseudonym() -> None:
    owner = Owner("ana.souza", "g1")
    said = line("folding the commits of %s failed", owner)["message"]
    assert said == f"folding the commits of {pseudonym('ana.souza', 'g1')} failed"


def test_a_pseudonym_is_of_one_registration() -> None:
    names = {pseudonym(name, generation) for name in ("ana", "bob") for generation in ("", "g1")}
    assert len(names) == 4
    assert pseudonym("ana", "g" * 64) != pseudonym("ana", "g" * 63)
    assert pseudonym("ana", "g1") == pseudonym("ana", "g1")


@pytest.mark.parametrize("arguments", [({"user": "ana"},), ("ana", "more"), (CARD,)])
def test_a_message_that_does_not_fit_its_arguments_is_a_line_all_the_same(
    arguments: tuple[object, ...],
) -> None:
    said = line("%d of %(user)s", *arguments)["message"]
    assert "ana" not in said
    assert CARD not in said


def fail_with_card_text() -> object:
    return int(CARD)


def fail_in_sqlite() -> object:
    conn = sqlite3.connect(":memory:")
    try:
        return conn.execute(f"SELECT 1 FROM '{CARD}'")
    finally:
        conn.close()


def fail_in_aws() -> object:
    answer = {"Error": {"Code": "AccessDenied", "Message": f"not for user_dbs/{CARD}"}}
    raise ClientError(answer, "PutObject")  # type: ignore[arg-type]


def fail_on_the_disk() -> object:
    raise OSError(errno.ENOSPC, CARD)


@pytest.mark.parametrize(
    ("fail", "kind"),
    [
        (fail_with_card_text, "ValueError"),
        (fail_in_sqlite, "OperationalError(SQLITE_ERROR)"),
        (fail_in_aws, "ClientError(PutObject: AccessDenied)"),
        (fail_on_the_disk, "OSError(No space left on device)"),
        (
            lambda: Path(f"/nowhere/{CARD}").read_text(),
            "FileNotFoundError(No such file or directory)",
        ),
    ],
)
def test_of_an_exception_a_line_has_its_kind_and_where_from_but_not_its_text(
    fail: Callable[[], object], kind: str
) -> None:
    said = line("the job failed", error=raised(fail))
    assert said["error"] == kind
    assert said["traceback"].splitlines()[-1] == kind
    assert "in raised" in said["traceback"]
    assert CARD not in json.dumps(said)


def test_what_led_to_an_exception_comes_first() -> None:
    def fail() -> None:
        try:
            int(CARD)
        except ValueError as error:
            raise StorageUnavailableError(CARD) from error

    said = line("x", error=raised(fail))
    kinds = [one for one in said["traceback"].splitlines() if not one.startswith(" ")]
    assert kinds == ["ValueError", "StorageUnavailableError(storage_unavailable)"]
    assert CARD not in json.dumps(said)


def test_what_was_meant_to_be_hidden_stays_hidden() -> None:
    def fail() -> None:
        try:
            int(CARD)
        except ValueError:
            raise StorageUnavailableError from None

    assert "ValueError" not in line("x", error=raised(fail))["traceback"]


def test_a_deep_recursion_is_no_long_line() -> None:
    def ping(depth: int) -> int:
        return pong(depth + 1)

    def pong(depth: int) -> int:
        return ping(depth + 1)

    said = line("x", error=raised(lambda: ping(0)))
    assert said["error"] == "RecursionError"
    assert len(said["traceback"]) < 10_000


def test_logs_are_json_inside_lambda_and_where_it_is_asked_for() -> None:
    in_lambda = {"AWS_LAMBDA_FUNCTION_NAME": "javumbo-dev", "JAVUMBO_BACKEND": "local"}
    assert load_settings({}).log_format == "text"
    assert load_settings({"LOG_FORMAT": "json"}).log_format == "json"
    assert load_settings(in_lambda).log_format == "json"
    assert load_settings(in_lambda | {"LOG_FORMAT": "text"}).log_format == "text"
    with pytest.raises(ConfigurationError, match="LOG_FORMAT"):
        load_settings({"LOG_FORMAT": "xml"})
