"""What a backup is called, where it lies, and what is known of it without opening it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self, get_args

from chalicelib.errors import BadInputError
from chalicelib.storage import Owner

# Why it was made: before an operation, once a day, or because somebody asked for it.
BackupKind = Literal["import", "restore", "notetype", "deck", "daily", "manual"]

ROOT = "backups/"

_NO_GENERATION = "-"
_ID = re.compile(rf"(\d{{1,15}})-({'|'.join(get_args(BackupKind))})", re.ASCII)
_SUFFIX = ".anki2"


@dataclass(frozen=True, slots=True, order=True)
class BackupId:
    """When a backup was made, epoch milliseconds, and why; ordered by time."""

    made_ms: int
    kind: BackupKind

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for what is no id."""
        match = _ID.fullmatch(text)
        return cls(int(match[1]), match[2]) if match else None  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.made_ms}-{self.kind}"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a collection holds; `last_review_ms` is in epoch milliseconds, None without any."""

    notes: int
    cards: int
    reviews: int
    last_review_ms: int | None


@dataclass(frozen=True, slots=True)
class Backup:
    """A complete copy of a collection, `size` bytes large.

    `state` is a number that only the copied state has, of all those of its registration.
    """

    id: BackupId
    state: int
    size: int
    preview: Preview

    @classmethod
    def of(cls, backup_id: BackupId, metadata: Mapping[str, str]) -> Self:
        """What `metadata` told of the backup; raises ValueError where that is not ours."""
        notes, cards, reviews, state, size = (
            int(metadata.get(name, "")) for name in ("notes", "cards", "reviews", "state", "bytes")
        )
        last = metadata.get("last-review")
        preview = Preview(notes, cards, reviews, int(last) if last else None)
        return cls(backup_id, state, size, preview)

    @property
    def metadata(self) -> Mapping[str, str]:
        preview = self.preview
        last = {} if preview.last_review_ms is None else {"last-review": preview.last_review_ms}
        numbers = {
            "state": self.state,
            "bytes": self.size,
            "notes": preview.notes,
            "cards": preview.cards,
            "reviews": preview.reviews,
            **last,
        }
        return {name: str(number) for name, number in numbers.items()}


def registration_path(owner: Owner) -> str:
    return f"{owner.username}/{owner.generation or _NO_GENERATION}"


def registration_at(path: str) -> Owner | None:
    """Whose `registration_path` it is; None for what is none."""
    username, _, generation = path.partition("/")
    try:
        return Owner(username, "" if generation == _NO_GENERATION else generation)
    except BadInputError:
        return None


def folder_of(owner: Owner) -> str:
    """The beginning of the keys of one registration's backups."""
    return f"{ROOT}{registration_path(owner)}/"


def key_of(owner: Owner, backup_id: BackupId) -> str:
    return f"{folder_of(owner)}{backup_id}{_SUFFIX}"


def parse_key(key: str) -> tuple[Owner, BackupId] | None:
    """Whose backup lies at a key, and which; None for what is no backup."""
    if not (key.startswith(ROOT) and key.endswith(_SUFFIX)):
        return None
    path, _, name = key.removeprefix(ROOT).removesuffix(_SUFFIX).rpartition("/")
    owner, backup_id = registration_at(path), BackupId.parse(name)
    return (owner, backup_id) if owner and backup_id else None
