"""The old files, stored byte for byte beside the collections that were made of them.

    legacy/admin.db                    the users of the Flask version
    legacy/<username>.anki2            the collection, with -journal and -wal where there were such
    legacy/<username>.json             what was made of it: see receipts.py
    legacy/older/<username>.anki2      a second one of the same person, of the older layout
    legacy/unclaimed/<file name>       files of nobody with an account, names percent-encoded
                                       and, where they are long, cut

Each carries its SHA-256 as metadata.
"""

import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from chalicelib.storage.ports import BaseStore
from migrations.flask.files import SIDES, OldFile, Part, sha256_of
from migrations.flask.install import OldInstall, OldUser

FOLDER = "legacy/"
ADMIN_KEY = f"{FOLDER}admin.db"
# A file system takes 255 bytes, and the store adds endings of its own.
_MAX_QUOTED, _KEPT_OF_LONG = 200, 90


def collection_key(username: str) -> str:
    """Where a person's old collection lies."""
    return f"{FOLDER}{username}.anki2"


def person_keys(username: str) -> list[str]:
    """Where anything of a person's old files may lie."""
    mains = (collection_key(username), _older_key(username))
    return [key + suffix for key in mains for suffix in ("", *SIDES)]


def _older_key(username: str) -> str:
    return f"{FOLDER}older/{username}.anki2"


def person_files(username: str, old: OldUser) -> Iterator[tuple[str, OldFile]]:
    """A person's old files with their keys."""
    if old.file:
        yield collection_key(username), old.file
    if old.other:
        yield _older_key(username), old.other


def unclaimed_key(file_name: str) -> str:
    """Where a file lies that belongs to nobody with an account; any text may be asked for."""
    name = os.fsencode(file_name)
    quoted = quote(name, safe="")
    if len(quoted) > _MAX_QUOTED:
        quoted = f"{quoted[:_KEPT_OF_LONG]}-{sha256(name).hexdigest()}"
    return f"{FOLDER}unclaimed/{quoted}"


def install_files(install: OldInstall, loose: Iterable[OldFile]) -> Iterator[tuple[str, OldFile]]:
    """The files that belong to nobody with an account, `loose` among them, with their keys."""
    yield ADMIN_KEY, install.admin_db
    for file in (*install.unclaimed, *loose):
        yield unclaimed_key(file.path.name), file


def store_original(base: BaseStore, key: str, file: OldFile) -> tuple[Part, ...]:
    """Store all parts of the file; they may be there already. What was stored.

    Raises StorageUnavailableError, AmbiguousOutcomeError, and PreconditionFailedError when
    somebody else writes there at the same time.
    """
    parts = file.parts()
    for part in parts:
        head = base.head(key + part.suffix)
        if head and head.metadata.get("sha256") == part.sha256:
            continue
        base.put(
            key + part.suffix,
            part.path,
            metadata={"sha256": part.sha256, "size": str(part.size)},
            if_match=head.etag if head else None,
        )
    for suffix in set(SIDES) - {part.suffix for part in parts}:
        if base.head(key + suffix):  # of an earlier copy; the file was whole when it was taken now
            base.delete(key + suffix)
    return parts


def difference(base: BaseStore, key: str, file: OldFile) -> str:
    """What is stored under the key that is not the file byte for byte; "" for nothing."""
    for part in file.parts():
        with TemporaryDirectory() as folder:
            copy = Path(folder, "copy")
            if base.download(key + part.suffix, copy) is None:
                return f"the original {part.path.name} is not stored"
            if (copy.stat().st_size, sha256_of(copy)) != (part.size, part.sha256):
                return f"the stored original of {part.path.name} is another one"
    return ""
