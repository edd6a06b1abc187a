"""One log line for each request and each job, which carries the metrics too."""

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from chalice.app import Chalice, Request, Response

from chalicelib.counting import Usage, counting
from chalicelib.errors import JavumboError
from chalicelib.ops import logs, metrics
from chalicelib.settings import Settings

logger = logging.getLogger(__name__)

SERVER_ERROR = 500
_MS = 1000


class JobFailedError(Exception):
    """Stands for an exception whose text is for nobody: Lambda would log it."""


class _Observed:
    """What the line says beside what every line says."""

    def __init__(self, noted: dict[str, float]) -> None:
        self.metrics = noted
        self.members: dict[str, Any] = {}
        self.failed = False


def note(metric: str, value: float) -> None:
    """Let the line of the request or job that runs now carry one of `metrics.METRICS`."""
    observed = _current.get()
    if observed:
        observed.metrics[metric] = value


_current: ContextVar[_Observed | None] = ContextVar("observed", default=None)


def observe(app: Chalice, settings: Settings) -> "Observer":
    """Observe all that the app is asked, from outside of its other middleware.

    Where the settings want JSON, each request and job writes its line. Else the logs stay as they
    are, for a person to read.
    """
    if settings.log_format == "json":
        logs.configure(app.log)
    observer = Observer(settings.stage)
    app.register_middleware(observer.middleware)
    return observer


class Observer:
    """Observes the requests and jobs of one process."""

    def __init__(
        self,
        stage: str,
        *,
        clock: Callable[[], float] = time.perf_counter,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        """`clock` gives seconds."""
        self._stage = stage
        self._clock = clock
        self._now_ms = now_ms
        self._is_new = True

    def middleware(self, event: Any, get_response: Callable[[Any], Any]) -> Any:
        """For Chalice, and events of all kinds."""
        if isinstance(event, Request):
            return self._request(event, get_response)
        with self.job(_handler() or type(event).__name__, event.context):
            return get_response(event)

    @contextmanager
    def job(self, operation: str, context: Any = None) -> Iterator[None]:
        """Observe what is done inside, and is not the answer to a request.

        An exception is logged, counted and raised through; one that is not ours as
        JobFailedError. `context` is Lambda's.
        """
        about = _request_id(context) | {"operation": operation}
        with logs.about(**about), self._line("job", {}) as observed:
            try:
                yield
            except Exception as error:
                observed.failed = True
                logger.exception("the job failed")
                if isinstance(error, JavumboError):
                    raise
                raise JobFailedError from None

    def _request(self, request: Request, get_response: Callable[[Any], Any]) -> Any:
        about = {
            **_request_id(request.lambda_context),
            "operation": f"{request.method} {request.context['resourcePath']}",
            **_user(request.context.get("authorizer") or {}),
        }
        cold: dict[str, float] = {"ColdStarts": 1} if self._is_new else {}
        with logs.about(**about), self._line("request", cold) as observed:
            try:
                response = get_response(request)
            except Exception:
                observed.failed = True
                observed.members["status"] = SERVER_ERROR
                logger.exception("the request failed")
                raise
            observed.failed = response.status_code >= SERVER_ERROR
            observed.members |= _sizes(request, response)
            return response

    @contextmanager
    def _line(self, kind: str, noted: dict[str, float]) -> Iterator[_Observed]:
        observed = _Observed(noted)
        token = _current.set(observed)
        is_new, self._is_new = self._is_new, False
        started_s = self._clock()
        try:
            with counting() as usage:
                yield observed
        finally:
            _current.reset(token)
            duration_ms = round((self._clock() - started_s) * _MS, 1)
            observed.members |= {"duration_ms": duration_ms, "cold_start": is_new}
            self._log(kind, observed, usage)

    def _log(self, kind: str, observed: _Observed, usage: Usage) -> None:
        counts = {
            "Errors": int(observed.failed),
            "Conflicts": usage.conflicts,
            "Folds": usage.folds,
            "StoreTrips": usage.round_trips if kind == "request" else 0,
            "StoreErrors": usage.failures,
        }
        values = {name: count for name, count in counts.items() if count} | observed.metrics
        members = {
            **observed.members,
            "store_trips": usage.round_trips,
            "bytes_up": usage.bytes_up,
            "bytes_down": usage.bytes_down,
            "conflict_retries": usage.conflicts,
            **metrics.embedded(values, self._stage, self._now_ms()),
        }
        logger.info(kind, extra={"members": members})


def _handler() -> str:
    """Which of the functions of app.py Lambda runs in this process."""
    return os.environ.get("_HANDLER", "").removeprefix("app.")


def _request_id(context: Any) -> dict[str, str]:
    request_id = getattr(context, "aws_request_id", "")
    return {"request_id": request_id} if request_id else {}


def _user(authorizer: Mapping[str, Any]) -> dict[str, str]:
    username = authorizer.get("principalId")
    if not username:
        return {}
    return {"user": logs.pseudonym(username, authorizer.get("generation", ""))}


def _sizes(request: Request, response: Response) -> dict[str, int]:
    return {
        "status": response.status_code,
        "request_bytes": _request_size(request),
        "response_bytes": _size(response.body),
    }


def _request_size(request: Request) -> int:
    """How long the body is; 0 for what is none, which is answered for already."""
    try:
        return len(request.raw_body)
    except ValueError:
        return 0


def _size(body: object) -> int:
    """How long an answer is; 0 where Chalice has yet to encode it."""
    encoded = body.encode() if isinstance(body, str) else body
    return len(encoded) if isinstance(encoded, bytes) else 0
