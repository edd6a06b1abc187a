"""A stage on the emulator: its resources, its functions as processes, and what they asked for."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import boto3

from tests.emulators.moto_server import (
    REGION,
    ROOT,
    aws_environment,
    dynamodb_client,
    s3_client,
    serialised_moto,
)
from tests.emulators.tables import create_commits_table, create_users_table
from tests.ops.recorded import ACCOUNT, STAGE
from tests.support.server import FOR_MANY_TESTS

BUCKET = f"javumbo-user-dbs-{STAGE}-{ACCOUNT}"
MEDIA_BUCKET = f"javumbo-media-{STAGE}-{ACCOUNT}"
USERS = f"javumbo-users-{STAGE}"
COMMITS = f"javumbo-commits-{STAGE}"
PARAMETER = f"/javumbo/{STAGE}/secret-key"


class Stage:
    """Runs functions, each call in a process of its own."""

    def __init__(self, endpoint: str, folder: Path) -> None:
        self.endpoint = endpoint
        self.folder = folder
        self.s3 = s3_client(endpoint)
        self._create()

    def invoke(self, function: str, event: Any, *, fails: bool = False) -> Any:
        """What the function answers, None where it fails as it is to."""
        done = subprocess.run(
            [*self._command(function), json.dumps(event)],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert bool(done.returncode) is fails, done.stderr
        return None if fails else json.loads(done.stdout)

    @contextmanager
    def api_handler(self) -> Iterator[str]:
        """The address of the API handler, served over HTTP."""
        command = self._command("api_handler")
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert process.stdout is not None
                address = process.stdout.readline().strip()
                assert address, "the API handler did not start; its own output says why"
                yield address
            finally:
                process.kill()

    def asked(self, function: str) -> set[tuple[str, str]]:
        """The actions and resources that the function has asked for so far."""
        lines = self._record(function).read_text().splitlines()
        pairs = (line.partition(" ") for line in lines)
        return {(action, resource) for action, _, resource in pairs}

    def _command(self, function: str) -> list[str]:
        record = str(self._record(function))
        return [sys.executable, "-m", "tests.ops.recorded", record, function]

    def _record(self, function: str) -> Path:
        return self.folder / f"{function}.txt"

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return (
            kept
            | aws_environment(self.endpoint)
            | FOR_MANY_TESTS
            | {
                "JAVUMBO_BACKEND": "aws",
                "MAX_BODY_BYTES": "400000",
                "S3_BUCKET": BUCKET,
                "S3_MEDIA_BUCKET": MEDIA_BUCKET,
                "DYNAMODB_USERS_TABLE": USERS,
                "DYNAMODB_COMMITS_TABLE": COMMITS,
                "SECRET_KEY_PARAMETER": PARAMETER,
            }
        )

    def _create(self) -> None:
        for bucket in (BUCKET, MEDIA_BUCKET):
            self.s3.create_bucket(Bucket=bucket)
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        with closing(dynamodb_client(self.endpoint)) as dynamodb:
            create_users_table(dynamodb, USERS)
            create_commits_table(dynamodb, COMMITS)
        session = boto3.Session("testing", "testing", region_name=REGION)
        with closing(session.client("ssm", endpoint_url=self.endpoint)) as ssm:
            ssm.put_parameter(Name=PARAMETER, Value="s" * 64, Type="SecureString")


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """An empty one, gone afterwards."""
    with serialised_moto() as endpoint:
        one = Stage(endpoint, folder)
        with closing(one.s3):
            yield one
