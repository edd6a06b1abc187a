"""One function of app.py as a process of its own, which notes what it asks AWS for.

    python -m tests.ops.recorded FILE api_handler      serves HTTP until stdin is closed
    python -m tests.ops.recorded FILE sweep '{...}'    one event

Each line of FILE is an action of IAM and the resource.
"""

import json
import logging
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from botocore import handlers

ACCOUNT = "123456789012"
STAGE = "dev"

# What S3 calls one thing and IAM another.
_S3_ACTIONS = {
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
}


def action_and_resource(service: str, operation: str, params: dict[str, Any]) -> tuple[str, str]:
    """What a policy has to allow for a call."""
    if service == "s3":
        if operation == "CreateBucket":  # boto3 signs the form of an upload by it
            return "s3:PutObject", f"arn:aws:s3:::{params['Bucket']}/uploads/signed"
        action = _S3_ACTIONS.get(operation, operation)
        if "VersionId" in params:
            action += "Version"
        key = f"/{params['Key']}" if "Key" in params else ""
        return f"s3:{action}", f"arn:aws:s3:::{params['Bucket']}{key}"
    if service == "dynamodb":
        table = params.get("TableName") or next(iter(params["RequestItems"]))
        return f"dynamodb:{operation}", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{table}"
    if service == "ssm":
        return f"ssm:{operation}", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter{params['Name']}"
    assert (service, operation) == ("lambda", "Invoke"), (service, operation)
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{params['FunctionName']}"
    return "lambda:InvokeFunction", arn


def record_to(file: Path) -> None:
    """Note the calls of all clients that are made from now on, signed addresses included."""

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        service = model.service_model.service_name
        with file.open("a") as lines:
            print(*action_and_resource(service, model.name, params), file=lines)

    # The one list by which botocore sets up every session.
    handlers.BUILTIN_HANDLERS.append(("before-parameter-build", note))


class Context:
    """Lambda's, as far as it is asked."""

    aws_request_id = "5f3c7d1e-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 600_000


def main(arguments: Iterable[str]) -> None:
    file, function, *events = arguments
    record_to(Path(file))
    import app

    # The tests run on Pythons that Lambda would refuse.
    name = "" if function == "api_handler" else f"-{function}"
    os.environ["AWS_LAMBDA_FUNCTION_NAME"] = f"javumbo-{STAGE}{name}"
    if not events:
        serve(app.app)
    entry = app.app if function == "api_handler" else getattr(app, function)
    for event in events:
        print(json.dumps(entry(json.loads(event), Context())))


def serve(app: Any) -> None:
    from javumbo.http_server import HttpServer
    from javumbo.wsgi import wsgi_app

    served = wsgi_app(app, cors_origin="http://localhost", max_body_bytes=5_000_000)
    server = HttpServer(served, "127.0.0.1", 0)
    server.start()
    print(server.url, flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    logging.disable()
    main(sys.argv[1:])
