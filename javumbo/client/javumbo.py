"""The client."""

import os
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from javumbo.client.answers import (
    AddedNote,
    Deck,
    Exported,
    ImportReport,
    Login,
    Notetype,
    member,
    typed,
)
from javumbo.client.errors import NotLoggedInError, ServiceError
from javumbo.client.exporting import ExportFormat, export_file, export_format_of
from javumbo.client.http import TIMEOUT_S, Service
from javumbo.client.importing import (
    ImportFormat,
    ImportMode,
    ImportOptions,
    WantedImport,
    format_of,
    import_file,
)
from javumbo.client.progress import Progress, no_progress
from javumbo.client.saved_login import config_folder, load_login
from javumbo.client.statistics import Stats

IMPORT_TIMEOUT_S = 15 * 60

_DEFAULT_DECK_ID = 1
_NOT_FOUND = 404


def default_server(environ: Mapping[str, str] = os.environ) -> str:
    """Where `javumbo serve` serves, started with the same environment."""
    return f"http://127.0.0.1:{environ.get('PORT') or '8000'}"


def log_in(server: str, username: str, password: str) -> Login:
    """Exchange a password for a login. Raises ServiceError (`invalid_credentials`)."""
    service = Service(server)
    try:
        body = service.post("/api/login", json={"username": username, "password": password})
    finally:
        service.close()
    return typed({**body, "server": service.server}, Login)


class Javumbo:
    """One person's collection, through the HTTP API.

        with Javumbo.from_saved_login() as javumbo:
            javumbo.add(javumbo.deck("Spanish").id, "hola", "hello")

    Each method raises ServiceError (refused; nothing was changed), NotLoggedInError,
    UnreachableError and UnfinishedError. What collides with another change or meets trouble on the
    way is tried again, under the same Idempotency-Key: it is never done twice.
    """

    def __init__(
        self,
        server: str,
        token: str,
        *,
        timeout_s: float = TIMEOUT_S,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """`timeout_s` is how long the service may be silent."""
        self._service = Service(server, token, timeout_s=timeout_s, sleep=sleep)

    @classmethod
    def from_saved_login(cls, folder: Path | None = None) -> Self:
        """As the person who said `javumbo login` on this machine. Raises NotLoggedInError."""
        login = load_login(folder or config_folder())
        return cls(login.server, login.token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._service.close()

    def log_out(self) -> bool:
        """Revoke the token; False where the service knows no logging out."""
        try:
            self._service.post("/api/logout", json={})
        except NotLoggedInError:
            return True
        except ServiceError as error:
            if error.status == _NOT_FOUND:
                return False
            raise
        return True

    def decks(self) -> list[Deck]:
        """In tree order. The default deck is left out while it is empty and there are others."""
        return member(self._service.get("/api/decks"), "decks", list[Deck])

    def deck(self, name: str) -> Deck:
        """By its whole name, such as Geo::Capitals, in any case. Raises ServiceError."""
        wanted = _comparable(name)
        for deck in self.decks():
            if _comparable(deck.name) == wanted:
                return deck
        default = member(self._service.get(f"/api/decks/{_DEFAULT_DECK_ID}"), "deck", Deck)
        if _comparable(default.name) == wanted:
            return default
        raise ServiceError("not_found", _NOT_FOUND, f"There is no deck {name!r}.")

    def create_deck(self, name: str) -> Deck:
        """A new deck; `A::B` makes the parent too."""
        return member(self._service.post("/api/decks", json={"name": name}), "deck", Deck)

    def notetypes(self) -> list[Notetype]:
        return member(self._service.get("/api/notetypes"), "notetypes", list[Notetype])

    def notetype(self, name: str) -> Notetype:
        """By its exact name. Raises ServiceError."""
        for notetype in self.notetypes():
            if notetype.name == name:
                return notetype
        raise ServiceError("not_found", _NOT_FOUND, f"There is no notetype {name!r}.")

    def add(
        self,
        deck_id: int,
        front: str,
        back: str,
        *,
        tags: Sequence[str] = (),
        allow_duplicate: bool = True,
        key: str | None = None,
    ) -> AddedNote:
        """Add a note with two sides, and its cards.

        Without `allow_duplicate`, a first field that is there already is a ServiceError
        (`duplicate`). Two calls with the same `key` (1 to 64 visible ASCII characters) add once.
        """
        body = {"front": front, "back": back}
        return self._add(body, deck_id, tags, allow_duplicate, key)

    def add_note(
        self,
        deck_id: int,
        notetype: str,
        fields: Mapping[str, str],
        *,
        tags: Sequence[str] = (),
        allow_duplicate: bool = True,
        key: str | None = None,
    ) -> AddedNote:
        """As `add`, with a notetype and its fields by their names."""
        body = {"notetype": notetype, "fields": dict(fields)}
        return self._add(body, deck_id, tags, allow_duplicate, key)

    def import_file(
        self,
        path: Path | str,
        *,
        format: ImportFormat | None = None,  # noqa: A002
        mode: ImportMode = "merge",
        options: ImportOptions | None = None,
        progress: Progress = no_progress,
        timeout_s: float = IMPORT_TIMEOUT_S,
    ) -> ImportReport:
        """Merge a file into the collection, or put it in its place: all of it, or nothing.

        `options` are those of Imports in docs/api.md, lists as lists. What is too large for one
        request is uploaded first. Raises UnfinishedError after `timeout_s`, FileProblemError, and
        WrongUsageError when neither `format` nor the name says what it is.
        """
        file = Path(path)
        wanted = WantedImport(format or format_of(file), mode, options or {})
        return import_file(self._service, file, wanted, progress, timeout_s)

    def export(
        self,
        path: Path | str | None = None,
        *,
        format: ExportFormat | None = None,  # noqa: A002
        options: Mapping[str, str | int | bool | None] | None = None,
        progress: Progress = no_progress,
    ) -> Exported:
        """Take out the collection, or a part of it, as a file.

        A `path` that names a file is replaced when the new one is whole. In a folder (or the
        current one) the service's name is taken, and nothing is replaced. `options` are those of
        GET /api/export in docs/api.md. Raises FileProblemError.
        """
        target = None if path is None else Path(path)
        query = {"format": format or export_format_of(target), **(options or {})}
        return export_file(self._service, target, query, progress)

    def stats(self, *, days: int = 30, deck_id: int | None = None) -> Stats:
        """What Anki's statistics screen shows; `days` is how many before today, 0 for all."""
        return typed(self._service.get("/api/stats", {"days": days, "deck_id": deck_id}), Stats)

    def _add(
        self,
        body: dict[str, Any],
        deck_id: int,
        tags: Sequence[str],
        allow_duplicate: bool,
        key: str | None,
    ) -> AddedNote:
        whole = {"deck_id": deck_id, "tags": list(tags), "allow_duplicate": allow_duplicate, **body}
        return typed(self._service.post("/api/cards", json=whole, key=key), AddedNote)


def _comparable(name: str) -> str:
    """Anki tells no names apart that differ in case only."""
    return unicodedata.normalize("NFC", name).casefold()
