"""Whose collection, and where each part of it lies."""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple, Self

from chalicelib.errors import BadInputError

_USERNAME = re.compile(r"[a-z0-9._-]{3,32}")
_GENERATION = re.compile(r"[a-z0-9]{0,64}")


class _Folders(NamedTuple):
    """Where one space keeps its objects, and how the names of its files end."""

    bases: str
    segments: str
    conflicts: str
    ending: str


# What belongs to one registration: its collection, and the list of its media files.
COLLECTION, MEDIA = "", "media"
_FOLDERS: Mapping[str, _Folders] = MappingProxyType(
    {
        COLLECTION: _Folders("user_dbs/", "segments/", "conflicts/", ".anki2"),
        MEDIA: _Folders("media_dbs/", "media_segments/", "media_conflicts/", ".db"),
    }
)
BASE_FOLDERS = tuple(folders.bases for folders in _FOLDERS.values())


@dataclass(frozen=True, slots=True)
class Owner:
    """The person whose collection it is: one registration of a username.

    `generation` is the user's random text, another one when a deleted name is registered again:
    a container that still works for the old registration never reaches what the new one has.
    `space` is which of the person's databases it is: COLLECTION or MEDIA.

    Raises BadInputError for anything but a normalised username, a generation and a space, so that
    no name can ever reach another key or leave a directory.
    """

    username: str
    generation: str = ""
    space: str = COLLECTION

    def __post_init__(self) -> None:
        if not _USERNAME.fullmatch(self.username):
            raise BadInputError(fields={"username": "is not a username"})
        if not _GENERATION.fullmatch(self.generation):
            raise BadInputError(fields={"generation": "is not a generation"})
        if self.space not in _FOLDERS:
            raise BadInputError(fields={"space": "is not a space"})

    @classmethod
    def of_ring(cls, ring: str) -> Self:
        """The owner of a commit log's ring."""
        username, _, rest = ring.partition("#")
        generation, _, space = rest.partition("#")
        return cls(username, generation, space)

    @classmethod
    def of_base_key(cls, key: str) -> Self:
        """The owner of a base file, but for the generation, which its key does not tell.

        Raises BadInputError for a key that is none of a base file.
        """
        for space, folders in _FOLDERS.items():
            if key.startswith(folders.bases) and key.endswith(folders.ending):
                username = key.removeprefix(folders.bases).removesuffix(folders.ending)
                return cls(username, space=space)
        raise BadInputError(fields={"key": "is not a key of a base file"})

    def in_space(self, space: str) -> Self:
        """The same registration's other database."""
        return replace(self, space=space)

    @property
    def ring(self) -> str:
        """The name of the owner's ring in the commit log; a username has no `#`."""
        collection_ring = f"{self.username}#{self.generation}"
        return f"{collection_ring}#{self.space}" if self.space else collection_ring

    @property
    def offset(self) -> int:
        """What the change counters of this registration's base files begin with."""
        return zlib.crc32(self.generation.encode())

    @property
    def base_key(self) -> str:
        """The key of the database file in the base store."""
        return f"{self._folders.bases}{self.username}{self._folders.ending}"

    @property
    def spill_prefix(self) -> str:
        """The beginning of the keys of what is too large for the commit log."""
        return f"{self._folders.segments}{self.username}/{self.generation or '-'}/"

    def spill_key(self, seq: int, tx: str, kind: str) -> str:
        """The key of the large part of segment `seq`, which transaction `tx` wrote."""
        return f"{self.spill_prefix}{seq}-{tx}.{kind}"

    @property
    def conflict_prefix(self) -> str:
        """The beginning of the keys of copies kept when a foreign file took their place."""
        return f"{self._folders.conflicts}{self.username}/{self.generation or '-'}/"

    def conflict_key(self, seq: int) -> str:
        """The key of the copy kept when a foreign file took the place of state `seq`."""
        return f"{self.conflict_prefix}{seq}{self._folders.ending}"

    @property
    def _folders(self) -> _Folders:
        return _FOLDERS[self.space]
