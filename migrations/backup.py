"""Copies of an old install before anything is done with it, each read back and compared."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import msgspec

from chalicelib.errors import ConfigurationError, StorageUnavailableError
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.ports import AmbiguousOutcomeError, BaseStore, PreconditionFailedError
from chalicelib.storage.s3 import S3BaseStore
from migrations.flask.files import OldFile, sha256_of
from migrations.flask.install import OldInstall
from migrations.parallel import each_of

_S3 = "s3://"
_LEAST_COPIES = 2


class BackedUp(msgspec.Struct, frozen=True):
    """One file of a backup; `size` in bytes."""

    key: str
    size: int
    sha256: str


def open_places(places: Sequence[str]) -> list[BaseStore]:
    """The stores of folders, and of buckets written as s3://NAME.

    Raises ConfigurationError for fewer than two different ones.
    """
    if len(set(places)) < _LEAST_COPIES:
        raise ConfigurationError("A backup needs two places: give --to twice.")
    return [
        S3BaseStore(place.removeprefix(_S3).strip("/"))
        if place.startswith(_S3)
        else DirectoryBaseStore(Path(place).absolute())
        for place in places
    ]


def back_up(
    install: OldInstall,
    stores: Sequence[BaseStore],
    now_s: int,
    jobs: int,
    done: Callable[[int], None],
) -> tuple[str, list[BackedUp]]:
    """Copy every file of the install to each store, with a manifest; its name, and what it holds.

    What was copied is read back. Raises StorageUnavailableError when a copy is not equal.
    """
    name = time.strftime("flask-backup-%Y%m%dT%H%M%SZ", time.gmtime(now_s))
    files = dict(_files(install, name))
    held = each_of(list(files.items()), lambda pair: _copied(stores, *pair), jobs, done)
    manifest = msgspec.json.format(msgspec.json.encode(held), indent=2)
    for store in stores:
        _put(store, f"{name}/manifest.json", manifest, {})
    return name, held


def _files(install: OldInstall, name: str) -> list[tuple[str, Path]]:
    """Every file as it lies there, what no program knows included."""
    admin = [(f"{name}/{path.name}", path) for _, path in OldFile(install.admin_db.path).paths()]
    collections = [
        (f"{name}/user_dbs/{quote(path.name)}", path)
        for path in sorted(install.user_dbs.iterdir())
        if path.is_file()
    ]
    return [*admin, *collections]


def _copied(stores: Sequence[BaseStore], key: str, path: Path) -> BackedUp:
    held = BackedUp(key, path.stat().st_size, sha256_of(path))
    for store in stores:
        _put(store, key, path, {"sha256": held.sha256})
        with TemporaryDirectory() as folder:
            copy = Path(folder, "copy")
            if store.download(key, copy) is None or sha256_of(copy) != held.sha256:
                raise StorageUnavailableError(f"The copy of {path.name} is not equal.")
    return held


def _put(store: BaseStore, key: str, data: bytes | Path, metadata: dict[str, str]) -> None:
    try:
        store.put(key, data, metadata=metadata, if_match=None)
    except (PreconditionFailedError, AmbiguousOutcomeError) as error:
        raise StorageUnavailableError(f"{key} could not be written.") from error
