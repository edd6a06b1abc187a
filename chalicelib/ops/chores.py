"""What is done on a schedule: what `javumbo serve` does beside the requests, on AWS."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from chalicelib.errors import JavumboError
from chalicelib.media.sweeping import sweep_media
from chalicelib.ops.observing import note
from chalicelib.services import Services
from chalicelib.storage import CollectionStorage, Owner

logger = logging.getLogger(__name__)

# Each gives what it could not finish, or nothing.
Chores = Mapping[str, Callable[[], object]]


def hourly_chores(services: Services, sweep_endings: Callable[[Services], object]) -> Chores:
    """Backups first: the sweep of the storage forgets who was active."""
    return {
        "backups": services.backup_sweeper.sweep,
        "endings": partial(sweep_endings, services),
        "folds": partial(_fold_all, services.storage),
    }


def _fold_all(storage: CollectionStorage) -> list[Owner]:
    failed = storage.sweep()
    note("Unfolded", len(failed))
    return failed


def daily_chores(services: Services) -> Chores:
    """What costs a look at everybody, and can wait."""
    return {
        "backups": services.backup_sweeper.thin,
        "transfers": services.imports.sweep,
        "media": partial(sweep_media, services.storage, services.media),
    }


def do_chores(chores: Chores) -> dict[str, Any]:
    """Do one after the other; for each, how much it left undone.

    One that fails keeps no other from being done; afterwards its error is raised.
    """
    undone, failure = {}, None
    for name, chore in chores.items():
        try:
            undone[name] = len(_listed(chore()))
        except JavumboError as error:
            logger.exception("the chore %r failed", name)
            failure = error
    if failure:
        raise failure
    return {"undone": undone}


def _listed(answer: object) -> list[object]:
    return answer if isinstance(answer, list) else []
