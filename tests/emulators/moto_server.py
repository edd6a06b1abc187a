"""DynamoDB, S3 and SSM on this machine: moto's server, one request at a time.

moto checks a condition and then writes, with no lock between the two, so that two writers can
both win. Served behind one lock its conditional writes are as atomic as those of AWS, and a test
of simultaneous writers means something.

The server is a process of its own: each one starts empty, and what moto warns about or keeps in
its globals stays out of the tests.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from boto3 import Session
    from botocore.config import Config
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

REGION = "us-east-1"
ROOT = Path(__file__).parents[2]
TIMEOUT_S = 30


@contextmanager
def serialised_moto() -> Iterator[str]:
    """The address of an empty server on a free port of 127.0.0.1, stopped when left."""
    command = [sys.executable, "-m", "tests.emulators.moto_server"]
    environ = _without_aws(os.environ) | aws_environment()
    with Popen(command, cwd=ROOT, env=environ, stdin=PIPE, stdout=PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().strip()
            assert port.isdigit(), "the moto server did not start; its own output says why"
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


def aws_environment(endpoint_url: str | None = None) -> dict[str, str]:
    """Environment variables for code that makes its own clients: nothing of the developer's
    own AWS account is read, and with an address every service is the one at it."""
    environ = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    return environ | ({"AWS_ENDPOINT_URL": endpoint_url} if endpoint_url else {})


def dynamodb_client(endpoint_url: str, config: "Config | None" = None) -> "DynamoDBClient":
    """A client with made-up credentials; `config` is merged over one that does not retry."""
    return _session().client("dynamodb", endpoint_url=endpoint_url, config=_config(config))


def s3_client(endpoint_url: str, config: "Config | None" = None) -> "S3Client":
    """A client with made-up credentials; `config` is merged over one that does not retry."""
    return _session().client("s3", endpoint_url=endpoint_url, config=_config(config))


def _session() -> "Session":
    """A session that reads no configuration file and no profile."""
    from boto3 import Session
    from botocore.session import Session as CoreSession

    core = CoreSession(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    return Session("testing", "testing", region_name=REGION, botocore_session=core)


def _config(config: "Config | None") -> "Config":
    from botocore.config import Config

    base = Config(
        connect_timeout=TIMEOUT_S,
        read_timeout=TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=64,
        proxies={},
    )
    return base.merge(config) if config else base


def _without_aws(environ: "os._Environ[str]") -> dict[str, str]:
    return {name: value for name, value in environ.items() if not name.startswith("AWS_")}


class Serialised:
    """Answers one request from its first byte to its last before it takes the next."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._lock = Lock()

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        with self._lock:
            return list(self._app(environ, start))


def _serve() -> None:
    """Says its port on stdout and serves until stdin is closed, so that it never outlives
    the tests."""
    from threading import Thread

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            pass

    app = Serialised(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    print(server.port, flush=True)
    Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    _serve()
