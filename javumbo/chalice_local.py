"""What the plain `chalice` command needs to work with this app."""

import os
import sys

from chalice import local
from chalice.app import Chalice
from chalice.config import Config

from chalicelib.errors import ConfigurationError
from chalicelib.settings import load_settings
from javumbo.deploy.quick_path import check_chalice_deploy
from javumbo.gateway import ContractGateway


def check_deploy() -> None:
    """Ends a `chalice deploy` that has not what it needs, with a sentence.

    To be called while app.py is imported by the `chalice` command.
    """
    try:
        check_chalice_deploy(sys.argv[1:], os.environ, sys.version_info[:2])
    except ConfigurationError as error:
        # Chalice would show any other exception with its traceback.
        raise SystemExit(f"javumbo: {error.message}") from None


def improve_chalice_local() -> None:
    """Give `chalice local` the contract's statuses, error shape and CORS headers, and its speed.

    To be called while app.py is imported by the `chalice` command. Unlike `javumbo serve`,
    `chalice local` still

    - answers HEAD with `Content-Length: 0`;
    - knows no address but 127.0.0.1, so that throttling takes all callers for one;
    - shares `app.lambda_context` between requests that run at the same time;
    - cannot read chunked bodies, and reads the others whole, however large;
    - refuses what is not valid HTTP in its own words or drops the connection, and a method that
      HTTP does not know with a 501;
    - ends at once on SIGTERM, in the middle of requests, and under --autoreload only its parent
      process does: the child keeps the port;
    - runs no schedule.
    """
    # Headers and body are two small writes: with Nagle's algorithm every request on a kept
    # connection waits 40 ms for the client's delayed acknowledgement.
    local.ChaliceRequestHandler.disable_nagle_algorithm = True
    # Chalice's handler looks this name up for each connection.
    local.LocalGateway = _Gateway  # type: ignore[misc]


class _Gateway(ContractGateway):
    def __init__(self, app_object: Chalice, config: Config) -> None:
        super().__init__(app_object, config, cors_origin=load_settings(os.environ).cors_origin)
