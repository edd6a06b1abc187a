"""Where the secrets that sign tokens come from when the settings do not hold them.

There may be two: the current one signs, and what the previous one has signed is still good.
"""

import json
import os
import stat
import tempfile
from pathlib import Path

from chalicelib.accounts.aws import client_config, outages
from chalicelib.aws_session import aws_session
from chalicelib.errors import ConfigurationError
from chalicelib.settings import MIN_SECRET_BYTES

_MISCONFIGURED = frozenset({"ParameterNotFound", "AccessDeniedException"})


def local_secrets(path: Path) -> list[bytes]:
    """The secret in the file at `path`, and the one in the file `previous_<name>` if there is one.

    The first one is created where it is not there. Raises ConfigurationError as `local_secret`.
    """
    current, previous = local_secret(path), path.with_name(f"previous_{path.name}")
    try:
        return [current, _read(previous)] if previous.exists() else [current]
    except OSError as error:
        raise ConfigurationError("The file of the previous secret cannot be used.") from error


def local_secret(path: Path) -> bytes:
    """The secret in the file at `path`, which is created with a random one if it is not there.

    Processes that start at once agree on one secret. Raises ConfigurationError when the file is
    too short, is readable by others than its owner, or cannot be read or written.
    """
    try:
        if not path.exists():
            _create(path)
        return _read(path)
    except OSError as error:
        raise ConfigurationError("The file of the secret cannot be used.") from error


def parameter_secrets(name: str) -> list[bytes]:
    """The secret in the SSM parameter `name`, or two: `{"current": "...", "previous": "..."}`.

    Raises ConfigurationError when it is missing, too short, not a SecureString or not ours to
    read, and StorageUnavailableError when SSM does not answer.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415

    with outages():
        try:
            client = aws_session().client("ssm", config=client_config())
            parameter = client.get_parameter(Name=name, WithDecryption=True)["Parameter"]
        except ClientError as error:
            if error.response["Error"]["Code"] not in _MISCONFIGURED:
                raise
            raise ConfigurationError("The parameter of the secret cannot be read.") from error
    if parameter["Type"] != "SecureString":
        raise ConfigurationError("The parameter of the secret must be a SecureString.")
    return [_long_enough(secret.encode()) for secret in _listed(parameter["Value"])]


def _listed(value: str) -> list[str]:
    """The current secret and the previous one; a value that is no JSON object is the only one."""
    if not value.startswith("{"):
        return [value]
    try:
        secrets = json.loads(value)
        listed = [secrets["current"], *([secrets["previous"]] if "previous" in secrets else [])]
    except (ValueError, KeyError):
        listed = []
    if not listed or not all(isinstance(secret, str) for secret in listed):
        raise ConfigurationError("The parameter of the secret has no text named 'current'.")
    return listed


def _create(path: Path) -> None:
    """Write aside, then link: the name appears with its whole content or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # readable by its owner alone
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(os.urandom(MIN_SECRET_BYTES).hex())
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its secret is the one
    finally:
        os.unlink(draft)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigurationError("The file of the secret must be readable by its owner alone.")
        return _long_enough(file.read().strip())


def _long_enough(secret: bytes) -> bytes:
    if len(secret) < MIN_SECRET_BYTES:
        raise ConfigurationError(f"The secret must have at least {MIN_SECRET_BYTES} bytes.")
    return secret
