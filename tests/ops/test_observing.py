"""One line for each request and job, with what it cost; over stores that only count."""

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from chalice.app import CloudWatchEvent, Request, Response

from chalicelib.counting import round_trip
from chalicelib.errors import ConflictError, StorageUnavailableError
from chalicelib.ops.logs import JsonFormatter, pseudonym
from chalicelib.ops.observing import JobFailedError, Observer, note
from tests.ops.requests import REQUEST_ID, Context, request_event

CARD = "the text of a card"
Lines = list[dict[str, Any]]
Answer = Callable[[Request], Response]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What `chalicelib` logs."""
    written: Lines = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(json.loads(self.format(record)))

    handler, logger = Kept(), logging.getLogger("chalicelib")
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    yield written
    logger.removeHandler(handler)
    logger.setLevel(level)


def observer() -> Observer:
    """Each look at its clock is a quarter of a second after the one before."""
    ticks = count()
    return Observer("prod", clock=lambda: next(ticks) / 4, now_ms=lambda: 1_700_000_000_000)


def ok(_: Request) -> Response:
    return Response("{}")


def scheduled() -> CloudWatchEvent:
    return CloudWatchEvent(
        {
            "detail-type": "",
            "detail": {},
            "source": "",
            "account": "",
            "time": "",
            "id": "",
            "region": "",
            "version": "",
            "resources": [],
        },
        Context(),  # type: ignore[arg-type]
    )


def test_a_request_is_one_line(lines: Lines) -> None:
    def work(_: Request) -> Response:
        with round_trip() as usage:
            usage.bytes_up += 1000
        with round_trip() as usage:
            usage.bytes_down += 70_000
            usage.conflicts += 1
        return Response("ünï", status_code=201)

    request = request_event("POST", "/api/cards/{card_id}", caller="ana", body=b"12345")
    observer().middleware(request, work)
    [line] = lines
    del line["timestamp"], line["_aws"]
    assert line == {
        "level": "INFO",
        "logger": "chalicelib.ops.observing",
        "message": "request",
        "request_id": REQUEST_ID,
        "operation": "POST /api/cards/{card_id}",
        "user": pseudonym("ana", "g1"),
        "status": 201,
        "request_bytes": 5,
        "response_bytes": 5,
        "duration_ms": 250.0,
        "cold_start": True,
        "store_trips": 2,
        "bytes_up": 1000,
        "bytes_down": 70_000,
        "conflict_retries": 1,
        "Stage": "prod",
        "ColdStarts": 1,
        "Conflicts": 1,
        "StoreTrips": 2,
    }


def test_a_request_without_a_token_has_no_user(lines: Lines) -> None:
    observer().middleware(request_event("POST", "/api/login"), ok)
    assert "user" not in lines[0]


def test_bytes_are_counted_as_they_are(lines: Lines) -> None:
    observer().middleware(request_event("GET", "/export"), lambda _: Response(b"\x00" * 99))
    assert lines[0]["response_bytes"] == 99


def test_a_body_that_is_none_is_no_reason_to_fail(lines: Lines) -> None:
    request = request_event("POST", "/x")
    request._body = "not base64"
    assert observer().middleware(request, ok).status_code == 200
    assert lines[0]["request_bytes"] == 0


def test_only_the_first_request_of_a_process_started_cold(lines: Lines) -> None:
    observed = observer()
    for _ in range(2):
        observed.middleware(request_event("GET", "/health"), ok)
    assert [line["cold_start"] for line in lines] == [True, False]
    assert [line.get("ColdStarts") for line in lines] == [1, None]


def test_nobody_waited_for_the_cold_start_of_what_was_warmed(lines: Lines) -> None:
    observed = observer()
    with observed.job("warm here"):
        pass
    observed.middleware(request_event("GET", "/health"), ok)
    assert [line["cold_start"] for line in lines] == [True, False]
    assert not any("ColdStarts" in line for line in lines)


def test_a_line_without_anything_to_count_carries_no_metrics(lines: Lines) -> None:
    observed = observer()
    for _ in range(2):
        observed.middleware(request_event("GET", "/health"), ok)
    assert "_aws" in lines[0]
    assert "_aws" not in lines[1]


@pytest.mark.parametrize(("status", "errors"), [(404, None), (409, None), (500, 1), (503, 1)])
def test_an_answer_of_500_and_above_is_an_error(
    lines: Lines, status: int, errors: int | None
) -> None:
    request = request_event("GET", "/x")
    observer().middleware(request, lambda _: Response("{}", status_code=status))
    assert (lines[-1]["status"], lines[-1].get("Errors")) == (status, errors)


def test_an_exception_that_nobody_caught_is_logged_counted_and_raised(lines: Lines) -> None:
    def fail(_: Request) -> Response:
        return Response(str(int(CARD)))

    with pytest.raises(ValueError, match="card"):
        observer().middleware(request_event("GET", "/x"), fail)
    failure, line = lines
    assert failure["error"] == "ValueError"
    assert "in fail" in failure["traceback"]
    assert failure["request_id"] == line["request_id"] == REQUEST_ID
    assert (line["status"], line["Errors"]) == (500, 1)
    assert "card" not in json.dumps(lines)


def test_calls_that_fail_are_counted(lines: Lines) -> None:
    def work(_: Request) -> Response:
        for _attempt in range(2):
            with pytest.raises(ConflictError), round_trip(ConflictError):
                raise ConflictError
        return Response("{}")

    observer().middleware(request_event("GET", "/x"), work)
    assert (lines[0]["store_trips"], lines[0]["StoreErrors"]) == (2, 2)


def test_a_job_is_one_line_with_what_it_notes(lines: Lines) -> None:
    def sweep(_: CloudWatchEvent) -> None:
        note("Unfolded", 0)
        with round_trip() as usage:
            usage.folds += 1

    observed = observer()
    observed.middleware(scheduled(), sweep)
    [line] = lines
    assert line["message"] == "job"
    assert line["operation"] == "CloudWatchEvent"
    assert (line["Unfolded"], line["Folds"]) == (0, 1)
    assert "StoreTrips" not in line


def test_a_job_is_called_as_its_function(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_HANDLER", "app.sweep")
    observer().middleware(scheduled(), lambda _: None)
    assert lines[0]["operation"] == "sweep"


def test_a_job_that_fails_is_logged_and_counted_and_its_text_is_for_nobody(lines: Lines) -> None:
    with pytest.raises(JobFailedError) as raised, observer().job("sweep"):
        int(CARD)
    failure, line = lines
    assert failure["error"] == "ValueError"
    assert line["Errors"] == 1
    assert "card" not in json.dumps(lines) + str(raised.value)
    assert raised.value.__suppress_context__


def test_a_job_that_fails_as_it_may_says_so_to_who_asked(lines: Lines) -> None:
    with pytest.raises(StorageUnavailableError), observer().job("fold"):
        raise StorageUnavailableError
    assert lines[-1]["Errors"] == 1


def test_a_note_outside_of_everything_is_nobodys(lines: Lines) -> None:
    note("Unfolded", 9)
    observer().middleware(request_event("GET", "/x"), ok)
    assert "Unfolded" not in lines[0]


def test_a_note_is_of_what_goes_on_around_it(lines: Lines) -> None:
    observed = observer()
    with observed.job("outer"):
        with observed.job("inner"):
            note("Unfolded", 1)
        note("Unfolded", 2)
    assert {line["operation"]: line["Unfolded"] for line in lines} == {"inner": 1, "outer": 2}


def test_what_a_pool_asks_for_is_of_the_only_request_there_is(lines: Lines) -> None:
    def trip() -> None:
        with round_trip() as usage:
            usage.bytes_down += 10

    def work(_: Request) -> Response:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(trip).result()
        return Response("{}")

    observer().middleware(request_event("GET", "/x"), work)
    assert (lines[0]["store_trips"], lines[0]["bytes_down"]) == (1, 10)


def test_what_a_pool_asks_for_is_of_nobody_where_there_are_others(lines: Lines) -> None:
    def trip() -> None:
        with round_trip():
            pass

    observed = observer()
    with observed.job("one"), ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: None).result()
        with observed.job("another"):
            pool.submit(trip).result()
    assert [line["store_trips"] for line in lines] == [0, 0]


def test_requests_at_once_do_not_count_for_each_other(lines: Lines) -> None:
    number = 8
    together = Barrier(number)
    observed = Observer("prod")

    def ask(trips: int) -> None:
        def work(_: Request) -> Response:
            together.wait()
            for _trip in range(trips):
                with round_trip():
                    pass
            together.wait()
            return Response("{}")

        observed.middleware(request_event("GET", f"/{trips}"), work)

    with ThreadPoolExecutor(number) as pool:
        list(pool.map(ask, range(number)))
    assert {line["operation"]: line["store_trips"] for line in lines} == {
        f"GET /{trips}": trips for trips in range(number)
    }
