"""What S3's refusals, silences and versions mean; the rest of its answers is in the contract."""

import random
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from botocore.config import Config
from urllib3.exceptions import SSLError

from chalicelib.errors import ConfigurationError, StorageUnavailableError
from chalicelib.storage.ports import AmbiguousOutcomeError, PreconditionFailedError
from chalicelib.storage.s3 import S3BaseStore, new_s3_client
from tests.emulators.moto_server import aws_environment, s3_client
from tests.storage.base_fixtures import keep_versions, new_bucket, shared_s3
from tests.storage.s3_answers import NO_ANSWER, Answer, S3Answers, s3_answers

KEY = "user_dbs/ada.anki2"
OK = Answer(200, body=b"data")
NOTHING_LISTED = Answer(200, body=b"<List></List>")
FORBIDDEN = Answer(403, "AccessDenied")
NO_BUCKET = Answer(404, "NoSuchBucket")
NO_KEY = Answer(404, "NoSuchKey")
BUSY = Answer(503, "SlowDown")
BROKEN = Answer(500, "InternalError")
CUT_OFF = Answer(200, body=b"da", missing_bytes=2)


class Read(NamedTuple):
    """A call that may be sent again, and an answer that is good for it."""

    name: str
    call: Callable[[S3BaseStore, Path], object]
    answer: Answer = OK


READS = [
    Read("get", lambda base, path: base.get(KEY)),
    Read("download", lambda base, path: base.download(KEY, path)),
    Read("keys", lambda base, path: base.keys("user_dbs/"), NOTHING_LISTED),
    Read("earlier", lambda base, path: list(base.earlier(KEY)), NOTHING_LISTED),
    Read("head", lambda base, path: base.head(KEY)),
    Read("delete", lambda base, path: base.delete(KEY)),
]
# The answer to a HEAD request has no body to tell a missing bucket from a missing object.
WITH_ERROR_BODY = READS[:4]

reads = pytest.mark.parametrize("read", READS, ids=lambda read: read.name)


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws_environment().items():
        monkeypatch.setenv(name, value)


def store_at(server: S3Answers) -> S3BaseStore:
    return S3BaseStore("bucket", new_s3_client(server.address), sleep=lambda _: None)


def put(base: S3BaseStore, data: bytes | Path = b"data") -> str:
    return base.put(KEY, data, metadata={}, if_match='"old"')


@pytest.fixture(params=["bytes", "file"])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> bytes | Path:
    """What a write may be given."""
    if request.param == "bytes":
        return b"data"
    (tmp_path / "data").write_bytes(b"data")
    return tmp_path / "data"


@pytest.mark.parametrize(
    "answer",
    [Answer(412, "PreconditionFailed"), Answer(409, "ConditionalRequestConflict"), NO_KEY],
    ids=lambda answer: answer.code,
)
def test_every_way_to_refuse_a_condition_is_one_conflict(
    answer: Answer, data: bytes | Path
) -> None:
    with s3_answers(answer) as server, pytest.raises(PreconditionFailedError):
        put(store_at(server), data)


@pytest.mark.parametrize("answer", [NO_ANSWER, BROKEN, BUSY], ids=["silence", "500", "503"])
def test_a_write_without_a_clear_answer_is_sent_once_and_its_outcome_is_open(
    answer: Answer, data: bytes | Path
) -> None:
    with s3_answers(answer) as server:
        with pytest.raises(AmbiguousOutcomeError):
            put(store_at(server), data)
        assert server.requests == ["PUT"]


@pytest.mark.parametrize("answer", [FORBIDDEN, NO_BUCKET], ids=lambda answer: answer.code)
def test_a_write_that_is_refused_for_another_reason_is_an_outage(
    answer: Answer, data: bytes | Path
) -> None:
    with s3_answers(answer) as server, pytest.raises(StorageUnavailableError):
        put(store_at(server), data)


