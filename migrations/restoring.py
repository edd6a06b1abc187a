"""A backup written back as the install was, every file under its own name."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote_to_bytes

import msgspec

from chalicelib.errors import ConfigurationError, StorageUnavailableError
from chalicelib.storage.disk import DurableFiles
from chalicelib.storage.ports import BaseStore
from migrations.backup import ADMIN, COLLECTIONS, MANIFEST, BackedUp, Backup
from migrations.flask.files import sha256_of
from migrations.parallel import each_of
from migrations.writing_back import empty_folder, whole_file

_SCRATCH = ".restoring"


class _UnequalError(Exception):
    """What is stored is not what the manifest says."""


def read_manifest(store: BaseStore, name: str) -> Backup:
    """What the backup holds. Raises ConfigurationError where there is none, or none to trust."""
    stored = store.get(f"{name}/{MANIFEST}")
    if stored is None:
        raise ConfigurationError(f"There is no backup {name}, or none that was finished.")
    try:
        backup = msgspec.json.decode(stored.data, type=Backup)
    except msgspec.DecodeError as error:
        raise ConfigurationError(f"The manifest of {name} cannot be read: {error}.") from error
    if any(not {"", ".", ".."}.isdisjoint(_path(one).split("/")) for one in backup.files):
        raise ConfigurationError(f"The manifest of {name} names a file outside of the install.")
    return backup


def restore(
    store: BaseStore,
    backup: Backup,
    admin_db: Path,
    user_dbs: Path,
    jobs: int,
    done: Callable[[int], None],
) -> None:
    """Write all files, each compared with the manifest; the one at `admin_db` last.

    Raises ConfigurationError where something lies in the place, and StorageUnavailableError,
    with the names, when something is not stored as it was backed up: then there is no admin.db.
    """
    with empty_folder(admin_db, user_dbs):
        numbered = list(enumerate(backup.files))
        others = [pair for pair in numbered if pair[1].path != ADMIN]
        mains = [pair for pair in numbered if pair[1].path == ADMIN]

        def written(pair: tuple[int, BackedUp]) -> str:
            number, one = pair
            target = _target(_path(one), admin_db, user_dbs)
            is_equal = _written(store, one, target, target.parent / f"{_SCRATCH}-{number}")
            return "" if is_equal else _path(one)

        _check_all(each_of(others, written, jobs, done))
        _check_all([written(pair) for pair in mains])


def _target(path: str, admin_db: Path, user_dbs: Path) -> Path:
    folder, _, below = path.partition("/")
    if folder == COLLECTIONS:
        return user_dbs / below
    return admin_db.with_name(admin_db.name + path.removeprefix(ADMIN))


def _written(store: BaseStore, one: BackedUp, target: Path, scratch: Path) -> bool:
    """Whether the file is stored as it was backed up; else it is not written."""
    DurableFiles().make_directory(target.absolute().parent)
    with suppress(_UnequalError), whole_file(target, scratch) as file:
        found = store.download(one.key, file)
        _check_equal(one, file if found else None)
        return True
    return False


def _check_equal(one: BackedUp, file: Path | None) -> None:
    if file is None or (file.stat().st_size, sha256_of(file)) != (one.size, one.sha256):
        raise _UnequalError


def _check_all(wrong: Sequence[str]) -> None:
    names = [each for each in wrong if each]
    if names:
        raise StorageUnavailableError(
            f"Not stored as it was backed up, take the other copy: {', '.join(names)}."
        )


def _path(one: BackedUp) -> str:
    return os.fsdecode(unquote_to_bytes(one.path))
