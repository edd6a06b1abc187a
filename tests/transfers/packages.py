"""Packages with media files, to be uploaded."""

import json
import secrets
import tempfile
import zipfile
from pathlib import Path

from tests.support.collections import make_note, new_connection, save


def write_package(path: Path, files: int, size: int) -> Path:
    """An .apkg file of as many notes as media files; `size` is that of each file, in bytes."""
    conn = new_connection()
    for number in range(files):
        make_note(conn, [f"{number} <img src='{number}.jpg'>", "back"])
    with (
        tempfile.TemporaryDirectory() as folder,
        zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package,
    ):
        package.write(save(conn, Path(folder, "collection")), "collection.anki2")
        for number in range(files):
            package.writestr(str(number), secrets.token_bytes(size))
        names = {str(number): f"{number}.jpg" for number in range(files)}
        package.writestr("media", json.dumps(names))
    conn.close()
    return path
