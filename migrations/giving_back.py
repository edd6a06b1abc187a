"""The way back: `admin.db` and `user_dbs/` of the Flask version, written from the live system.

Everybody has what they have now, reviews made since included. Who was renamed has the old name
again, who has registered since a new number, who has deleted the account is gone. Who was never
taken has the old row and the old file.
"""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.accounts.users import User
from chalicelib.errors import ConfigurationError, NotFoundError, StorageUnavailableError
from chalicelib.storage import Owner
from migrations.examining import display_name
from migrations.flask.files import SIDES
from migrations.flask.install import OldUser, read_install
from migrations.originals import ADMIN_KEY, collection_key, unclaimed_key
from migrations.parallel import each_of
from migrations.receipts import Receipt
from migrations.target import Target

_USERS = """
CREATE TABLE users (
    user_id INTEGER PRIMARY KEY, username TEXT UNIQUE, name TEXT, password_hash TEXT
)"""
# So that a run that was cut short can be told from a folder of somebody else's.
_MARK = ".written-by-javumbo"


@dataclass(frozen=True, slots=True)
class Returned:
    """One row of the new `admin.db`, and the file beside it.

    `file` is its name, "" for none; it is the live collection of `owner`, or the stored original
    under `key`.
    """

    row: OldUser
    file: str = ""
    owner: Owner | None = None
    key: str = ""


def give_back_all(
    target: Target, admin_db: Path, user_dbs: Path, jobs: int, done: Callable[[int], None]
) -> list[Returned]:
    """Write both anew; everybody that was written.

    `admin.db` comes last. Raises ConfigurationError where something lies there already that no
    earlier run of this has written.
    """
    _check_free(admin_db, user_dbs)
    everybody = everybody_to_return(target, jobs)
    user_dbs.mkdir(parents=True, exist_ok=True)
    (user_dbs / _MARK).touch()
    each_of(everybody, lambda one: _write_collection(target, one, user_dbs), jobs, done)
    _write_admin(admin_db, [one.row for one in everybody])
    (user_dbs / _MARK).unlink()
    return everybody


def everybody_to_return(target: Target, jobs: int) -> list[Returned]:
    """Who is to be in the old install, by user id."""
    receipts = {one.username: one for one in target.receipts.all(jobs)}
    found = each_of(target.usernames(), target.users.get, jobs)
    live = [user for user in found if user and not user.ending]
    returned = [_known(user, receipts[user.username]) for user in live if _is_of(user, receipts)]
    returned += _never_taken(target, receipts)
    ids = [one.row.user_id for one in returned] + [one.user_id for one in receipts.values()]
    taken_names = {one.row.username for one in returned}
    newcomers = [user for user in live if not _is_of(user, receipts)]
    for number, user in enumerate(newcomers, max(ids, default=0) + 1):
        returned.append(_newcomer(user, number, taken_names))
    return sorted(returned, key=lambda one: one.row.user_id)


def _is_of(user: User, receipts: Mapping[str, Receipt]) -> bool:
    """Whether the account is the one that was taken over, and not a later one of that name."""
    receipt = receipts.get(user.username)
    return receipt is not None and receipt.generation == user.generation


def _known(user: User, receipt: Receipt) -> Returned:
    shown = display_name(receipt.old_name, user.username)
    name = receipt.old_name if user.name == shown else user.name
    row = OldUser(receipt.user_id, receipt.old_username, name, user.password_hash)
    by_id = receipt.layout == "id" or "/" in receipt.old_username
    file = f"user_{receipt.user_id}.db" if by_id else f"{receipt.old_username}.anki2"
    return Returned(row, file if user.ready else "", Owner(user.username, user.generation))


def _newcomer(user: User, user_id: int, taken_names: set[str]) -> Returned:
    name = user.username
    while name in taken_names:
        name += "-new"
    taken_names.add(name)
    row = OldUser(user_id, name, user.name, user.password_hash)
    file = f"{name}.anki2" if user.ready else ""
    return Returned(row, file, Owner(user.username, user.generation))


def _never_taken(target: Target, receipts: Mapping[str, Receipt]) -> list[Returned]:
    """Old users without an account here, as the stored original of `admin.db` has them."""
    accounts = {one.user_id for one in receipts.values() if one.fate != "not_taken"}
    refused = {one.user_id: one for one in receipts.values() if one.fate == "not_taken"}
    return [
        _as_it_was(target, old, refused.get(old.user_id))
        for old in _stored_rows(target)
        if old.user_id not in accounts
    ]


def _as_it_was(target: Target, old: OldUser, receipt: Receipt | None) -> Returned:
    by_name, by_id = f"{old.username}.anki2", f"user_{old.user_id}.db"
    places = [(name, unclaimed_key(name)) for name in (by_name, by_id)]
    if receipt:
        name = by_id if receipt.layout == "id" else by_name
        places = [(name, collection_key(receipt.username))]
    name, key = next((place for place in places if target.base.head(place[1])), ("", ""))
    return Returned(replace(old, file=None, other=None), name, None, key)


def _stored_rows(target: Target) -> tuple[OldUser, ...]:
    with TemporaryDirectory() as folder:
        copy = Path(folder, "admin.db")
        if target.base.download(ADMIN_KEY, copy) is None:
            return ()  # nobody was ever taken over
        for suffix in SIDES:
            target.base.download(ADMIN_KEY + suffix, copy.with_name(copy.name + suffix))
        return read_install(copy, Path(folder)).users


def _write_collection(target: Target, one: Returned, user_dbs: Path) -> None:
    """Under another name first: a file that is there is whole. Deleted meanwhile: no file."""
    if not one.file:
        return
    path = user_dbs / one.file
    scratch = user_dbs / f".{one.row.user_id}.part"
    if one.owner:
        try:
            target.storage.image_to(one.owner, scratch)
        except NotFoundError:
            return
        _check(scratch)
    else:
        target.base.download(one.key, scratch)
        for suffix in SIDES:
            target.base.download(one.key + suffix, path.with_name(path.name + suffix))
    scratch.replace(path)


def _check(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        if conn.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise StorageUnavailableError("A collection that was written cannot be read.")


def _write_admin(admin_db: Path, rows: list[OldUser]) -> None:
    scratch = admin_db.with_name(f".{admin_db.name}.part")
    scratch.unlink(missing_ok=True)
    with closing(sqlite3.connect(scratch)) as conn, conn:
        conn.execute(_USERS)
        conn.executemany(
            "INSERT INTO users VALUES (?, ?, ?, ?)",
            [(row.user_id, row.username, row.name, row.password_hash) for row in rows],
        )
    scratch.replace(admin_db)


def _check_free(admin_db: Path, user_dbs: Path) -> None:
    if admin_db.exists():
        raise ConfigurationError(f"{admin_db} is there already; name another place.")
    if user_dbs.exists() and any(user_dbs.iterdir()) and not (user_dbs / _MARK).exists():
        raise ConfigurationError(f"{user_dbs} is not empty; name another place.")
    if not admin_db.parent.is_dir():
        raise ConfigurationError(f"There is no folder {admin_db.parent}.")
