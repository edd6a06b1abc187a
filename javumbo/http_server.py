"""The HTTP server of one machine: waitress, started and stopped without losing a request."""

import errno
import logging
import socket
import threading
import time
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

from chalicelib.errors import ConfigurationError
from javumbo.connections import ContractServer
from javumbo.wsgi import WsgiApp

DEFAULT_THREADS = 16
STOP_GRACE_S = 10.0

_POLL_S = 1.0
_STOPPING_POLL_S = 0.1

# Waitress' own 100 would leave the 99th browser waiting until an idle one is dropped.
_MAX_CONNECTIONS = 1000

# More requests than threads is a busy moment, not something to warn about.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class HttpServer:
    """Serves `app` in a thread of its own, from `start` until `stop`.

    The port is taken when this is made: `port` 0 takes a free one. Raises ConfigurationError
    when it cannot be had.
    """

    def __init__(
        self, app: WsgiApp, host: str, port: int, *, threads: int = DEFAULT_THREADS
    ) -> None:
        listener = _listen(host, port)
        self.url = _url(host, listener.getsockname()[1])
        self._channels: dict[int, Any] = {}
        self._dispatcher = ThreadedTaskDispatcher()
        self._dispatcher.set_thread_count(threads)
        self._server = ContractServer(
            app, listener, self._channels, self._dispatcher, _adjustments(threads)
        )
        self._grace_s = STOP_GRACE_S
        self._stopping = threading.Event()
        self._ended = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="http-server", daemon=True).start()

    def wait(self) -> None:
        """Return when the server has ended; a signal's exception gets through at once."""
        # Not `Thread.join`: a thread whose join was interrupted counts as ended (bpo-45274).
        while not self._ended.wait(_POLL_S):
            pass

    def stop(self, grace_s: float = STOP_GRACE_S) -> None:
        """Close the port, give running requests `grace_s` seconds to finish, and end."""
        self._grace_s = grace_s
        self._stopping.set()
        if not self._ended.is_set():
            self._server.pull_trigger()
            self.wait()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._poll(_POLL_S)
            self._finish_requests()
        finally:
            self._dispatcher.shutdown(cancel_pending=True, timeout=1)
            wasyncore.close_all(self._channels, ignore_all=True)
            self._ended.set()

    def _poll(self, timeout_s: float) -> None:
        wasyncore.loop(timeout=timeout_s, use_poll=True, map=self._channels, count=1)

    def _finish_requests(self) -> None:
        wasyncore.dispatcher.close(self._server)  # the port only: `close` would end the trigger
        deadline = time.monotonic() + self._grace_s
        while self._close_idle() and time.monotonic() < deadline:
            self._poll(_STOPPING_POLL_S)

    def _close_idle(self) -> bool:
        """Let go of connections without a request; tells whether there are others."""
        connections: Any = self._server.active_channels
        for connection in connections.values():
            if not (connection.requests or connection.total_outbufs_len):
                connection.will_close = True
        return bool(connections)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"Port {port} of {host} is in use already; choose another with --port."
            ) from None
        raise ConfigurationError(
            f"Cannot listen on port {port} of {host}: {error.strerror}."
        ) from None


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _adjustments(threads: int) -> Adjustments:
    return Adjustments(
        threads=threads,
        connection_limit=_MAX_CONNECTIONS,
        ident="",  # no Server header
        log_socket_errors=False,  # a client that goes away is none
    )
