"""Plain `chalice deploy` after `javumbo deploy --data-only`, as far as the emulator goes with it.

That is all functions, their roles and names. Then MiniStack answers ImportRestApi with what
botocore cannot read, and Chalice stops before the schedules: requests are for the other tests.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boto3 import Session

from tests.aws.ministack import ARCHITECTURE, ROOT, MiniStack, ministack
from tests.emulators.moto_server import REGION, aws_environment

COPIED = (
    "app.py",
    "chalicelib",
    "javumbo",
    "infra",
    "requirements.txt",
    ".chalice",
    ".env.example",
)
FUNCTIONS = {"", "-jwt_auth", "-fold", "-warm", "-sweep", "-upkeep"}


class Checkout:
    """A copy of the project in which somebody works, with an AWS account of their own."""

    def __init__(self, folder: Path, aws: MiniStack) -> None:
        self._folder = folder
        self._aws = aws
        skipped = shutil.ignore_patterns("__pycache__", "deployed", "deployments")
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=skipped)
            else:
                shutil.copy(source, folder / name)
        config = json.loads(self.config.read_text())
        self.config.write_text(json.dumps(config | {"lambda_architecture": ARCHITECTURE}))

    @property
    def config(self) -> Path:
        return self._folder / ".chalice" / "config.json"

    def javumbo(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self._run([sys.executable, "-m", "javumbo", *arguments])

    def chalice(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        program = Path(self._aws.python).with_name("chalice")
        return self._run([str(program), *arguments])

    def client(self, service: str) -> Any:
        session: Any = Session("testing", "testing", region_name=REGION)
        return session.client(service, endpoint_url=self._aws.address)

    def _run(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        own = {"PYTHONPATH": str(self._folder)}
        return subprocess.run(
            command,
            cwd=self._folder,
            env={**os.environ, **aws_environment(self._aws.address), **own},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    with ministack(tmp_path_factory.mktemp("ministack")) as aws:
        yield Checkout(tmp_path_factory.mktemp("checkout"), aws)


def test_without_the_data_chalice_deploy_says_what_is_missing(checkout: Checkout) -> None:
    done = checkout.chalice("deploy", "--stage", "dev")
    assert done.returncode == 1
    assert "run javumbo deploy --data-only" in done.stderr
    assert "Traceback" not in done.stderr
    assert checkout.client("lambda").list_functions()["Functions"] == []


def test_after_the_data_the_functions_find_all_they_need(checkout: Checkout) -> None:
    made = checkout.javumbo("deploy", "--stage", "dev", "--data-only")
    assert made.returncode == 0, made.stderr
    checkout.chalice("deploy", "--stage", "dev")

    functions = checkout.client("lambda").list_functions()["Functions"]
    assert {one["FunctionName"] for one in functions} == {f"javumbo-dev{f}" for f in FUNCTIONS}
    for function in functions:
        variables = function["Environment"]["Variables"]
        assert variables["S3_BUCKET"] == "javumbo-user-dbs-dev-000000000000"
        assert variables["S3_MEDIA_BUCKET"] == "javumbo-media-dev-000000000000"
    # By nothing but its own name it finds the others; they reach the buckets, tables and secret.
    event = json.loads((Path(__file__).parent / "scheduled.json").read_text())
    answer = checkout.client("lambda").invoke(
        FunctionName="javumbo-dev-warm", Payload=json.dumps(event)
    )
    with answer["Payload"] as payload:
        report = json.loads(payload.read())
    assert report["failed"] == 0
    assert {one["connect"] for one in report["reports"]} == {"done"}
