"""What importing and exporting packages need of a person's media files."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file by the name that notes refer to; `sha1` is 20 raw bytes, as in Anki's lists."""

    name: str
    size: int
    sha1: bytes


class MediaSource(Protocol):
    """The files that an export may take along."""

    def files(self) -> Iterable[MediaFile]:
        """All of them, by name."""

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of one, in pieces."""


class SourceMedia(Protocol):
    """A file that an import brings; its name is one that Anki allows."""

    @property
    def name(self) -> str: ...

    def chunks(self) -> Iterator[bytes]:
        """The content in pieces, unpacked within the limits. Raises UnusableFileError."""


class MediaSink(Protocol):
    """Where imported files go."""

    def take(self, files: Iterable[SourceMedia]) -> Mapping[str, str]:
        """Store the files; the name of each as it is stored, another one where it was taken."""
