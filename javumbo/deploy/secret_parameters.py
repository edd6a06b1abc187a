"""The secrets of a stage, as SecureStrings, which CloudFormation cannot make."""

import secrets
from collections.abc import Callable
from typing import Any

from chalicelib.settings import MIN_SECRET_BYTES
from javumbo.deploy.account import code_of
from javumbo.deploy.names import secret_parameters, tags


def put_secrets(ssm: Any, stage: str, say: Callable[[str], None], *, dry_run: bool) -> None:
    """Make those that are missing; one that is there stays as it is. None is ever shown."""
    for name in secret_parameters(stage):
        if dry_run:
            say(f"  the secret {name} is made if it is not there")
        elif _put(ssm, name, stage):
            say(f"made the secret {name}")


def read_secret(ssm: Any, name: str) -> str:
    value: str = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    return value


def _put(ssm: Any, name: str, stage: str) -> bool:
    from botocore.exceptions import ClientError  # noqa: PLC0415

    try:
        ssm.put_parameter(
            Name=name,
            Type="SecureString",
            Value=secrets.token_hex(MIN_SECRET_BYTES),
            Overwrite=False,
            Tags=[{"Key": key, "Value": value} for key, value in tags(stage).items()],
        )
    except ClientError as error:
        if code_of(error) == "ParameterAlreadyExists":
            return False
        raise
    return True
