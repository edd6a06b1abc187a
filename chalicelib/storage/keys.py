"""Whose collection, and where each part of it lies."""

import re
import zlib
from dataclasses import dataclass
from typing import Self

from chalicelib.errors import BadInputError

_USERNAME = re.compile(r"[a-z0-9._-]{3,32}")
_GENERATION = re.compile(r"[a-z0-9]{0,64}")


@dataclass(frozen=True, slots=True)
class Owner:
    """The person whose collection it is: one registration of a username.

    `generation` is the user's random text, another one when a deleted name is registered again:
    a container that still works for the old registration never reaches what the new one has.

    Raises BadInputError for anything but a normalised username and a generation, so that no name
    can ever reach another key or leave a directory.
    """

    username: str
    generation: str = ""

    def __post_init__(self) -> None:
        if not _USERNAME.fullmatch(self.username):
            raise BadInputError(fields={"username": "is not a username"})
        if not _GENERATION.fullmatch(self.generation):
            raise BadInputError(fields={"generation": "is not a generation"})

    @classmethod
    def of_ring(cls, ring: str) -> Self:
        """The owner of a commit log's ring."""
        username, _, generation = ring.partition("#")
        return cls(username, generation)

    @property
    def ring(self) -> str:
        """The name of the owner's ring in the commit log; a username has no `#`."""
        return f"{self.username}#{self.generation}"

    @property
    def offset(self) -> int:
        """What the change counters of this registration's base files begin with."""
        return zlib.crc32(self.generation.encode())

    @property
    def base_key(self) -> str:
        """The key of the collection file in the base store."""
        return f"user_dbs/{self.username}.anki2"

    @property
    def spill_prefix(self) -> str:
        """The beginning of the keys of what is too large for the commit log."""
        return f"segments/{self.username}/{self.generation or '-'}/"

    def spill_key(self, seq: int, tx: str, kind: str) -> str:
        """The key of the large part of segment `seq`, which transaction `tx` wrote."""
        return f"{self.spill_prefix}{seq}-{tx}.{kind}"

    @property
    def conflict_prefix(self) -> str:
        """The beginning of the keys of copies kept when a foreign file took their place."""
        return f"conflicts/{self.username}/{self.generation or '-'}/"

    def conflict_key(self, seq: int) -> str:
        """The key of the copy kept when a foreign file took the place of state `seq`."""
        return f"{self.conflict_prefix}{seq}.anki2"
