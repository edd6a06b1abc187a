"""The AWS account that is deployed to."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from chalicelib.errors import ConfigurationError
from javumbo.deploy.errors import DeploymentError

_LONGEST_REASON = 500


class Account:
    """Clients for one account and region, with the caller's own credentials.

    `endpoint_url` is that of an emulator. Raises ConfigurationError without boto3 or a region;
    credentials are looked at when the first thing is asked for.
    """

    def __init__(self, region: str | None = None, endpoint_url: str | None = None) -> None:
        try:
            from boto3 import Session  # noqa: PLC0415
        except ImportError:
            raise ConfigurationError(
                "This needs boto3: pip install 'javumbo[aws]', or make deploy, which does so."
            ) from None
        self._session = Session(region_name=region)
        self._clients: dict[tuple[str, str | None], Any] = {}
        self.endpoint_url = endpoint_url
        if not self._session.region_name:
            raise ConfigurationError("No region: give --region, or set AWS_DEFAULT_REGION.")

    @property
    def region(self) -> str:
        name: str = self._session.region_name
        return name

    @cached_property
    def account_id(self) -> str:
        """Raises ConfigurationError without credentials that AWS takes."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            account: str = self.client("sts").get_caller_identity()["Account"]
        except (BotoCoreError, ClientError) as error:
            raise ConfigurationError(f"AWS does not know who is asking: {reason(error)}") from None
        return account

    def client(self, service: str, region: str | None = None) -> Any:
        """The one client of boto3 for that service; `region` where it is another one."""
        key = (service, region)
        if key not in self._clients:
            # Any, as the names of services are no literals here.
            session: Any = self._session
            made = session.client(service, region_name=region, endpoint_url=self.endpoint_url)
            self._clients[key] = made
        return self._clients[key]


@contextmanager
def aws_refusals() -> Iterator[None]:
    """Turns what AWS refuses, or that it does not answer, into a DeploymentError."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise DeploymentError(reason(error)) from error


def code_of(error: Any) -> str:
    """The code of botocore's ClientError."""
    code: str = error.response["Error"]["Code"]
    return code


def reason(error: Exception) -> str:
    """What AWS says, in one line."""
    return " ".join(str(error).split())[:_LONGEST_REASON]
