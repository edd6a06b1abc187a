"""Writes `.chalice/config.json` and the policies of its stages: `python -m javumbo.chalice_config`.

Each function of each stage has a policy of its own, of names and patterns: CloudFormation's
functions would be lost on `chalice deploy`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from javumbo.chalice_policies import POLICIES, policy

FOLDER = Path(__file__).parents[1] / ".chalice"
STAGES = ("dev", "staging", "prod")
APP = "javumbo"

# More memory is more of a processor: a whole one here, less would be slower and not cheaper.
# `benchmarks/login.py` chooses it, together with bcrypt's cost.
# Source: AWS Lambda Developer Guide, "Configure Lambda function memory".
_MEMORY_MB = 1769
# What API Gateway waits for at most, and what Lambda does.
_REQUEST_S = 29
_BACKGROUND_S = 900

# Warming waits for others, and needs next to nothing.
_FUNCTIONS = {
    "api_handler": {},
    "jwt_auth": {"lambda_timeout": 10},
    "warm": {"lambda_timeout": 60, "lambda_memory_size": 256},
    "sweep": {"lambda_timeout": _BACKGROUND_S},
    "upkeep": {"lambda_timeout": _BACKGROUND_S},
    "fold": {"lambda_timeout": _BACKGROUND_S},
}


def files() -> Iterator[tuple[str, str]]:
    """The names and contents of all files."""
    yield "config.json", _json(_config())
    for stage in STAGES:
        for function in POLICIES:
            yield policy_file(function, stage), _json(policy(function, stage))


def policy_file(function: str, stage: str) -> str:
    return f"policy-{function}-{stage}.json"


def _config() -> dict[str, Any]:
    return {
        "version": "2.0",
        "app_name": APP,
        "autogen_policy": False,
        "lambda_architecture": "arm64",
        "lambda_memory_size": _MEMORY_MB,
        "lambda_timeout": _REQUEST_S,
        "stages": {stage: _stage(stage) for stage in STAGES},
    }


def _stage(stage: str) -> dict[str, Any]:
    return {
        "api_gateway_stage": "api",
        "environment_variables": {
            "STAGE": stage,
            "DYNAMODB_USERS_TABLE": f"{APP}-users-{stage}",
            "DYNAMODB_COMMITS_TABLE": f"{APP}-commits-{stage}",
            "SECRET_KEY_PARAMETER": f"/{APP}/{stage}/secret-key",
        },
        "tags": {"Project": APP, "Environment": stage, "ManagedBy": "chalice"},
        "lambda_functions": {
            name: {"iam_policy_file": policy_file(name, stage), **settings}
            for name, settings in _FUNCTIONS.items()
        },
    }


def _json(content: dict[str, Any]) -> str:
    return f"{json.dumps(content, indent=2)}\n"


if __name__ == "__main__":
    for name, content in files():
        (FOLDER / name).write_text(content)
