"""Both kinds of target: a folder of this machine, and the tables and the bucket of a stage."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from migrations.examining import Options
from migrations.stage import use_stage
from migrations.target import Target, open_target
from tests.emulators.moto_server import (
    aws_environment,
    dynamodb_client,
    s3_client,
    serialised_moto,
)
from tests.emulators.tables import create_commits_table, create_users_table
from tests.migrations.install import DEFECTS, NOW_MS, Install, build_install

ACCOUNT = "123456789012"  # moto's own
_stages = (f"t{number}" for number in itertools.count())


@dataclass(frozen=True)
class Place:
    """A stage, and the environment by which it is reached."""

    stage: str
    environ: dict[str, str]

    def open(self) -> Target:
        environ = {"BCRYPT_ROUNDS": "4", **self.environ}
        return open_target(use_stage(self.stage, environ), lambda _attempt: None)


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    with serialised_moto() as address:
        yield address


@pytest.fixture(params=["local", "aws"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty stage."""
    if request.param == "local":
        return Place("local", {"JAVUMBO_DATA": str(tmp_path / "data")})
    endpoint = request.getfixturevalue("endpoint")
    environ = aws_environment(endpoint)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return Place(new_stage(endpoint), environ)


@pytest.fixture
def local(tmp_path: Path) -> Place:
    return Place("local", {"JAVUMBO_DATA": str(tmp_path / "data")})


def new_stage(endpoint: str) -> str:
    """What a stage's stacks would make, under a name of its own."""
    stage = next(_stages)
    create_users_table(dynamodb_client(endpoint), f"javumbo-users-{stage}")
    create_commits_table(dynamodb_client(endpoint), f"javumbo-commits-{stage}")
    bucket = f"javumbo-user-dbs-{stage}-{ACCOUNT}"
    s3_client(endpoint).create_bucket(Bucket=bucket)
    versioning = {"Status": "Enabled"}
    s3_client(endpoint).put_bucket_versioning(Bucket=bucket, VersioningConfiguration=versioning)  # type: ignore[arg-type]
    return stage


@pytest.fixture
def options(tmp_path: Path) -> Options:
    (tmp_path / "work").mkdir()
    names = (f"{number:032x}" for number in itertools.count(time.time_ns()))
    return Options(tmp_path / "work", lambda: NOW_MS, lambda: next(names), jobs=3)


@pytest.fixture
def old(tmp_path: Path) -> Install:
    """With every defect there is."""
    return build_install(tmp_path / "old", len(DEFECTS) + 2)
