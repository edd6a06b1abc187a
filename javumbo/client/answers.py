"""What the service answers, typed. Members that are not known here are left out.

Times are epoch milliseconds.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import msgspec

from javumbo.client.errors import UnreachableError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Login:
    """Who is logged in where, and the token that shows it."""

    server: str
    username: str
    token: str = field(repr=False)
    expires_at: int


@dataclass(frozen=True, slots=True)
class DeckCounts:
    new: int
    learn: int
    review: int


@dataclass(frozen=True, slots=True)
class Deck:
    """A deck; `counts` (what there is to study today) and `total_cards` include its subdecks."""

    id: int
    name: str
    description: str
    parent_id: int | None
    level: int
    counts: DeckCounts
    total_cards: int


@dataclass(frozen=True, slots=True)
class NotetypeField:
    name: str


@dataclass(frozen=True, slots=True)
class Notetype:
    id: int
    name: str
    fields: tuple[NotetypeField, ...]


@dataclass(frozen=True, slots=True)
class AddedNote:
    """A new note; `duplicate_of` is an older one with the same first field."""

    note_id: int
    card_ids: tuple[int, ...]
    duplicate_of: int | None = None


@dataclass(frozen=True, slots=True)
class ImportedNotes:
    new: int
    updated: int
    unchanged: int
    conflicting: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `cards`, `revlog` and `media` count what was added."""

    notes: ImportedNotes
    cards: int
    revlog: int
    media: int
    log: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was taken out, and where it lies."""

    path: str
    bytes: int


@dataclass(frozen=True, slots=True)
class UploadOffer:
    """Where a file may be sent; the address works without a login."""

    upload_id: str
    url: str = field(repr=False)
    method: Literal["PUT", "POST"]
    fields: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DownloadOffer:
    """Where a file may be fetched; the address works without a login."""

    url: str = field(repr=False)
    bytes: int


@dataclass(frozen=True, slots=True)
class ImportProgress:
    phase: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ImportFailure:
    error: str
    message: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportState:
    """How an import that goes on in steps stands."""

    import_id: str
    state: Literal["waiting", "running", "done", "failed"]
    progress: ImportProgress
    result: ImportReport | None = None
    failure: ImportFailure | None = None


def typed(body: object, kind: type[T]) -> T:
    """A part of an answer. Raises UnreachableError for one that JAVUMBO does not give."""
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise UnreachableError(
            f"The answer is not one of JAVUMBO ({error}).", retry=False
        ) from error


def member(body: dict[str, Any], name: str, kind: type[T]) -> T:
    """As `typed`, of one member of an answer."""
    return typed(body.get(name), kind)
