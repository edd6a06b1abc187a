"""What the metadata of a base file says, and how the file is stored with a definite outcome."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.keys import Owner
from chalicelib.storage.ports import (
    AmbiguousOutcomeError,
    BaseStore,
    ObjectHead,
    PreconditionFailedError,
)

_SENDS = 4


@dataclass(frozen=True, slots=True)
class BaseVersion:
    """A base file that an engine stored: state `seq` of the collection of one generation.

    `writer` names the one write that put it there.
    """

    seq: int
    generation: str
    writer: str

    @classmethod
    def of(cls, head: ObjectHead | None) -> Self | None:
        """None for no file, and for a foreign one: of an earlier version, or put there by hand."""
        if head is None:
            return None
        seq = head.metadata.get("seq", "")
        if not seq.isdecimal():
            return None
        metadata = head.metadata
        return cls(int(seq), metadata.get("generation", ""), metadata.get("writer", ""))

    @property
    def metadata(self) -> Mapping[str, str]:
        generation = {"generation": self.generation} if self.generation else {}
        return {"seq": str(self.seq), "writer": self.writer, **generation}


def may_be_of(head: ObjectHead, owner: Owner) -> bool:
    """Whether a base file is the owner's, or a foreign one in its place."""
    version = BaseVersion.of(head)
    return version is None or version.generation == owner.generation


def store_base(
    base: BaseStore,
    owner: Owner,
    image: Path,
    seq: int,
    if_match: str | None,
    pause: Callable[[int], None],
) -> None:
    """Store the file at `image` as state `seq` in the place of the version `if_match`.

    While the outcome is open the identical write is sent again, `pause(n)` before the nth time;
    it can happen once only, because that version is there once only.

    Raises PreconditionFailedError when another version is there, and StorageUnavailableError
    when the outcome is not known.
    """
    version = BaseVersion(seq, owner.generation, uuid.uuid4().hex)
    for send in range(_SENDS):
        if send:
            pause(send)
        try:
            base.put(owner.base_key, image, metadata=version.metadata, if_match=if_match)
        except AmbiguousOutcomeError:
            continue
        except PreconditionFailedError:
            if send and _is_there(base, owner, version):
                return
            raise
        return
    raise StorageUnavailableError


def _is_there(base: BaseStore, owner: Owner, version: BaseVersion) -> bool:
    return BaseVersion.of(base.head(owner.base_key)) == version
