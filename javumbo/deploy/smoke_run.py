"""Checks of a running service, one after the other, and what came of each."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import httpx

State = Literal["ok", "failed", "skipped"]

# A cold start, and what the gateway gives an answer at most.
_TIMEOUT_S = 60.0


class CheckFailedError(Exception):
    """What a check found, as a sentence."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to try; `run` may say in a few words what it saw, or raise CheckFailedError.

    It is skipped when one that it `needs` has not succeeded.
    """

    name: str
    run: Callable[[], str | None]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    name: str
    state: State
    detail: str
    took_ms: int


class Service:
    """A service at an address; every answer is held against what was expected."""

    def __init__(
        self, url: str, *, host: str = "", transport: httpx.BaseTransport | None = None
    ) -> None:
        """`host` is the name to ask for, where the address says another."""
        self.url = url.rstrip("/")
        headers = {"Host": host} if host else {}
        # The slash lets httpx take paths as what follows the address, which may have one itself.
        self._http = httpx.Client(
            base_url=f"{self.url}/", headers=headers, timeout=_TIMEOUT_S, transport=transport
        )
        self._others = httpx.Client(timeout=_TIMEOUT_S, follow_redirects=True)

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()
        self._others.close()

    def ask(self, method: str, path: str, status: int = 200, **request: Any) -> httpx.Response:
        """Raises CheckFailedError for another status than this one."""
        answer = self.ask_any(method, path, **request)
        expect(answer.status_code == status, f"{status} expected, {_shown(answer)} came")
        return answer

    def ask_any(self, method: str, path: str, **request: Any) -> httpx.Response:
        """The answer of a path of the service, or of an address elsewhere, whatever its status."""
        if path.startswith("/"):
            return self._http.request(method, path.lstrip("/"), **request)
        return self._others.request(method, path, **request)

    def json(self, method: str, path: str, status: int = 200, **request: Any) -> Any:
        """The members of a JSON answer."""
        answer = self.ask(method, path, status, **request)
        kind = answer.headers.get("content-type", "")
        expect(kind.startswith("application/json"), f"JSON expected, {kind or 'no type'} came")
        return answer.json()


def expect(condition: object, sentence: str) -> None:
    """Raises CheckFailedError with `sentence` unless `condition` holds."""
    if not condition:
        raise CheckFailedError(sentence)


def run_checks(checks: Sequence[Check], leave_out: Collection[str] = ()) -> Iterator[Outcome]:
    """Do the checks in their order; those in `leave_out` are skipped."""
    succeeded: set[str] = set()
    for check in checks:
        outcome = _outcome(check, succeeded, leave_out)
        if outcome.state == "ok":
            succeeded.add(check.name)
        yield outcome


def _outcome(check: Check, succeeded: Collection[str], leave_out: Collection[str]) -> Outcome:
    if check.name in leave_out:
        return Outcome(check.name, "skipped", "left out, as asked for", 0)
    missing = [name for name in check.needs if name not in succeeded]
    if missing:
        return Outcome(check.name, "skipped", f"needs {', '.join(missing)}", 0)
    started = time.monotonic()
    state, detail = _tried(check)
    return Outcome(check.name, state, detail, round((time.monotonic() - started) * 1000))


def _tried(check: Check) -> tuple[State, str]:
    try:
        return "ok", check.run() or ""
    except CheckFailedError as error:
        return "failed", str(error)
    except httpx.HTTPError as error:
        return "failed", f"no answer: {error or type(error).__name__}"
    except (KeyError, IndexError, TypeError, ValueError) as error:
        return "failed", f"the answer is not as it should be: {type(error).__name__} {error}"


def _shown(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.text[:200]!r}"
