"""The end of an account: everything of one registration goes, and its name is free again.

First nobody is let in any more, then the data goes, last the user. A deletion that is cut short is
taken up again by the sweep, or by the person who tries to log in. An hour later the sweep looks
again for what requests that were under way have left.
"""

import logging

from chalicelib.accounts.users import Ending, User
from chalicelib.errors import JavumboError
from chalicelib.services import Services
from chalicelib.storage import Owner

logger = logging.getLogger(__name__)

# No request that began before takes as long.
_OUTLIVED_MS = 60 * 60 * 1000


def end_account(services: Services, user: User, now_ms: int) -> bool:
    """Delete the account; whether all of it is gone already, or the sweep has to finish.

    Raises NotFoundError when it is gone, and StorageUnavailableError while it is still usable.
    """
    services.users.begin_ending(user, now_ms)
    return finish_ending(services, user.username, user.generation)


def finish_ending(services: Services, username: str, generation: str) -> bool:
    """Go on with the deletion of an account that nobody is let into; whether all is gone."""
    try:
        _remove_data(services, Owner(username, generation))
        services.users.delete(username, generation=generation)
    except JavumboError:
        logger.exception("a deletion was cut short, and will be taken up again")
        return False
    return True


def sweep_endings(services: Services) -> list[Ending]:
    """Finish what was cut short; those that could not be finished now."""
    return [ending for ending in services.users.endings() if not _swept(services, ending)]


def _swept(services: Services, ending: Ending) -> bool:
    outlived = ending.at_ms <= services.now_ms() - _OUTLIVED_MS
    try:
        user = services.users.get(ending.username)
        alive = user and user.generation == ending.generation and not user.ending
        # Cut short before it began: the account is in use.
        if not alive and not finish_ending(services, ending.username, ending.generation):
            return False
        if outlived:
            services.users.forget_ending(ending)
    except JavumboError:
        logger.exception("a deletion could not be looked at")
        return False
    return True


def _remove_data(services: Services, owner: Owner) -> None:
    """In the order in which nothing makes new data of what is still there."""
    services.imports.delete_all(owner)
    services.storage.delete(owner)
    services.backups.delete_all(owner)
    services.media(owner).delete()
