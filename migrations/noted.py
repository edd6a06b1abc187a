"""What copies have noted of the install as a whole; it lies beside the version of the data."""

from collections.abc import Collection

import msgspec

from chalicelib.storage.ports import BaseStore
from migrations.flask.install import OldInstall
from migrations.replacing import UNDER_WAY, replace_document

KEY = "migrations/flask.json"


class Noted(msgspec.Struct, frozen=True):
    """User ids of the old install: whose collection was seen, which rows are left out."""

    with_file: tuple[int, ...] = ()
    rows_left_out: tuple[int, ...] = ()


def noted(base: BaseStore) -> Noted | None:
    """None where no copy was made."""
    stored = base.get(KEY)
    return msgspec.json.decode(stored.data, type=Noted) if stored else None


def note(base: BaseStore, install: OldInstall, rows_left_out: Collection[int]) -> None:
    """Add what this copy sees. Raises ConflictError when another one notes at the same time."""
    stored = base.get(KEY)
    before = msgspec.json.decode(stored.data, type=Noted) if stored else Noted()
    seen = {user.user_id for user in install.users if user.file}
    after = Noted(
        tuple(sorted(seen.union(before.with_file))),
        tuple(sorted({*rows_left_out, *before.rows_left_out})),
    )
    etag = stored.etag if stored else None
    replace_document(base, KEY, msgspec.json.encode(after), etag, told=UNDER_WAY)
