"""Fixtures: base stores of every kind, empty, and the emulated buckets that one kind lies in."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest

from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.ports import BaseStore
from chalicelib.storage.s3 import S3BaseStore
from tests.emulators.moto_server import s3_client, serialised_moto
from tests.storage.memory import MemoryBaseStore

shared_s3 = cache(s3_client)  # a new one takes a tenth of a second


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    with serialised_moto() as url:
        yield url


@pytest.fixture
def bucket(s3_endpoint: str) -> str:
    """A new bucket that keeps versions, as those of the stages do."""
    name = new_bucket(s3_endpoint)
    keep_versions(s3_endpoint, name)
    return name


@pytest.fixture(params=["memory", "directory", "s3"])
def any_base(request: pytest.FixtureRequest, tmp_path: Path) -> BaseStore:
    match request.param:
        case "memory":
            return MemoryBaseStore()
        case "directory":
            return DirectoryBaseStore(tmp_path / "data")
    bucket = request.getfixturevalue("bucket")
    return S3BaseStore(bucket, shared_s3(request.getfixturevalue("s3_endpoint")))


def new_bucket(endpoint_url: str) -> str:
    """The name of a new bucket, as S3 makes it: without versioning."""
    name = f"bucket-{uuid4()}"
    shared_s3(endpoint_url).create_bucket(Bucket=name)
    return name


def keep_versions(endpoint_url: str, bucket: str) -> None:
    shared_s3(endpoint_url).put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
    )
