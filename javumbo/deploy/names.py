"""What things are called: all of it follows from the stage and the account."""

import re
from typing import Literal

from chalicelib.errors import ConfigurationError

PROJECT = "javumbo"
PARTS = ("data", "app", "site", "watch")
Part = Literal["data", "app", "site", "watch"]

_STAGE = re.compile(r"[a-z][a-z0-9]{0,9}")


def checked_stage(stage: str) -> str:
    """The name of a stage. Raises ConfigurationError for one that no bucket could have."""
    if not _STAGE.fullmatch(stage):
        raise ConfigurationError(
            "A stage is a lower-case letter and up to nine lower-case letters and digits."
        )
    return stage


def stack_name(stage: str, part: Part) -> str:
    return f"{PROJECT}-{stage}-{part}"


def collection_bucket(stage: str, account_id: str) -> str:
    return f"{PROJECT}-user-dbs-{stage}-{account_id}"


def media_bucket(stage: str, account_id: str) -> str:
    return f"{PROJECT}-media-{stage}-{account_id}"


def artefact_bucket(stage: str, account_id: str) -> str:
    return f"{PROJECT}-artefacts-{stage}-{account_id}"


def tables(stage: str) -> tuple[str, str]:
    """Of users, and of commits."""
    return f"{PROJECT}-users-{stage}", f"{PROJECT}-commits-{stage}"


def secret_parameters(stage: str) -> tuple[str, str]:
    """Of what signs tokens, and of what CloudFront proves itself with."""
    return f"/{PROJECT}/{stage}/secret-key", f"/{PROJECT}/{stage}/origin-secret"


def function_name(stage: str, handler: str) -> str:
    """What `chalice deploy` calls a function, so that one policy fits both ways to deploy.

    `handler` is its entry point, such as `app.fold`; `app.app` is the API's.
    """
    own = handler.partition(".")[2]
    return f"{PROJECT}-{stage}" if own == "app" else f"{PROJECT}-{stage}-{own}"


def tags(stage: str) -> dict[str, str]:
    """What everything of a stage is tagged with."""
    return {"Project": PROJECT, "Environment": stage, "ManagedBy": "cloudformation"}
