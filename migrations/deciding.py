"""What the operator has decided for the whole install; later commands keep to it."""

import msgspec

from chalicelib.errors import ConflictError
from chalicelib.storage.ports import BaseStore
from migrations.naming import Decision
from migrations.originals import FOLDER
from migrations.replacing import UNDER_WAY, replace_document

KEY = f"{FOLDER}decisions/latest.json"


class Decided(msgspec.Struct, frozen=True):
    """Who is left out, by old username, and where people live whose collection does not say.

    `offset` is in minutes west of UTC, None where it was never said.
    """

    skipped: dict[str, Decision] = {}
    offset: int | None = None


def decided(base: BaseStore) -> Decided:
    """What was decided last."""
    stored = base.get(KEY)
    return msgspec.json.decode(stored.data, type=Decided) if stored else Decided()


def remember(base: BaseStore, decisions: Decided) -> None:
    """Raises ConflictError when another run decides otherwise at the same time."""
    stored = base.get(KEY)
    data = msgspec.json.encode(decisions, order="deterministic")
    if stored.data == data if stored else decisions == Decided():
        return
    try:
        replace_document(base, KEY, data, stored.etag if stored else None, told=UNDER_WAY)
    except ConflictError:
        if decided(base) != decisions:
            raise
