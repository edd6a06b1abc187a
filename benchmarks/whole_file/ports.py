"""What the whole-file engine needs of the base store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from chalicelib.storage.ports import StoredObject


@dataclass(frozen=True, slots=True)
class NotModified:
    """The object still is the version that the caller knows."""


class WholeFileStore(Protocol):
    """The part of `BaseStore` that it uses, and a conditional read."""

    def get(self, key: str) -> StoredObject | None:
        """The object, or None when there is none."""

    def get_if_changed(self, key: str, etag: str) -> StoredObject | NotModified | None:
        """The object unless it still has `etag`; None when there is none."""

    def put(
        self, key: str, data: bytes, *, metadata: Mapping[str, str], if_match: str | None
    ) -> str:
        """Replace the version `if_match` (None: create); the new etag.

        Raises PreconditionFailedError when another version, or none, is there.
        """
