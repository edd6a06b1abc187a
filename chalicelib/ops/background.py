"""Folds and imports on AWS: a function of their own does them, and no request waits for it.

    {"fold": {"username": "ada", "generation": "g1", "space": ""}}
    {"import_step": {"username": "ada", "generation": "g1", "import_id": "..."}}

Both may be lost, and done twice: the sweep folds what nobody folded, the warming goes on with
imports that nobody works on, and so does whoever waits for one. That is also how an import goes on
which is so long that Lambda takes its steps, each asked for by the one before, for an endless loop.
Source: AWS Lambda Developer Guide, "Use Lambda recursive loop detection".
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.errors import BadInputError, JavumboError, NotFoundError
from chalicelib.ops.invoking import Event, Invoker
from chalicelib.services import Services
from chalicelib.storage import CollectionStorage, Owner
from chalicelib.transfers import Imports, can_go_on

logger = logging.getLogger(__name__)

# The part of a function's time that a step may take before it looks for its end: what it does
# then, the commit above all, is not interrupted.
_STEP_PART = 2 / 3


def fold_event(owner: Owner) -> Event:
    """Asks for a fold of the owner's commits."""
    return {"fold": {**_registration(owner), "space": owner.space}}


def import_step_event(owner: Owner, import_id: str) -> Event:
    """Asks for the next step of an import."""
    return {"import_step": {**_registration(owner), "import_id": import_id}}


def hand_over(
    storage: CollectionStorage, imports: Imports, invoker: Invoker, function: str
) -> None:
    """From now on ask that function for the folds and the steps that become due."""

    def send(event: Event) -> None:
        try:
            invoker.send(function, event)
        except JavumboError:
            logger.exception("the function %s could not be asked", function)

    storage.on_fold_due(lambda owner: send(fold_event(owner)))
    imports.on_step_due(lambda owner, import_id: send(import_step_event(owner, import_id)))


def do_asked(
    event: Event, services: Services, left_ms: int, send: Callable[[Event], None]
) -> dict[str, Any]:
    """Do what the event asks for in `left_ms`; `send` is given what there is to do next.

    Fine when what it is about is gone. Raises BadInputError for an event of neither kind, and
    StorageUnavailableError when it is to be done again.
    """
    try:
        match event:
            case {"fold": {"space": str(space), **rest}}:
                return {"folded": services.storage.fold(_owner(rest, space))}
            case {"import_step": {"import_id": str(import_id), **rest}}:
                return _import_step(services.imports, _owner(rest), import_id, left_ms, send)
    except NotFoundError:
        return {"gone": True}
    raise BadInputError("This asks for neither a fold nor a step of an import.")


def _import_step(
    imports: Imports, owner: Owner, import_id: str, left_ms: int, send: Callable[[Event], None]
) -> dict[str, Any]:
    job = imports.run(owner, import_id, int(left_ms * _STEP_PART))
    if can_go_on(job):
        send(import_step_event(owner, import_id))
    return {"state": job.state}


def _registration(owner: Owner) -> dict[str, str]:
    return {"username": owner.username, "generation": owner.generation}


def _owner(registration: Mapping[Any, Any], space: str = "") -> Owner:
    return Owner(registration["username"], registration["generation"], space)
