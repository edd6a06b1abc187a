"""Each function may do what it does, and nothing more."""

import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import app
from chalicelib.ops.invoking import READ_TIMEOUT_S
from chalicelib.ops.tidying import UNTOUCHED_S
from javumbo.chalice_config import FOLDER, files, policy_file
from javumbo.chalice_policies import POLICIES
from tests.ops.policy_tour import work
from tests.ops.recorded import STAGE
from tests.ops.stage import stage

# What app.py defines beside the API handler.
FUNCTIONS = {"jwt_auth", *(function.name for function in app.app.pure_lambda_functions)} | {
    source.name for source in app.app.event_sources
}

Pair = tuple[str, str]


def allowed(function: str) -> set[Pair]:
    """The actions and patterns of the function's policy, the logs' aside."""
    policy: Any = json.loads((FOLDER / policy_file(function, STAGE)).read_text())
    pairs = set()
    for statement in policy["Statement"]:
        resource = statement["Resource"]
        for pattern in [resource] if isinstance(resource, str) else resource:
            pairs |= {(action, pattern) for action in statement["Action"]}
    return {pair for pair in pairs if not pair[0].startswith("logs:")}


def covers(pair: Pair, asked: Pair) -> bool:
    return pair[0] == asked[0] and fnmatchcase(asked[1], pair[1])


def test_each_function_may_do_what_it_does_and_nothing_that_it_never_does(tmp_path: Path) -> None:
    with stage(tmp_path) as worked:
        work(worked)
        asked = {function: worked.asked(function) for function in POLICIES}
    assert {function: refused(function, asked[function]) for function in POLICIES} == {
        function: [] for function in POLICIES
    }
    assert {function: idle(function, asked[function]) for function in POLICIES} == {
        function: set() for function in POLICIES
    }


def refused(function: str, asked: Iterable[Pair]) -> list[Pair]:
    policy = allowed(function)
    return [one for one in asked if not any(covers(pair, one) for pair in policy)]


def idle(function: str, asked: Iterable[Pair]) -> set[Pair]:
    """What the function may do and never did, but for what is rare."""
    unused = {pair for pair in allowed(function) if not any(covers(pair, one) for one in asked)}
    return {pair for pair in unused if not is_rare(*pair)}


# What only a commit needs that is too large for the log, or that met a foreign file.
RARE_FOLDERS = ("segments", "media_segments", "conflicts", "media_conflicts")
RARE = {
    ("s3:ListBucketVersions", "user-dbs"),
    ("s3:GetObjectVersion", "user-dbs"),
    ("s3:PutObject", "media_dbs"),
    # The log refused a commit and did not say who was first.
    ("dynamodb:GetItem", "table"),
    ("dynamodb:PutItem", "javumbo-commits"),
    # The answer to a write was lost; and without listing S3 would not say what is missing.
    ("s3:GetObject", "/media/*"),
    ("s3:ListBucket", "javumbo-media"),
    # An import that fails takes its media back; one that takes more than one step goes on.
    ("s3:DeleteObject", "/media/*"),
    ("lambda:InvokeFunction", "javumbo-dev-fold"),
}


def is_rare(action: str, pattern: str) -> bool:
    if any(pattern.endswith(f"/{folder}/*") for folder in RARE_FOLDERS):
        return True
    return any(action == rare and part in pattern for rare, part in RARE)


def test_the_files_are_those_that_the_script_makes() -> None:
    """But for the buckets, which are called after the account: a deployment notes them there."""
    for name, content in files():
        found = json.loads((FOLDER / name).read_text())
        for settings in found.get("stages", {}).values():
            for bucket in ("S3_BUCKET", "S3_MEDIA_BUCKET"):
                settings["environment_variables"].pop(bucket, None)
        assert found == json.loads(content), "run python -m javumbo.chalice_config"


def test_every_function_of_the_app_has_its_settings_and_its_policy() -> None:
    config = json.loads(dict(files())["config.json"])
    assert set(config["stages"]) == {"dev", "staging", "prod"}
    assert config["autogen_policy"] is False
    assert config["lambda_architecture"] == "arm64"
    for settings in config["stages"].values():
        assert settings["api_gateway_stage"] == "api"
        assert set(settings["lambda_functions"]) == {"api_handler", *FUNCTIONS} == set(POLICIES)


def test_the_gateway_waits_as_long_as_a_request_may_take_and_warming_no_longer() -> None:
    config = json.loads(dict(files())["config.json"])
    assert config["lambda_timeout"] == 29
    for settings in config["stages"].values():
        functions = settings["lambda_functions"]
        assert "lambda_timeout" not in functions["api_handler"]
        assert functions["warm"]["lambda_timeout"] > READ_TIMEOUT_S
        # By their age files are told that no function can have in use any more.
        assert max(one.get("lambda_timeout", 0) for one in functions.values()) < UNTOUCHED_S


def test_stages_have_nothing_of_each_other() -> None:
    contents = {name: content for name, content in files() if name != "config.json"}
    for stage_name in ("dev", "staging", "prod"):
        own = [text for name, text in contents.items() if name.endswith(f"-{stage_name}.json")]
        assert len(own) == len(POLICIES)
        others = {"dev", "staging", "prod"} - {stage_name}
        for text in own:
            assert not any(f"-{other}" in text or f"/{other}/" in text for other in others)


def test_nothing_is_allowed_wholesale() -> None:
    for name, content in files():
        for statement in json.loads(content).get("Statement", []):
            assert statement["Effect"] == "Allow"
            assert not any("*" in action for action in statement["Action"]), name
            resources = statement["Resource"]
            for resource in [resources] if isinstance(resources, str) else resources:
                assert "javumbo" in resource, name
