"""Where backups go and come from: folders, and buckets written as s3://NAME."""

import re
from collections.abc import Sequence
from pathlib import Path

from chalicelib.errors import ConfigurationError
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.ports import BaseStore
from chalicelib.storage.s3 import S3BaseStore

_S3 = "s3://"
_LEAST = 2
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_BUCKET_OF_A_STAGE = re.compile(r"javumbo-(user-dbs|media|frontend|artefacts)-.*")
_BACKUP = re.compile(r"flask-backup-\d{8}T\d{6}Z")


def open_places(places: Sequence[str], user_dbs: Path, *, is_local: bool) -> list[BaseStore]:
    """The stores of at least two different places, a bucket among them unless it `is_local`.

    Raises ConfigurationError for others, for a bucket that is a stage's own, and for a folder
    within the install.
    """
    resolved = {_resolved(place) for place in places}
    if len(resolved) < _LEAST or len(resolved) < len(places):
        raise ConfigurationError("A backup needs two different places: give --to twice.")
    if not is_local and not any(place.startswith(_S3) for place in resolved):
        raise ConfigurationError("One of the places has to be a bucket: --to s3://NAME.")
    for place in resolved:
        _check_apart(place, user_dbs.resolve())
    return [_store(place) for place in places]


def find_backup(place: str) -> tuple[BaseStore, str]:
    """The store and the name of the backup that PLACE/NAME says. Raises ConfigurationError."""
    root, _, name = place.rstrip("/").rpartition("/")
    if not _BACKUP.fullmatch(name):
        known = "" if place.startswith(_S3) else _known(Path(place))
        raise ConfigurationError(f"Name the backup: --from PLACE/flask-backup-...{known}")
    return _store(root or "."), name


def _known(folder: Path) -> str:
    names = sorted(path.name for path in folder.glob("flask-backup-*"))
    return f" There is: {', '.join(names)}." if names else ""


def _store(place: str) -> BaseStore:
    place = _resolved(place)
    return (
        S3BaseStore(place.removeprefix(_S3))
        if place.startswith(_S3)
        else DirectoryBaseStore(Path(place))
    )


def _resolved(place: str) -> str:
    if not place.startswith(_S3):
        return str(Path(place).resolve())
    bucket = place.removeprefix(_S3).strip("/")
    if not _BUCKET.fullmatch(bucket):
        raise ConfigurationError(f"{place} is no bucket: it is written as s3://NAME.")
    return _S3 + bucket


def _check_apart(place: str, user_dbs: Path) -> None:
    if _BUCKET_OF_A_STAGE.fullmatch(place.removeprefix(_S3)):
        raise ConfigurationError(f"{place} belongs to a stage: a backup has a bucket of its own.")
    if Path(place).is_relative_to(user_dbs):
        raise ConfigurationError(f"{place} lies in the install that is to be backed up.")
