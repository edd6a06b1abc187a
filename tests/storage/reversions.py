"""Changes of a tally that know how they are taken back: the whole tally as it was."""

import json
import sqlite3
from typing import Any

from chalicelib.storage import CollectionStorage, Request, Reversion, Way
from tests.storage.tally import add, names


class TallyRecorder:
    """Notes the names there were, and nothing where they are the same afterwards."""

    def begin(self, conn: sqlite3.Connection) -> None:
        self._before = names(conn)

    def end(self, conn: sqlite3.Connection) -> bytes:
        if names(conn) == self._before:
            return b""
        return json.dumps(sorted(self._before.elements())).encode()


def put_back(conn: sqlite3.Connection, inverse: bytes) -> dict[str, Any]:
    conn.execute("DELETE FROM one")
    conn.execute("DELETE FROM two")
    before = json.loads(inverse)
    for name in before:
        add(name)(conn)
    return {"names": before}


def do(storage: CollectionStorage, name: str) -> None:
    """Add a name, as the operation of that name."""
    storage.transact("ada", add(name), recorder=TallyRecorder(), operation=name)


def step(storage: CollectionStorage, way: Way, key: str | None = None) -> str:
    """Undo or redo; the operation that was."""
    request = Request(key, way.encode()) if key else None
    answer = storage.revert("ada", Reversion(way, put_back, request, TallyRecorder()))
    return str(answer["operation"])


def offered(storage: CollectionStorage) -> tuple[list[str], list[str]]:
    """What can be undone and what redone, the newest first."""
    history = storage.history("ada")
    return [s.operation for s in history.undo], [s.operation for s in history.redo]
