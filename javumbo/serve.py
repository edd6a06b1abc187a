"""`javumbo serve`: the whole service on this machine, over a directory."""

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from chalice.app import Chalice

from chalicelib.api.account_ending import sweep_endings
from chalicelib.errors import ConfigurationError
from chalicelib.media.sweeping import sweep_media
from chalicelib.services import Services, default_services
from chalicelib.settings import Settings
from javumbo.data import add_data_argument, use_data_argument
from javumbo.http_server import HttpServer
from javumbo.maintenance import ImportWorker, Maintenance
from javumbo.memory import share_memory_between_threads
from javumbo.reference import Reference
from javumbo.site import Site
from javumbo.streams import Streams
from javumbo.wsgi import wsgi_app

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = "8000"
MAX_PORT = 65535

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host", default=DEFAULT_HOST, help="the address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=os.environ.get("PORT") or DEFAULT_PORT,
        help=f"the port, 0 for any free one (default: $PORT, else {DEFAULT_PORT})",
    )
    add_data_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C; 0 after a clean end.

    Raises ConfigurationError when a setting is wrong, the data folder cannot be used or the port
    is taken.
    """
    share_memory_between_threads()
    use_data_argument(arguments)
    app = load_app()
    services = _ready_services()
    settings = services.settings
    server = HttpServer(
        wsgi_app(
            app,
            cors_origin=settings.cors_origin,
            max_body_bytes=settings.max_body_bytes,
            streams=Streams(services.door) if services.door else None,
            pages=(Reference(settings), Site()),
        ),
        arguments.host,
        arguments.port,
    )
    chores: list[Callable[[], object]] = [
        services.backup_sweeper.sweep,
        services.backup_sweeper.thin,
        services.imports.sweep,
        partial(sweep_media, services.storage, services.media),
        partial(sweep_endings, services),
    ]
    Maintenance(services.storage, chores).start()
    ImportWorker(services.imports).start()
    return serve_until_signal(server, _where(settings))


def load_app() -> Chalice:
    """The Chalice app. Its app.py lies beside this package, installed or not."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    chalice_app: Chalice = importlib.import_module("app").app
    return chalice_app


def _ready_services() -> Services:
    """Made before the first request, which would find out too late that they cannot be."""
    try:
        return default_services()
    except OSError as error:
        raise ConfigurationError(
            f"The data folder {error.filename} cannot be used: {error.strerror}."
        ) from None


def serve_until_signal(server: HttpServer, where: str) -> int:
    """Serve, saying so and where the data is, until SIGTERM or Ctrl-C; 0 after a clean end."""
    try:
        for number in _STOP_SIGNALS:
            signal.signal(number, signal.default_int_handler)
        server.start()
        print(f"JAVUMBO is serving {server.url} with the data in {where}", flush=True)
        server.wait()
    except KeyboardInterrupt:
        # A terminal, make and timeout all send theirs: the end is under way and bounded.
        for number in _STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        server.stop()
        return 0
    return 1


def _where(settings: Settings) -> str:
    if settings.backend == "aws":
        return f"s3://{settings.s3_bucket}"
    return str(settings.data_dir.resolve())


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else -1
    if not 0 <= port <= MAX_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {MAX_PORT}, not {text!r}")
    return port
