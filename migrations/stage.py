"""The settings of a stage: this machine's folder, or what `javumbo deploy` has made on AWS."""

import os
import re
from collections.abc import MutableMapping

from chalicelib.errors import ConfigurationError
from chalicelib.settings import Settings, load_settings

LOCAL = "local"
_STAGE = re.compile(r"[a-z][a-z0-9]{0,9}")


def use_stage(stage: str, environ: MutableMapping[str, str]) -> Settings:
    """Settings of the stage, by the names that its stacks give to everything.

    They are put into `environ` as well, so that all else in this process works on that stage. It
    is never another one because of a variable that was left over: on AWS the names follow from
    the stage and the account alone. Raises ConfigurationError.
    """
    if not _STAGE.fullmatch(stage):
        raise ConfigurationError("A stage has 1 to 10 letters a-z and digits, a letter first.")
    environ.update(_environment(stage))
    return load_settings(environ)


def _environment(stage: str) -> dict[str, str]:
    if stage == LOCAL:
        return {"JAVUMBO_BACKEND": "local"}
    account = account_id()
    return {
        "JAVUMBO_BACKEND": "aws",
        "S3_BUCKET": f"javumbo-user-dbs-{stage}-{account}",
        "S3_MEDIA_BUCKET": f"javumbo-media-{stage}-{account}",
        "DYNAMODB_USERS_TABLE": f"javumbo-users-{stage}",
        "DYNAMODB_COMMITS_TABLE": f"javumbo-commits-{stage}",
        "SECRET_KEY_PARAMETER": f"/javumbo/{stage}/secret-key",
    }


def account_id() -> str:
    """The AWS account of whoever asks. Raises ConfigurationError."""
    from boto3 import Session  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        account: str = Session().client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise ConfigurationError(f"AWS does not answer: {error}.") from error
    return account


def check_apart(settings: Settings, *paths: os.PathLike[str]) -> None:
    """Raises ConfigurationError where an old install is the very place that people go to."""
    if settings.backend == "aws":
        return
    own = [settings.data_dir / "admin.db", settings.data_dir / "user_dbs"]
    if {os.path.realpath(path) for path in paths} & {os.path.realpath(path) for path in own}:
        raise ConfigurationError("The old install lies where the new one is to be: move it aside.")
