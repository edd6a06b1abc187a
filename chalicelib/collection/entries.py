"""The entries of the documents of `col` by id, whatever a file that was put there by hand says."""

import re
from collections.abc import Iterator

from chalicelib.collection.col import JsonObject

_NUMBER = re.compile(r"-?[0-9]{1,19}")
_HIGHEST = 2**63 - 1


def entries_of(document: JsonObject) -> Iterator[tuple[int, JsonObject]]:
    """Each entry that is an object, under the number that is its key and so its id."""
    for key, entry in document.items():
        if isinstance(entry, dict) and _NUMBER.fullmatch(key) and abs(int(key)) <= _HIGHEST:
            entry_id = int(key)
            yield entry_id, entry if entry.get("id") == entry_id else {**entry, "id": entry_id}
