"""Keeping environments warm: each function on AWS is one, and each environment of it another.

A schedule warms but its own function. So it invokes the API handler several times at once by a
private event, which holds each environment for a moment: the next invocation gets another one.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

from chalicelib.errors import JavumboError, NotFoundError, StorageUnavailableError
from chalicelib.ops.invoking import Event, Invoker
from chalicelib.ops.private_events import Order, private_event
from chalicelib.ops.tidying import tidy_up
from chalicelib.ops.warming_authorizer import ENVIRONMENT, HOLD_MS, WARMING_QUESTION, hold
from chalicelib.services import Services
from chalicelib.storage import Owner

logger = logging.getLogger(__name__)

# Of each of the two: a cold authorizer is as much of a wait as a cold API handler.
ENVIRONMENTS = 3

# Nobody has this collection: looking for it takes the way that all requests take.
_NOBODY = Owner("nobody", "0")


def warm_environment(
    order: Order, services: Services, sleep: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """In the API handler: make ready what requests need, tidy up, and hold on for `hold_ms`.

    With `resume` imports that nobody works on are gone on with. Tells which environment it was,
    and what became of each: for tidying, how much was removed.
    """
    began_s = time.monotonic()
    steps: dict[str, Callable[[], dict[str, int] | None]] = {
        "connect": partial(_connect, services),
        "tidy": lambda: tidy_up(services)._asdict(),
    }
    if order.get("resume"):
        steps["resume"] = services.imports.resume
    done = {name: _done(step) for name, step in steps.items()}
    hold(began_s, order.get("hold_ms", 0), sleep)
    return {"environment": ENVIRONMENT, **done}


def warm_functions(
    invoker: Invoker,
    *,
    api_handler: str,
    authorizer: str,
    environments: int = ENVIRONMENTS,
    hold_ms: int = HOLD_MS,
) -> dict[str, Any]:
    """In the function that warms: reach so many environments of each of the two at once.

    One of the API handler's goes on with imports. Gives what they report, and how many failed,
    which is logged. Raises StorageUnavailableError when all did.
    """
    orders = [private_event("warm", hold_ms=hold_ms, resume=n == 0) for n in range(environments)]
    asked = [(api_handler, order) for order in orders]
    asked += [(authorizer, WARMING_QUESTION)] * environments
    with ThreadPoolExecutor(len(asked)) as pool:
        answers = list(pool.map(lambda one: _asked(invoker, *one), asked))
    if not any(answers):
        raise StorageUnavailableError("No function could be warmed.")
    reports = [answer for answer in answers[:environments] if answer]
    authorizers = [answer["context"] for answer in answers[environments:] if answer]
    return {
        "environments": _different(reports),
        "authorizers": _different(authorizers),
        "reports": reports,
        "failed": answers.count(None),
    }


def _different(reports: Sequence[Mapping[str, Any]]) -> int:
    return len({report["environment"] for report in reports})


def _asked(invoker: Invoker, function: str, event: Event) -> Any:
    try:
        return invoker.call(function, event)
    except JavumboError:
        logger.exception("the function %s could not be warmed", function)
        return None


def _connect(services: Services) -> None:
    services.users.get(_NOBODY.username)
    with suppress(NotFoundError):
        services.storage.read(_NOBODY, lambda _: None)


def _done(step: Callable[[], dict[str, int] | None]) -> Any:
    try:
        return step() or "done"
    except JavumboError:
        logger.exception("a step of warming failed")
        return "failed"