@reads
def test_what_may_be_sent_again_is_sent_again_after_a_passing_trouble(
    read: Read, tmp_path: Path
) -> None:
    with s3_answers(BUSY, NO_ANSWER, read.answer) as server:
        read.call(store_at(server), tmp_path / "copy")
        assert len(server.requests) == 3


@reads
@pytest.mark.parametrize("answer", [NO_ANSWER, BROKEN], ids=["silence", "500"])
def test_a_lasting_trouble_is_an_outage(read: Read, answer: Answer, tmp_path: Path) -> None:
    with s3_answers(answer) as server:
        with pytest.raises(StorageUnavailableError):
            read.call(store_at(server), tmp_path / "copy")
        assert len(server.requests) == 3


@pytest.mark.parametrize("read", WITH_ERROR_BODY, ids=lambda read: read.name)
@pytest.mark.parametrize("answer", [FORBIDDEN, NO_BUCKET], ids=lambda answer: answer.code)
def test_a_refusal_is_an_outage_and_never_a_missing_collection(
    read: Read, answer: Answer, tmp_path: Path
) -> None:
    """S3 answers 403 for a missing key when the role may not list the bucket."""
    with s3_answers(answer) as server:
        with pytest.raises(StorageUnavailableError):
            read.call(store_at(server), tmp_path / "copy")
        assert len(server.requests) == 1


def test_an_object_cut_off_on_its_way_is_asked_for_again(tmp_path: Path) -> None:
    with s3_answers(CUT_OFF, OK) as server:
        found = store_at(server).get(KEY)
        assert found
        assert found.data == b"data"
    with s3_answers(CUT_OFF, OK) as server:
        assert store_at(server).download(KEY, tmp_path / "copy")
        assert (tmp_path / "copy").read_bytes() == b"data"


@pytest.mark.parametrize("last", [CUT_OFF, NO_KEY, FORBIDDEN], ids=["cut", "gone", "refused"])
def test_a_download_that_fails_leaves_no_half_of_a_file(last: Answer, tmp_path: Path) -> None:
    with s3_answers(CUT_OFF, last) as server:
        try:
            assert store_at(server).download(KEY, tmp_path / "copy") is None
        except StorageUnavailableError:
            assert last is not NO_KEY
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("read", READS[:2], ids=lambda read: read.name)
def test_a_body_that_tls_finds_broken_is_an_outage(
    s3_endpoint: str, bucket: str, read: Read, tmp_path: Path
) -> None:
    """What urllib3 raises then does not become one of botocore's errors."""

    class BrokenBody:
        def read(self) -> bytes:
            raise SSLError("bad record mac")

        def iter_chunks(self, size: int) -> list[bytes]:
            return [self.read()]

        def close(self) -> None:
            pass

    def broken(parsed: dict[str, Any], **_: object) -> None:
        parsed["Body"] = BrokenBody()

    client = s3_client(s3_endpoint)
    client.put_object(Bucket=bucket, Key=KEY, Body=b"data")
    client.meta.events.register("after-call.s3.GetObject", broken)
    with pytest.raises(StorageUnavailableError):
        read.call(S3BaseStore(bucket, client, sleep=lambda _: None), tmp_path / "copy")


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


def paged_client(s3_endpoint: str, size: int) -> Any:
    """A client that gets lists in pages of this size."""
    client = s3_client(s3_endpoint)

    def shorten(params: dict[str, Any], **_: object) -> None:
        params["MaxKeys"] = size

    for operation in ("ListObjectVersions", "ListObjectsV2"):
        client.meta.events.register(f"before-parameter-build.s3.{operation}", shorten)
    return client


