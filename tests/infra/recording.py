"""Clients of boto3 that send nothing: they note what they were asked for."""

from typing import TYPE_CHECKING, Any, cast

from botocore.awsrequest import AWSResponse
from botocore.config import Config

from tests.emulators.moto_server import s3_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

_NOWHERE = "http://127.0.0.1:9"


class RecordingS3:
    """`calls` are the operations and their parameters; each is answered with an ETag."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.client: S3Client = s3_client(_NOWHERE, Config())
        events: Any = self.client.meta.events
        events.register("provide-client-params.s3", self._note)
        events.register("before-send.s3", _answer)

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.calls.append((model.name, params))


def _answer(request: Any, **_: Any) -> AWSResponse:
    headers: Any = {"ETag": '"1"'}
    return AWSResponse(request.url, 200, headers, cast(Any, _Body()))


class _Body:
    def stream(self) -> list[bytes]:
        return [b""]


class RecordingTables:
    """`tables` are the tables that were asked for."""

    def __init__(self) -> None:
        self.tables: list[dict[str, Any]] = []
        self.client: DynamoDBClient = cast(Any, self)

    def create_table(self, **parameters: Any) -> None:
        self.tables.append(parameters)

    def get_waiter(self, name: str) -> Any:
        return self

    def wait(self, **parameters: Any) -> None:
        pass
