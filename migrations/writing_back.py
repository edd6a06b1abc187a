"""Writing an old install: private, never over anything, whole or recognisably not whole."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chalicelib.errors import ConfigurationError
from chalicelib.storage.disk import DurableFiles, new_file

# So that a run that was cut short can be told from a folder of somebody else's.
_MARK = ".written-by-javumbo"


@contextmanager
def empty_folder(admin_db: Path, user_dbs: Path) -> Iterator[None]:
    """Make both places, to write within; what an earlier run was cut short in is removed.

    Folders are made for their owner only. Raises ConfigurationError where something lies there
    already that no earlier run has written.
    """
    if admin_db.exists():
        raise ConfigurationError(f"{admin_db} is there already; name another place.")
    if admin_db.resolve().is_relative_to(user_dbs.resolve()):
        raise ConfigurationError(f"{admin_db} would lie among the collections; name another place.")
    mark = user_dbs / _MARK
    if user_dbs.exists() and any(user_dbs.iterdir()) and not mark.exists():
        raise ConfigurationError(f"{user_dbs} is not empty; name another place.")
    for folder in (admin_db.absolute().parent, user_dbs.absolute()):
        DurableFiles().make_directory(folder)
    mark.touch(mode=0o600)
    _clear(user_dbs, mark)
    yield
    mark.unlink()


@contextmanager
def whole_file(path: Path, scratch: Path) -> Iterator[Path]:
    """An empty private file to be filled; it gets its name `path` once that went well."""
    with new_file(scratch):
        pass
    try:
        yield scratch
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def _clear(folder: Path, mark: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path != mark:
            path.unlink()
