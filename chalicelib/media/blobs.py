"""The contents of a person's media files, as objects that are written once.

Every upload has a key of its own, so that whoever removes an object that no name stands for any
more can be as late as it likes: nobody will give a name to that key again.
"""

import logging
import re
from collections.abc import Iterable
from pathlib import Path

from chalicelib.errors import JavumboError, NotFoundError
from chalicelib.storage import Owner
from chalicelib.storage.ports import BaseStore
from chalicelib.storage.spills import store_once

logger = logging.getLogger(__name__)

RANDOM_BITS = 64
_BLOB = re.compile(r"[0-9a-f]{64}-([0-9]{1,15})-[0-9a-f]{16}")


def new_blob(sha256: bytes, now_ms: int, random: int) -> str:
    """A name for one upload; `random` has RANDOM_BITS bits."""
    return f"{sha256.hex()}-{now_ms}-{random:016x}"


class PersonBlobs:
    """The blobs of one registration, in the folder `media/<username>/<generation>/`."""

    def __init__(self, base: BaseStore, owner: Owner) -> None:
        self._base = base
        self._prefix = f"media/{owner.username}/{owner.generation or '-'}/"

    def key(self, blob: str) -> str:
        return self._prefix + blob

    def put(self, blob: str, path: Path) -> None:
        """Raises StorageUnavailableError when it is not known to be stored."""
        store_once(self._base, self.key(blob), path)

    def download(self, blob: str, path: Path) -> None:
        """Write the content to the file `path`. Raises NotFoundError where it is gone."""
        if self._base.download(self.key(blob), path) is None:
            logger.error("the media blob %s is gone", self.key(blob))
            raise NotFoundError("This media file is gone.")

    def discard(self, blobs: Iterable[str]) -> None:
        """Remove blobs that nothing stands for; what fails is left for the sweep."""
        for blob in blobs:
            try:
                self._base.delete(self.key(blob))
            except JavumboError:
                logger.exception("removing the media blob %s failed", self.key(blob))

    def uploaded_before(self, at_ms: int) -> list[str]:
        """The blobs whose upload began before `at_ms`."""
        found = (key.removeprefix(self._prefix) for key in self._base.keys(self._prefix))
        return [
            blob for blob in found if (match := _BLOB.fullmatch(blob)) and int(match[1]) < at_ms
        ]

    def remove_all(self) -> None:
        for key in self._base.keys(self._prefix):
            self._base.delete(key)
