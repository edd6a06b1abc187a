"""The sweep of everybody's media: what was cut short leaves contents without a name."""

import logging
from collections.abc import Callable

from chalicelib.errors import JavumboError
from chalicelib.media.library import MediaLibrary
from chalicelib.storage import CollectionStorage, Owner
from chalicelib.storage.keys import MEDIA

logger = logging.getLogger(__name__)


def sweep_media(storage: CollectionStorage, media: Callable[[Owner], MediaLibrary]) -> list[Owner]:
    """Sweep every library that `media` gives; the owners for whom that failed, which is logged."""
    failed = []
    for owner in storage.everybody():
        if owner.space != MEDIA:
            continue
        try:
            media(owner).sweep()
        except JavumboError:
            logger.exception("sweeping the media of %s failed", owner.username)
            failed.append(owner)
    return failed
