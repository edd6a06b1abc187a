"""The same routes over DynamoDB, S3 and SSM, as on AWS; the emulator is serialised."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3

from tests.emulators.moto_server import (
    REGION,
    aws_environment,
    dynamodb_client,
    s3_client,
    serialised_moto,
)
from tests.emulators.tables import create_commits_table, create_users_table
from tests.support import local_http
from tests.support.anki import assert_clean
from tests.support.server import SERVE, Person, serving

BUCKET = "javumbo-user-dbs-test-123456789012"
MEDIA_BUCKET = "javumbo-media-test-123456789012"
TABLE = "javumbo-users-test"
COMMITS = "javumbo-commits-test"
PARAMETER = "/javumbo/test/secret-key"


def test_the_job_on_the_aws_adapters_and_twenty_writers_at_once(tmp_path: Path) -> None:
    with serialised_moto() as endpoint:
        _create_resources(endpoint)
        environ = aws_environment(endpoint) | {
            "JAVUMBO_BACKEND": "aws",
            "S3_BUCKET": BUCKET,
            "S3_MEDIA_BUCKET": MEDIA_BUCKET,
            "DYNAMODB_USERS_TABLE": TABLE,
            "DYNAMODB_COMMITS_TABLE": COMMITS,
            "SECRET_KEY_PARAMETER": PARAMETER,
        }
        with serving(tmp_path / "unused", SERVE, **environ) as base_url:
            person = Person(base_url, "cloud", sample_deck=False)
            _write_at_once(person, base_url, writers=20)
            _add_and_fetch_media(person)
            (card, *_) = person.next_cards(1)
            person.answer(card, 3)
            report = assert_clean(person.export(tmp_path / "export.anki2"))
            person.close()
        stored = s3_client(endpoint).get_object(Bucket=BUCKET, Key="user_dbs/cloud.anki2")
        assert stored["Body"].read() == (tmp_path / "export.anki2").read_bytes()
    assert report["counts"]["cards"] == 20
    assert report["counts"]["revlog"] == 1
    assert not (tmp_path / "unused").exists()


def _write_at_once(person: Person, base_url: str, writers: int) -> None:
    headers = dict(person.http.headers)

    def write(n: int) -> int:
        body = {"deck_id": 1, "front": f"card {n}", "back": ""}
        return local_http.post(
            f"{base_url}/api/cards", json=body, headers=headers, timeout=120
        ).status_code

    with ThreadPoolExecutor(writers) as pool:
        assert list(pool.map(write, range(writers))) == [200] * writers


def _add_and_fetch_media(person: Person) -> None:
    """The bytes come from S3 itself, to which the service leads."""
    query, headers = {"name": "é.svg"}, {"Content-Type": "application/octet-stream"}
    person.ok("POST", "/api/media", params=query, content=b"<svg/>", headers=headers)
    address = person.ok("GET", "/api/media")["media_url"] + "%C3%A9.svg"
    led = local_http.get(f"{person.http.base_url}{address}", headers={"Range": "bytes=1-3"})
    assert led.status_code == 302
    assert led.headers["cache-control"] == "private, max-age=900"
    response = local_http.get(led.headers["location"], headers={"Range": "bytes=1-3"})
    assert (response.status_code, response.content) == (206, b"svg")
    assert response.headers["content-type"] == "image/svg+xml"
    assert response.headers["content-disposition"].startswith("attachment;")


def _create_resources(endpoint: str) -> None:
    for bucket in (BUCKET, MEDIA_BUCKET):
        s3_client(endpoint).create_bucket(Bucket=bucket)
    create_users_table(dynamodb_client(endpoint), TABLE)
    create_commits_table(dynamodb_client(endpoint), COMMITS)
    ssm = boto3.Session("testing", "testing", region_name=REGION).client(
        "ssm", endpoint_url=endpoint
    )
    ssm.put_parameter(Name=PARAMETER, Value=secrets.token_hex(32), Type="SecureString")
