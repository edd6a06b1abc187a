"""What the engine needs of the place where the collection files lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """One version of an object.

    `etag` is opaque, and different for different bytes; `metadata` was stored together with
    exactly these bytes, and is empty when somebody put them there by other means.
    """

    etag: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StoredObject(ObjectHead):
    data: bytes


@dataclass(frozen=True, slots=True)
class NotModified:
    """The object still is the version that the caller knows."""


class PreconditionFailedError(Exception):
    """The object was not the expected version; certainly nothing was written."""


class AmbiguousOutcomeError(Exception):
    """The answer to a write was lost: it may have happened, or may happen later."""


class BaseStore(Protocol):
    """Whole objects under keys, replaced by compare-and-set only.

    A read sees every acknowledged write and never a part of one. Every method raises
    StorageUnavailableError when the store does not answer or refuses; keys are relative paths
    with `/`, metadata is ASCII with lower-case names, 2 KB in all (S3's limit).
    """

    def get(self, key: str) -> StoredObject | None:
        """The object, or None when there is none."""

    def get_if_changed(self, key: str, etag: str) -> StoredObject | NotModified | None:
        """The object unless it still has `etag`; None when there is none."""

    def head(self, key: str) -> ObjectHead | None:
        """The object without its data, or None when there is none."""

    def put(
        self, key: str, data: bytes, *, metadata: Mapping[str, str], if_match: str | None
    ) -> str:
        """Replace the version that has the etag `if_match`; the new etag.

        With None create what is not there yet. There is no unconditional write.

        Raises PreconditionFailedError when another version, or none, is there, and
        AmbiguousOutcomeError when the outcome is not known.
        """

    def delete(self, key: str) -> None:
        """Remove the object; fine when there is none."""
