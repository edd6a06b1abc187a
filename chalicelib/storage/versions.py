"""One version of a collection file, and how a new one is stored with a definite outcome."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.ports import (
    AmbiguousOutcomeError,
    BaseStore,
    ObjectHead,
    PreconditionFailedError,
)

# 32 names of 32 characters: half of the 2 KB that S3 allows for metadata.
_LINEAGE_LENGTH = 32
_NAME_LENGTH = 32
_LINEAGE = "lineage"
_SENDS = 4


@dataclass(frozen=True, slots=True)
class Version:
    """A stored file: its etag, and its lineage.

    The lineage names the last transactions that led to it, its own at the end; a file put there
    by other means is named by its etag. It tells a writer whose answer was lost what became of
    the change, also when others have written since.
    """

    etag: str
    lineage: tuple[str, ...]

    @classmethod
    def of(cls, head: ObjectHead) -> Self:
        names = tuple(head.metadata.get(_LINEAGE, "").split())
        return cls(head.etag, names or (head.etag.strip('"')[:_NAME_LENGTH],))


def is_ours(head: ObjectHead) -> bool:
    """Whether an engine stored these bytes, so that they are known to be whole."""
    return bool(head.metadata.get(_LINEAGE))


def store_version(
    base: BaseStore,
    key: str,
    image: bytes,
    parent: Version | None,
    pause: Callable[[int], None],
) -> Version | None:
    """Store `image` as the successor of `parent` (None: as the first), exactly once.

    The new version, or None when it is stored but another one lies on top of it already. While
    the outcome is open the identical write is sent again, `pause(n)` before the nth time; it can
    happen once only, because `parent` is there once only.

    Raises PreconditionFailedError when certainly nothing was stored, StorageUnavailableError
    when that cannot be found out.
    """
    name = uuid.uuid4().hex
    lineage = (*(parent.lineage if parent else ()), name)[-_LINEAGE_LENGTH:]
    metadata = {_LINEAGE: " ".join(lineage)}
    if_match = parent.etag if parent else None
    for send in range(_SENDS):
        try:
            return Version(base.put(key, image, metadata=metadata, if_match=if_match), lineage)
        except PreconditionFailedError:
            if send == 0:
                raise
        except AmbiguousOutcomeError:
            pass
        pause(send + 1)
        found = _look(base, key)
        if found and name in found.lineage:
            return found if found.lineage == lineage else None
        if not _still_open(found, parent):
            raise PreconditionFailedError
    raise StorageUnavailableError(
        "The storage did not answer; whether the change was stored is not known."
    )


def _look(base: BaseStore, key: str) -> Version | None:
    head = base.head(key)
    return Version.of(head) if head else None


def _still_open(found: Version | None, parent: Version | None) -> bool:
    """Whether a write on `parent` that is not in the lineage of `found` can still happen.

    Raises StorageUnavailableError when it may have happened and been forgotten.
    """
    if found is None or parent is None:
        return found is parent
    if found.etag == parent.etag:
        return True
    if parent.lineage[-1] in found.lineage:
        return False
    raise StorageUnavailableError(
        "The collection was replaced; whether the change was stored is not known."
    )
