"""All that a whole day of somebody's use writes to the logs, as on Lambda."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.ops.main_job import SECRETS

ROOT = Path(__file__).parents[2]
MEMBERS = {
    "timestamp", "level", "logger", "message", "request_id", "operation", "status", "duration_ms",
    "request_bytes", "response_bytes", "cold_start", "store_trips", "bytes_up", "bytes_down",
    "conflict_retries",
}  # fmt: skip
PUBLIC = {"GET /api/health", "POST /api/register", "POST /api/login", "DELETE /api/health"}


class Day(NamedTuple):
    text: str
    readable: str
    answers: list[dict[str, Any]]
    tokens: list[str]

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["message"] == "request"]


def run(folder: Path, **environ: str) -> tuple[str, str, dict[str, Any]]:
    told = folder / "told.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.ops.main_job", str(told)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "JAVUMBO_DATA": str(folder / "data"),
             "JAVUMBO_CACHE": str(folder / "cache"), "BCRYPT_ROUNDS": "4", **environ},
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    return done.stdout, done.stderr, json.loads(told.read_text())


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    out, err, told = run(tmp_path_factory.mktemp("day"), LOG_FORMAT="json", STAGE="prod")
    return Day(out, err, told["answers"], told["tokens"])


def test_the_day_was_one_of_all_kinds_of_answers(day: Day) -> None:
    statuses = {answer["status"] for answer in day.answers}
    assert statuses >= {200, 400, 401, 404, 405, 409, 415, 500, 503}


def test_nothing_is_written_but_lines(day: Day) -> None:
    assert day.readable == ""
    assert len(day.lines) > len(day.requests) > 30


def test_no_line_holds_a_name_a_card_a_password_a_token_or_a_query(day: Day) -> None:
    text = day.text.lower()
    assert [secret for secret in SECRETS if secret.lower() in text] == []
    for token in day.tokens:
        assert not any(part in day.text for part in token.split("."))


def test_each_request_that_reaches_the_service_is_one_line(day: Day) -> None:
    # Chalice's stand-in for the gateway refuses these by itself.
    reached = [answer for answer in day.answers if answer["status"] != 403]
    assert [line["status"] for line in day.requests] == [answer["status"] for answer in reached]
    for line, answer in zip(day.requests, reached, strict=True):
        assert line.keys() >= MEMBERS
        assert line["operation"].split()[0] == answer["asked"].split()[0]
        assert answer["request_id"] in {None, line["request_id"]}
    assert len({line["request_id"] for line in day.requests}) == len(day.requests)


def test_whoever_is_logged_in_is_one_pseudonym(day: Day) -> None:
    known = [line for line in day.requests if "user" in line]
    assert len({line["user"] for line in known}) == 1
    others = {line["operation"] for line in day.requests if "user" not in line}
    assert others == PUBLIC | {"GET /media/{token}/{name}"}


def test_an_unexpected_exception_is_a_line_with_its_traceback_and_the_requests_id(
    day: Day,
) -> None:
    [bug] = [line for line in day.lines if line.get("error") == "KeyError"]
    [answered, _] = [line for line in day.requests if line["status"] == 500]
    [answer, _] = [answer for answer in day.answers if answer["status"] == 500]
    assert bug["request_id"] == answered["request_id"] == answer["request_id"]
    assert bug["user"] == answered["user"]
    assert "in fails" in bug["traceback"]


def test_what_chalice_logs_by_itself_is_a_line_like_others(day: Day) -> None:
    [bug] = [line for line in day.lines if line.get("error") == "ChaliceError"]
    assert bug["logger"] == "javumbo"
    assert bug["message"] == "Caught exception for path *"
    assert bug["request_id"] in {line["request_id"] for line in day.requests}


def test_answers_of_500_and_above_are_counted(day: Day) -> None:
    counted = [line["status"] for line in day.requests if line.get("Errors") == 1]
    assert counted == [500, 500, 503]
    for line in day.lines:
        if "Errors" in line:
            [directive] = line["_aws"]["CloudWatchMetrics"]
            assert {"Name": "Errors", "Unit": "Count"} in directive["Metrics"]
            assert line["Stage"] == "prod"


def test_changes_and_reads_show_what_they_cost(day: Day) -> None:
    [review, again] = [line for line in day.requests if line["operation"] == "POST /api/review"]
    assert (review["status"], again["status"]) == (200, 409)
    assert (review["store_trips"], review["bytes_up"] < 2000) == (1, True)
    assert again["bytes_up"] == 0


def test_the_hourly_sweep_says_what_is_unfolded(day: Day) -> None:
    [sweep] = [line for line in day.lines if "Unfolded" in line]
    assert (sweep["message"], sweep["Unfolded"]) == ("job", 0)


def test_warming_is_a_job_and_no_request(day: Day) -> None:
    [warmed] = [line for line in day.lines if line.get("operation") == "warm here"]
    assert warmed["message"] == "job"


def test_only_the_first_request_was_cold(day: Day) -> None:
    assert [line["cold_start"] for line in day.requests].count(True) == 1
    assert day.requests[0]["ColdStarts"] == 1


def test_without_being_asked_the_logs_are_for_a_person(tmp_path: Path) -> None:
    out, err, told = run(tmp_path)
    assert "Traceback (most recent call last)" in err
    assert '{"timestamp"' not in out + err
    [failed, *_] = [one["request_id"] for one in told["answers"] if one["status"] == 500]
    assert f"request {failed} failed" in err
