import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from chalicelib.errors import ConfigurationError
from javumbo.cli import main
from javumbo.deploy.packaging import ROOT
from javumbo.deploy.quick_path import check_chalice_deploy, note_buckets
from tests.emulators.moto_server import aws_environment

OUTPUTS = {"CollectionBucket": "collections", "MediaBucket": "media"}


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's own AWS account is there."""
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.setenv(name, aws_environment()[name])


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(arguments)
    return code, capsys.readouterr().err


@pytest.mark.parametrize("command", ["deploy", "destroy"])
def test_without_boto3_a_sentence_says_so(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    code, error = said(capsys, command, "--stage", "dev")
    assert code == 2
    assert error.startswith("javumbo: This needs boto3")
    assert error.count("\n") == 1


@pytest.mark.parametrize("command", ["deploy", "destroy"])
def test_without_a_region_a_sentence_says_so(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, error = said(capsys, command, "--stage", "dev")
    assert (code, error.count("\n")) == (2, 1)
    assert "No region" in error


@pytest.mark.parametrize("command", ["deploy", "destroy"])
def test_without_credentials_a_sentence_says_so(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, error = said(capsys, command, "--stage", "dev", "--region", "us-east-1")
    assert code in {1, 2}
    assert error.count("\n") == 1
    assert "Unable to locate credentials" in error


@pytest.mark.parametrize("stage", ["Prod", "a_b", "1dev", "averylongname", "", "dev;rm"])
def test_a_stage_that_no_bucket_could_be_named_after_is_refused(
    stage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, error = said(capsys, "deploy", "--stage", stage, "--region", "us-east-1")
    assert code == 2
    assert "A stage is a lower-case letter" in error


def test_a_rollback_of_the_data_alone_makes_no_sense(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["deploy", "--stage", "dev", "--rollback", "--data-only"])
    assert end.value.code == 2


def test_the_accounts_buckets_are_noted_for_chalice_deploy(tmp_path: Path) -> None:
    shutil.copytree(ROOT / ".chalice", tmp_path / ".chalice")
    path = tmp_path / ".chalice" / "config.json"
    before = json.loads(path.read_text())
    note_buckets("dev", OUTPUTS, tmp_path)
    after = json.loads(path.read_text())
    variables = after["stages"]["dev"]["environment_variables"]
    assert (variables["S3_BUCKET"], variables["S3_MEDIA_BUCKET"]) == ("collections", "media")
    for stage in ("staging", "prod"):
        assert after["stages"][stage] == before["stages"][stage]
    check_chalice_deploy(["deploy", "--stage", "dev"], variables, (3, 13))


def test_chalice_deploy_says_what_is_missing() -> None:
    with pytest.raises(ConfigurationError, match=r"S3_BUCKET and S3_MEDIA_BUCKET.*--data-only"):
        check_chalice_deploy(["deploy", "--stage", "dev"], {}, (3, 13))
    check_chalice_deploy(["local"], {}, (3, 11))


@pytest.mark.parametrize("python", [(3, 11), (3, 15)])
def test_chalice_deploy_with_another_python_is_refused(python: tuple[int, int]) -> None:
    variables = {"S3_BUCKET": "a", "S3_MEDIA_BUCKET": "b"}
    with pytest.raises(ConfigurationError, match=r"Python 3\.12 to 3\.14"):
        check_chalice_deploy(["deploy"], variables, python)
