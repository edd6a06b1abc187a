"""One document in the place of the one that was read."""

from chalicelib.errors import ConflictError, StorageUnavailableError
from chalicelib.storage.ports import AmbiguousOutcomeError, BaseStore, PreconditionFailedError

# What a run of several copies is told.
UNDER_WAY = "Another copy is under way."


def replace_document(
    base: BaseStore, key: str, data: bytes, etag: str | None, *, told: str
) -> None:
    """`etag` is of what was read, None for nothing.

    Raises ConflictError, with `told`, when there is another one by now, and
    StorageUnavailableError when nobody knows what became of it.
    """
    try:
        base.put(key, data, metadata={}, if_match=etag)
    except PreconditionFailedError:
        raise ConflictError(told) from None
    except AmbiguousOutcomeError as error:
        raise StorageUnavailableError from error
