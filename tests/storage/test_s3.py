"""What S3's refusals and silences mean; what it does with good requests is in the contract."""

from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.config import Config

from chalicelib.errors import ConfigurationError, StorageUnavailableError
from chalicelib.storage import CollectionStorage
from chalicelib.storage.ports import (
    AmbiguousOutcomeError,
    NotModified,
    PreconditionFailedError,
)
from chalicelib.storage.s3 import S3BaseStore, new_s3_client
from tests.emulators.moto_server import aws_environment, s3_client
from tests.storage.s3_answers import NO_ANSWER, Answer, S3Answers, s3_answers
from tests.storage.tally import build

KEY = "user_dbs/ada.anki2"
OK = Answer(200, body=b"data")
FORBIDDEN = Answer(403, "AccessDenied")
NO_BUCKET = Answer(404, "NoSuchBucket")
NO_KEY = Answer(404, "NoSuchKey")
BUSY = Answer(503, "SlowDown")
BROKEN = Answer(500, "InternalError")

READS: list[Callable[[S3BaseStore], object]] = [
    lambda base: base.get(KEY),
    lambda base: base.get_if_changed(KEY, '"other"'),
    lambda base: base.head(KEY),
    lambda base: base.delete(KEY),
]


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws_environment().items():
        monkeypatch.setenv(name, value)


def store_at(server: S3Answers) -> S3BaseStore:
    return S3BaseStore("bucket", new_s3_client(server.address), sleep=lambda _: None)


def put(base: S3BaseStore, if_match: str | None = '"old"') -> str:
    return base.put(KEY, b"data", metadata={}, if_match=if_match)


@pytest.mark.parametrize(
    "answer",
    [Answer(412, "PreconditionFailed"), Answer(409, "ConditionalRequestConflict"), NO_KEY],
    ids=lambda answer: answer.code,
)
def test_every_way_to_refuse_a_condition_is_one_conflict(answer: Answer) -> None:
    with s3_answers(answer) as server, pytest.raises(PreconditionFailedError):
        put(store_at(server))


@pytest.mark.parametrize("answer", [NO_ANSWER, BROKEN, BUSY], ids=["silence", "500", "503"])
def test_a_write_without_a_clear_answer_is_sent_once_and_its_outcome_is_open(
    answer: Answer,
) -> None:
    with s3_answers(answer) as server:
        with pytest.raises(AmbiguousOutcomeError):
            put(store_at(server))
        assert server.requests == ["PUT"]


@pytest.mark.parametrize("answer", [FORBIDDEN, NO_BUCKET], ids=lambda answer: answer.code)
def test_a_write_that_is_refused_for_another_reason_is_an_outage(answer: Answer) -> None:
    with s3_answers(answer) as server, pytest.raises(StorageUnavailableError):
        put(store_at(server))


@pytest.mark.parametrize("read", READS)
def test_what_may_be_sent_again_is_sent_again_after_a_passing_trouble(
    read: Callable[[S3BaseStore], object],
) -> None:
    with s3_answers(BUSY, NO_ANSWER, OK) as server:
        read(store_at(server))
        assert len(server.requests) == 3


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("answer", [NO_ANSWER, BROKEN], ids=["silence", "500"])
def test_a_lasting_trouble_is_an_outage(
    read: Callable[[S3BaseStore], object], answer: Answer
) -> None:
    with s3_answers(answer) as server:
        with pytest.raises(StorageUnavailableError):
            read(store_at(server))
        assert len(server.requests) == 3


@pytest.mark.parametrize("read", READS[:2])
@pytest.mark.parametrize("answer", [FORBIDDEN, NO_BUCKET], ids=lambda answer: answer.code)
def test_a_refusal_is_an_outage_and_never_a_missing_collection(
    read: Callable[[S3BaseStore], object], answer: Answer
) -> None:
    """S3 answers 403 for a missing key when the role may not list the bucket."""
    with s3_answers(answer) as server:
        with pytest.raises(StorageUnavailableError):
            read(store_at(server))
        assert len(server.requests) == 1


def test_an_object_cut_off_on_its_way_is_asked_for_again() -> None:
    with s3_answers(Answer(200, body=b"da", missing_bytes=2), OK) as server:
        found = store_at(server).get(KEY)
        assert found
        assert found.data == b"data"


def test_an_unchanged_object_is_not_an_error() -> None:
    with s3_answers(Answer(304)) as server:
        assert store_at(server).get_if_changed(KEY, '"etag"') == NotModified()


def test_nobody_listening_is_an_outage() -> None:
    with s3_answers(OK) as server:
        base = store_at(server)
    with pytest.raises(StorageUnavailableError):
        base.get(KEY)
    with pytest.raises(AmbiguousOutcomeError):
        put(base)


def test_a_client_that_sends_requests_again_by_itself_is_refused() -> None:
    client = s3_client("http://127.0.0.1:9", Config(retries={"total_max_attempts": 2}))
    with pytest.raises(ConfigurationError):
        S3BaseStore("bucket", client)


def test_boto3_is_not_imported_before_it_is_needed() -> None:
    import subprocess
    import sys

    code = (
        "import sys, chalicelib.storage.s3 as s; s.S3BaseStore('b'); print('boto3' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_a_collection_is_made_by_a_role_that_cannot_tell_whether_there_is_one(
    tmp_path: Path,
) -> None:
    with s3_answers(OK, FORBIDDEN) as server:
        assert CollectionStorage(store_at(server), tmp_path).create("ada", build)
        assert server.requests == ["PUT"]
