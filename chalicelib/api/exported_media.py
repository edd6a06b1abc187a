"""A person's media library as what packages are made with."""

from collections.abc import Iterator

from chalicelib.media.index import MediaEntry
from chalicelib.media.library import MediaLibrary
from chalicelib.packages.media_ports import MediaFile
from chalicelib.storage.disk import chunks_of


class LibraryMedia:
    """The files as they were when `files` was asked for; a media source for exports."""

    def __init__(self, library: MediaLibrary) -> None:
        self._library = library
        self._entries: dict[str, MediaEntry] = {}

    def files(self) -> Iterator[MediaFile]:
        for entry in self._library.files():
            self._entries[entry.name] = entry
            yield MediaFile(entry.name, entry.size, entry.sha1)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Raises NotFoundError where the content was removed meanwhile."""
        with self._library.content(self._entries[name]) as path:
            yield from chunks_of(path)
