"""Copies of an old install before anything is done with it, each read back and compared.

    <name>/admin.db              with -journal and -wal where there were such
    <name>/user_dbs/...          every file, those in folders too, under the name that it has
    <name>/renamed/<number>      a file whose name no store would take
    <name>/manifest.json         size, SHA-256 and exact name of each; written last

It needs no install that can be read, only one that is there.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import msgspec

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.ports import AmbiguousOutcomeError, BaseStore, PreconditionFailedError
from migrations.flask.files import OldFile, sha256_of
from migrations.flask.install import check_there
from migrations.parallel import each_of

MANIFEST = "manifest.json"
ADMIN, COLLECTIONS = "admin.db", "user_dbs"
# Room for what a folder's store puts behind a name, of the 255 bytes that a file system takes.
_MAX_NAME_BYTES = 230


class BackedUp(msgspec.Struct, frozen=True):
    """One file of a backup; `size` in bytes.

    `path` is its path below the install, percent-encoded: "admin.db", "user_dbs/ana.anki2".
    """

    key: str
    path: str
    size: int
    sha256: str


class Backup(msgspec.Struct, frozen=True):
    """What a backup holds; `left` are the paths of what was no file."""

    name: str
    files: tuple[BackedUp, ...]
    left: tuple[str, ...] = ()


def back_up(
    admin_db: Path,
    user_dbs: Path,
    stores: Sequence[BaseStore],
    now_s: int,
    jobs: int,
    done: Callable[[int], None],
) -> Backup:
    """Copy every file of the install to each store, with a manifest; what was copied.

    All is read back. Raises ConfigurationError where there is no install, and
    StorageUnavailableError when a copy is not equal.
    """
    check_there(admin_db, user_dbs)
    name = time.strftime("flask-backup-%Y%m%dT%H%M%SZ", time.gmtime(now_s))
    files, left = files_of(admin_db, user_dbs)
    keyed = [(_key(name, number, path), path, file) for number, (path, file) in enumerate(files)]
    held = each_of(keyed, lambda one: _copied(stores, *one), jobs, done)
    backup = Backup(name, tuple(held), tuple(left))
    manifest = msgspec.json.format(msgspec.json.encode(backup), indent=2)
    for store in stores:
        _put(store, f"{name}/{MANIFEST}", manifest, {})
    return backup


def files_of(admin_db: Path, user_dbs: Path) -> tuple[list[tuple[str, Path]], list[str]]:
    """Every file with its path below the install, what no program knows included, and the rest."""
    found = [(ADMIN + suffix, path) for suffix, path in OldFile(admin_db).paths()]
    left = []
    for path in _below(user_dbs):
        below = f"{COLLECTIONS}/{path.relative_to(user_dbs).as_posix()}"
        if path.is_file():
            found.append((below, path))
        else:
            left.append(quote(os.fsencode(below)))
    return found, left


def _below(folder: Path) -> Iterator[Path]:
    """All that is in the folder and its folders but those themselves; links are not followed."""
    for here, folders, names in os.walk(folder):
        links = [name for name in folders if Path(here, name).is_symlink()]
        yield from sorted(Path(here, name) for name in (*names, *links))


def _key(name: str, number: int, path: str) -> str:
    plain = path.isprintable() and max(len(os.fsencode(part)) for part in path.split("/"))
    return f"{name}/{path}" if 0 < plain <= _MAX_NAME_BYTES else f"{name}/renamed/{number}"


def _copied(stores: Sequence[BaseStore], key: str, path: str, file: Path) -> BackedUp:
    held = BackedUp(key, quote(os.fsencode(path)), file.stat().st_size, sha256_of(file))
    for store in stores:
        _put(store, key, file, {"sha256": held.sha256})
        with TemporaryDirectory() as folder:
            copy = Path(folder, "copy")
            if store.download(key, copy) is None or sha256_of(copy) != held.sha256:
                raise StorageUnavailableError(f"The copy of {file.name} is not equal.")
    return held


def _put(store: BaseStore, key: str, data: bytes | Path, metadata: dict[str, str]) -> None:
    try:
        store.put(key, data, metadata=metadata, if_match=None)
    except (PreconditionFailedError, AmbiguousOutcomeError) as error:
        raise StorageUnavailableError(f"{key} could not be written.") from error
