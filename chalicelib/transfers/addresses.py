"""What a store of transfers needs: addresses under which one file may be sent or fetched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class UploadAddress:
    """Where to send a file: as the body of a PUT, or in a POST's form as `file`, after `fields`."""

    url: str = field(repr=False)
    method: Literal["PUT", "POST"]
    fields: Mapping[str, str] = field(repr=False)


class Addresses(Protocol):
    """Makes addresses that work without a login, for one object and until they expire.

    An address that begins with `/` is one of this very service.
    """

    def for_upload(self, key: str, *, max_bytes: int, expires_ms: int) -> UploadAddress:
        """Takes at most so many bytes, until `expires_ms` (epoch milliseconds)."""

    def for_download(self, key: str, *, filename: str, expires_ms: int) -> str:
        """Gives the object as a file of that name, which is plain ASCII."""
