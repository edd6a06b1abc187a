"""The rules of the house that no linter knows."""

import ast
import json
import subprocess
import sys
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from chalicelib.storage import Owner
from chalicelib.storage.keys import MEDIA

ROOT = Path(__file__).parent.parent
SHIPPED = [ROOT / "app.py", *sorted((ROOT / "chalicelib").rglob("*.py"))]
LOCAL = sorted((ROOT / "javumbo").rglob("*.py"))


def pinned(lines: list[str]) -> set[str]:
    return {line.strip() for line in lines if "==" in line and not line.startswith("#")}


def test_the_lambda_zip_holds_what_pyproject_says_but_neither_chalice_nor_boto3() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    shipped = pinned((ROOT / "requirements.txt").read_text().splitlines())
    assert shipped < pinned(project["dependencies"])
    names = {line.split("==")[0].lower() for line in shipped}
    assert names == {"backports.zstd", "bcrypt", "msgspec", "pyjwt", "zxcvbn"}


def test_importing_the_app_loads_nothing_dear(tmp_path: Path) -> None:
    dear = ("boto3", "botocore", "jwt", "backports.zstd", "zxcvbn", "chalicelib.api.openapi")
    code = f"import app, sys; print([m for m in {dear} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"JAVUMBO_DATA": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
    assert not (tmp_path / "data").exists()


def test_every_stage_has_its_own_names_and_one_policy_per_function() -> None:
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    assert set(config["stages"]) == {"dev", "staging", "prod"}
    assert config["autogen_policy"] is False
    for stage, settings in config["stages"].items():
        assert settings["environment_variables"]["DYNAMODB_USERS_TABLE"].endswith(f"-{stage}")
        assert set(settings["lambda_functions"]) == {"api_handler", "jwt_auth"}
        for function in settings["lambda_functions"].values():
            policy = (ROOT / ".chalice" / function["iam_policy_file"]).read_text()
            for statement in json.loads(policy)["Statement"]:
                assert "*" not in statement["Action"]
                assert statement["Resource"] != "*"


def test_the_policies_cover_every_place_where_a_person_has_something() -> None:
    collection = Owner("ada", "g1")
    owners = [collection, collection.in_space(MEDIA)]
    keys = [f"user-dbs/{key}" for owner in owners for key in places_of(owner)]
    for stage in ("dev", "staging", "prod"):
        policy = json.loads((ROOT / ".chalice" / f"policy-api_handler-{stage}.json").read_text())
        for key in (*keys, *OTHER_PLACES):
            bucket, _, name = key.partition("/")
            arn = f"arn:aws:s3:::javumbo-{bucket}-{stage}-123456789012"
            for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
                assert allows(policy, action, f"{arn}/{name}")
            assert allows(policy, "s3:ListBucket", arn)


OTHER_PLACES = (
    *(
        f"user-dbs/{folder}/ada/g1/one"
        for folder in ("backups", "backups_due", "jobs", "jobs_open")
    ),
    *(f"media/{folder}/ada/g1/one" for folder in ("media", "uploads", "downloads")),
)


def places_of(owner: Owner) -> list[str]:
    return [owner.base_key, owner.spill_key(1, "tx", "pages"), owner.conflict_key(1)]


def allows(policy: dict[str, Any], action: str, resource: str) -> bool:
    return any(
        action in statement["Action"]
        and any(fnmatchcase(resource, pattern) for pattern in listed(statement["Resource"]))
        for statement in policy["Statement"]
    )


def listed(resource: str | list[str]) -> list[str]:
    return [resource] if isinstance(resource, str) else resource


def test_modules_and_functions_stay_small() -> None:
    lengths = []
    for path in SHIPPED + LOCAL:
        source = path.read_text()
        assert len(source.splitlines()) < 350, path
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= 60, f"{path}: {node.name}"
                lengths.append(length)
    lengths.sort()
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 9 // 10] <= 30


def test_app_py_stays_an_overview() -> None:
    assert len((ROOT / "app.py").read_text().splitlines()) < 80
