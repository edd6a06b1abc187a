"""Making, showing and restoring the backups of one person."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from chalicelib.backups.backup import (
    Backup,
    BackupId,
    BackupKind,
    Preview,
    folder_of,
    key_of,
    parse_key,
)
from chalicelib.backups.retention import unneeded
from chalicelib.collection.col import mark_schema_changed
from chalicelib.errors import NotFoundError, StorageUnavailableError
from chalicelib.storage import CollectionStorage, Owner, Request
from chalicelib.storage.disk import disk_errors
from chalicelib.storage.ports import AmbiguousOutcomeError, BaseStore, PreconditionFailedError

# Of small operations that come in rows: a second one of the same kind within this time is covered
# by the first one's backup.
MIN_DISTANCE_MS = 60 * 1000
_IN_ROWS: frozenset[BackupKind] = frozenset({"notetype", "deck", "manual"})

_TRIES = 4
_PARALLEL_HEADS = 8
# Of the image of a state, which no other state has. Source: "Database File Format", 1.3, of
# SQLite's documentation: the file change counter.
_COUNTER = slice(24, 28)


class Backups:
    """The backups of everybody's collections.

    All methods raise StorageUnavailableError when the storage does not answer.
    """

    def __init__(
        self,
        storage: CollectionStorage,
        base: BaseStore,
        *,
        most: int,
        now_ms: Callable[[], int],
        work_dir: Path | None = None,
    ) -> None:
        """`most` is how many one person may have; `work_dir` is where copies are made for a moment.

        None stands for the system's temporary directory.
        """
        self._storage = storage
        self._base = base
        self._most = most
        self._now_ms = now_ms
        self._work_dir = work_dir

    def make(self, owner: Owner, kind: BackupKind) -> Backup:
        """A backup of the present state: a new one, or the one that covers it already.

        That is the newest when it is of this very state, or, for what comes in rows (not imports
        and restores), one of this kind that was made less than a minute ago.

        Raises NotFoundError when the owner has no collection.
        """
        known = self.ids(owner)
        recent = self._recent(owner, known, kind)
        if recent:
            return recent
        with self.scratch() as path:
            state = self._copy(owner, path)
            newest = self._found(owner, known[0]) if known else None
            if newest and newest.state == state:
                return newest
            backup = self._stored(owner, kind, state, path)
        self._prune(owner, [backup.id, *known])
        return backup

    def ids(self, owner: Owner) -> list[BackupId]:
        """What backups the owner has, the newest first."""
        found = (parse_key(key) for key in self._base.keys(folder_of(owner)))
        return sorted((one[1] for one in found if one and one[0] == owner), reverse=True)

    def of(self, owner: Owner) -> list[Backup]:
        """The owner's backups, the newest first."""
        with ThreadPoolExecutor(_PARALLEL_HEADS) as pool:
            found = pool.map(lambda backup_id: self._found(owner, backup_id), self.ids(owner))
            return [backup for backup in found if backup]

    def get(self, owner: Owner, backup_id: str) -> Backup:
        """Raises NotFoundError when the owner has no such backup."""
        parsed = BackupId.parse(backup_id)
        backup = self._found(owner, parsed) if parsed else None
        if backup is None:
            raise NotFoundError("There is no such backup.")
        return backup

    def download(self, owner: Owner, backup_id: str, path: Path) -> Backup:
        """Write the backup's file, a complete collection, to `path`. Raises NotFoundError."""
        backup = self.get(owner, backup_id)
        if self._base.download(key_of(owner, backup.id), path) is None:
            raise NotFoundError("There is no such backup.")
        return backup

    def restore(self, owner: Owner, backup_id: str, request: Request | None = None) -> BackupId:
        """Make the backup the owner's collection, in a commit that can be undone.

        The present state is kept as a backup first: that is the answer, and again for the same
        request, as with `CollectionStorage.transact`. Anki's other devices sync in full
        afterwards, as after an import of a whole collection
        (source: Anki's rslib/src/import_export/package/colpkg/import.rs).

        Raises NotFoundError for what is no backup of the owner, or a file that is gone.
        """
        with self.scratch() as path:
            self.download(owner, backup_id, path)
            before = self.make(owner, "restore")
            with _unreadable(), closing(sqlite3.connect(path)) as conn, conn:
                mark_schema_changed(conn, self._now_ms())
            answer = self._storage.replace(
                owner,
                path,
                operation="Restore backup",
                request=request,
                answer={"before": str(before.id)},
            )
        return BackupId.parse(answer["before"]) or before.id

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """The path of a private file for a moment."""
        with disk_errors():
            if self._work_dir:
                self._work_dir.mkdir(parents=True, exist_ok=True)
            directory = tempfile.TemporaryDirectory(prefix="javumbo-backup-", dir=self._work_dir)
        with directory as name:
            yield Path(name, "collection.anki2")

    def delete_all(self, owner: Owner) -> None:
        """Remove all backups of one registration, for good."""
        for key in self._base.keys(folder_of(owner)):
            self._base.delete(key)

    def _recent(self, owner: Owner, known: list[BackupId], kind: BackupKind) -> Backup | None:
        if kind not in _IN_ROWS:
            return None
        oldest = self._now_ms() - MIN_DISTANCE_MS
        same = [one for one in known if one.kind == kind and one.made_ms > oldest]
        return self._found(owner, same[0]) if same else None

    def _copy(self, owner: Owner, path: Path) -> int:
        """Write the present state to `path`; its number."""
        self._storage.image_to(owner, path)
        with disk_errors(), path.open("rb") as file:
            return int.from_bytes(file.read(_COUNTER.stop)[_COUNTER], "big")

    def _stored(self, owner: Owner, kind: BackupKind, state: int, path: Path) -> Backup:
        preview, made_ms = _preview_of(path), self._now_ms()
        for attempt in range(_TRIES):
            backup = Backup(BackupId(made_ms + attempt, kind), state, path.stat().st_size, preview)
            if self._put(owner, backup, path):
                return backup
        raise StorageUnavailableError

    def _put(self, owner: Owner, backup: Backup, path: Path) -> bool:
        """Whether it is there now; not where another one of this very moment is."""
        key = key_of(owner, backup.id)
        for _ in range(_TRIES):
            try:
                self._base.put(key, path, metadata=backup.metadata, if_match=None)
            except AmbiguousOutcomeError:
                continue
            except PreconditionFailedError:
                return self._found(owner, backup.id) == backup
            return True
        raise StorageUnavailableError

    def _found(self, owner: Owner, backup_id: BackupId) -> Backup | None:
        head = self._base.head(key_of(owner, backup_id))
        try:
            return Backup.of(backup_id, head.metadata) if head else None
        except ValueError:
            return None

    def _prune(self, owner: Owner, known: list[BackupId]) -> None:
        for backup_id in unneeded(known, self._now_ms(), self._most):
            self._base.delete(key_of(owner, backup_id))


def _preview_of(path: Path) -> Preview:
    with _unreadable(), closing(sqlite3.connect(path)) as conn:
        row = conn.execute(
            "SELECT (SELECT count(*) FROM notes), (SELECT count(*) FROM cards),"
            " count(*), max(id) FROM revlog"
        ).fetchone()
    return Preview(*row)


@contextmanager
def _unreadable() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StorageUnavailableError("The collection cannot be read.") from error
