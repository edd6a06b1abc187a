"""A segment: one commit as it lies in the commit log, in msgpack.

Parts too large for the log are spilled: objects of their own in the base store, named in it.
"""

from typing import Literal, TypeVar

import msgspec

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.pages import PageChange

T = TypeVar("T")

VERSION = 1
# A larger segment spills its largest parts. An item of DynamoDB takes 400 KB, its answer to a
# query 1 MB: the usual window of 8 slots still comes at once.
SPILL_BYTES = 100_000

Part = Literal["pages", "answer", "undo", "image", "before"]
# What a commit is to the history of changes: a change, or one taken back, or done again.
Step = Literal["do", "undo", "redo"]

_SHORT_NAMES = {
    "version": "v",
    "kind": "k",
    "base_seq": "b",
    "page_size": "s",
    "page_count": "n",
    "checksum": "c",
    "request_key": "i",
    "request_digest": "d",
    "operation": "o",
    "step": "t",
    "etag": "e",
    "parts": "p",
    "spilled": "x",
}


class Segment(msgspec.Struct, frozen=True, omit_defaults=True, rename=_SHORT_NAMES):
    """What one commit says.

    A `pages` segment changes pages; `replace` puts a whole image (part `image`, always spilled)
    in the place of the collection, whose former one may be kept as `before`; `adopt` says that
    the foreign base file with `etag` is the collection from here on.

    `base_seq` is what the writer knew to be folded. `request_key` and `request_digest` name the
    request that asked for it, the part `answer` is its JSON answer, `operation` its name for a
    person, `undo` how to take it back, and `step` whether it did that itself. `parts` are what
    lies here; `spilled` maps the other parts to their keys in the base store.
    """

    kind: Literal["pages", "replace", "adopt"]
    version: int = VERSION
    base_seq: int = 0
    page_size: int = 0
    page_count: int = 0
    checksum: int = 0
    request_key: str = ""
    request_digest: bytes = b""
    operation: str = ""
    step: Step = "do"
    etag: str = ""
    parts: dict[Part, bytes] = {}
    spilled: dict[Part, str] = {}

    @property
    def changed_pages(self) -> int:
        """How many pages it changes; 0 where they are spilled."""
        return len(decode_changes(self.parts["pages"])) if "pages" in self.parts else 0


def encode_segment(segment: Segment) -> bytes:
    return msgspec.msgpack.encode(segment)


def decode_segment(data: bytes) -> Segment:
    """Raises StorageUnavailableError for what this version of the service cannot read."""
    segment = _decoded(data, Segment)
    if segment.version > VERSION:
        raise StorageUnavailableError("A commit was made by a newer version of the service.")
    return segment


def encode_changes(changes: list[PageChange]) -> bytes:
    return msgspec.msgpack.encode(changes)


def decode_changes(data: bytes) -> list[PageChange]:
    """Raises StorageUnavailableError for what is damaged."""
    return _decoded(data, list[PageChange])


def parts_to_spill(parts: dict[Part, bytes]) -> list[Part]:
    """The largest parts, as many as must go for the rest to fit into the log."""
    excess = sum(map(len, parts.values())) - SPILL_BYTES
    chosen: list[Part] = []
    for part in sorted(parts, key=lambda part: len(parts[part]), reverse=True):
        if excess <= 0:
            break
        chosen.append(part)
        excess -= len(parts[part])
    return chosen


def only_part(segment: Segment, part: Part) -> Segment:
    """The segment without its other parts."""
    return msgspec.structs.replace(
        segment,
        parts={name: data for name, data in segment.parts.items() if name == part},
        spilled={name: key for name, key in segment.spilled.items() if name == part},
    )


def _decoded(data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise StorageUnavailableError("A commit cannot be read; nothing was changed.") from error