@pytest.mark.parametrize("page", [1, 2, 3, 1000])
def test_earlier_versions_reach_back_to_the_last_deletion_however_they_are_listed(
    s3_endpoint: str, bucket: str, page: int
) -> None:
    base = S3BaseStore(bucket, paged_client(s3_endpoint, page))
    dice = random.Random(page)
    written: list[str] = []
    for number in range(15):
        if number and dice.random() < 0.25:
            base.delete(KEY)
            written = []
        else:
            # Other objects whose keys begin with this one's.
            for key in (KEY, f"{KEY}-journal"):
                head = base.head(key)
                etag = base.put(
                    key, b"%d" % number, metadata={}, if_match=head.etag if head else None
                )
                written += [etag] if key == KEY else []
        assert [version.etag for version in base.earlier(KEY)] == written[-2::-1]


def test_earlier_versions_are_asked_for_one_by_one_and_those_of_other_objects_never(
    s3_endpoint: str, bucket: str
) -> None:
    client = s3_client(s3_endpoint)
    base = S3BaseStore(bucket, client)
    for key in (KEY, f"{KEY}-journal"):
        etag = None
        for number in range(5):
            etag = base.put(key, b"%d" % number, metadata={}, if_match=etag)
    base.delete(f"{KEY}-journal")
    requests: list[str] = []
    client.meta.events.register("before-call.s3", lambda model, **_: requests.append(model.name))
    versions = base.earlier(KEY)
    assert len(list(islice(versions, 2))) == 2
    assert requests == ["ListObjectVersions", "HeadObject", "HeadObject"]
    assert len(list(versions)) == 2
    assert requests == ["ListObjectVersions", *["HeadObject"] * 4]


def test_a_version_that_a_lifecycle_rule_removed_is_none(
    s3_endpoint: str, bucket: str, tmp_path: Path
) -> None:
    client = shared_s3(s3_endpoint)
    base = S3BaseStore(bucket, client)
    base.put(KEY, b"two", metadata={}, if_match=base.put(KEY, b"one", metadata={}, if_match=None))
    base.put(KEY, b"three", metadata={}, if_match=base.head(KEY).etag)  # type: ignore[union-attr]
    versions = base.earlier(KEY)
    second = next(versions)
    listed = client.list_object_versions(Bucket=bucket, Prefix=KEY)["Versions"]
    for version in listed:
        if not version["IsLatest"]:
            client.delete_object(Bucket=bucket, Key=KEY, VersionId=version["VersionId"])
    assert list(versions) == []
    assert base.download(KEY, tmp_path / "copy", version=second.version) is None


def test_a_bucket_without_versioning_has_no_earlier_versions(s3_endpoint: str) -> None:
    base = S3BaseStore(new_bucket(s3_endpoint), shared_s3(s3_endpoint))
    etag = base.put(KEY, b"one", metadata={}, if_match=None)
    base.put(KEY, b"two", metadata={}, if_match=etag)
    assert list(base.earlier(KEY)) == []
    base.delete(KEY)
    assert list(base.earlier(KEY)) == []


def test_an_object_from_before_the_bucket_kept_versions_is_one_of_them(s3_endpoint: str) -> None:
    bucket = new_bucket(s3_endpoint)
    base = S3BaseStore(bucket, shared_s3(s3_endpoint))
    etag = base.put(KEY, b"one", metadata={"seq": "1"}, if_match=None)
    keep_versions(s3_endpoint, bucket)
    base.put(KEY, b"two", metadata={}, if_match=etag)
    (version,) = base.earlier(KEY)
    assert (version.etag, version.metadata) == (etag, {"seq": "1"})


def test_a_list_is_as_long_as_its_pages_together(s3_endpoint: str, bucket: str) -> None:
    client = paged_client(s3_endpoint, 2)
    base = S3BaseStore(bucket, client)
    keys = [f"user_dbs/{number}.anki2" for number in range(5)]
    for key in ["other/1", *keys]:
        base.put(key, b"", metadata={}, if_match=None)
    assert base.keys("user_dbs/") == keys


def test_a_folder_made_in_the_console_is_no_object(s3_endpoint: str, bucket: str) -> None:
    client = shared_s3(s3_endpoint)
    client.put_object(Bucket=bucket, Key="user_dbs/")
    assert S3BaseStore(bucket, client).keys("user_dbs/") == []
