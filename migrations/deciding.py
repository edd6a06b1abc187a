"""What the operator has decided for the whole install; later commands keep to it."""

import msgspec

from chalicelib.errors import ConflictError, StorageUnavailableError
from chalicelib.storage.ports import AmbiguousOutcomeError, BaseStore, PreconditionFailedError
from migrations.naming import Decision
from migrations.originals import FOLDER

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
        base.put(KEY, data, metadata={}, if_match=stored.etag if stored else None)
    except PreconditionFailedError:
        if decided(base) != decisions:
            raise ConflictError("Another copy is under way.") from None
    except AmbiguousOutcomeError as error:
        raise StorageUnavailableError from error
