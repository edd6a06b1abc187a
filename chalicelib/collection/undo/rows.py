"""The rows of a collection: what a change does to them, and taking it back.

TEMP triggers hand the values of before to Python. They live in the connection, never in the file,
and see every way to change a row: REPLACE and a new id included. `mod` and `usn` are left out:
rows that are put back were changed just now, as far as other devices are concerned.
"""

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from chalicelib.collection.schema import column_names
from chalicelib.collection.undo.inverse import Rows, TableInverse, changed_since, to_steps

TABLES = ("notes", "cards", "revlog")

# Content columns of a row, in the file's order.
_CONTENT = {
    table: tuple(name for name in column_names(table) if name not in ("id", "mod", "usn"))
    for table in TABLES
}
_SELECT = {
    table: f"SELECT {', '.join(('id', *columns))} FROM {table} WHERE id IN ({{ids}}) ORDER BY id"
    for table, columns in _CONTENT.items()
}
_KEEP, _ADDED, _WATCH = "javumbo_row_before", "javumbo_row_added", "javumbo_watch"
_FINGERPRINT_BYTES = 8
# Below the 999 parameters that older versions of SQLite take.
_IDS_A_QUERY = 500

Row = tuple[Any, ...]


class RowsBefore:
    """The rows that a change touched, by table.

    `kept` are as they were before it first did; those that are in `added` only were not there.
    """

    def __init__(self) -> None:
        self.kept: dict[str, dict[int, Row]] = {table: {} for table in TABLES}
        self.added: dict[str, set[int]] = {table: set() for table in TABLES}

    def keep(self, table: str, new_id: int | None, old_id: int, *values: Any) -> None:
        """A row was changed or deleted; its id may be another one now."""
        kept, added = self.kept[table], self.added[table]
        if old_id not in added:
            kept.setdefault(old_id, values)
        if new_id is not None and new_id not in kept:
            added.add(new_id)

    def clear(self) -> None:
        for table in TABLES:
            self.kept[table].clear()
            self.added[table].clear()


def _trigger(table: str, event: str, call: str) -> str:
    return (
        f"CREATE TEMP TRIGGER IF NOT EXISTS javumbo_{table}_{event} AFTER {event} ON main.{table}"
        f" BEGIN SELECT {call}; END"
    )


def _triggers(table: str) -> Iterator[str]:
    old = ", ".join(f"OLD.{name}" for name in ("id", *_CONTENT[table]))
    yield _trigger(table, "INSERT", f"{_ADDED}_{table}(NEW.id)")
    yield _trigger(table, "UPDATE", f"{_KEEP}('{table}', NEW.id, {old})")
    yield _trigger(table, "DELETE", f"{_KEEP}('{table}', NULL, {old})")


_TRIGGERS = tuple(sql for table in TABLES for sql in _triggers(table))
_INSTALLED = f"SELECT {_WATCH}(), count(*) FROM temp.sqlite_master WHERE name GLOB 'javumbo_*'"


# By the number that the connection's function gives, as long as the connection has them.
_watches: WeakValueDictionary[int, RowsBefore] = WeakValueDictionary()


def watch_rows(conn: sqlite3.Connection) -> RowsBefore:
    """From now on the rows that change, as they were before they first did.

    A connection that is watched already is only told to start afresh.
    """
    before = _installed(conn) or _install(conn)
    before.clear()
    return before


def _installed(conn: sqlite3.Connection) -> RowsBefore | None:
    """What its triggers fill; None where it, or a trigger, is missing (after a rollback)."""
    try:
        number, triggers = conn.execute(_INSTALLED).fetchone()
    except sqlite3.OperationalError:
        return None
    return _watches.get(number) if triggers == len(_TRIGGERS) else None


def _install(conn: sqlite3.Connection) -> RowsBefore:
    before = RowsBefore()
    number = id(before)
    _watches[number] = before
    conn.create_function(_KEEP, -1, before.keep)
    for table, added in before.added.items():
        # An import adds very many rows: nothing but C code for each of them.
        conn.create_function(f"{_ADDED}_{table}", 1, added.add)
    conn.create_function(_WATCH, 0, lambda: number)
    # Without it REPLACE deletes rows behind the triggers' back.
    conn.execute("PRAGMA recursive_triggers = ON")
    for trigger in _TRIGGERS:
        conn.execute(trigger)
    return before


def changed_rows(
    conn: sqlite3.Connection, before: RowsBefore
) -> tuple[dict[str, TableInverse], bytes]:
    """What takes the changes back, for tables that did change, and the fingerprint of now."""
    fingerprint = _Fingerprint(conn)
    inverses = {table: _inverse(conn, table, before, fingerprint) for table in sorted(TABLES)}
    changed = {
        table: inverses[table]
        for table in TABLES
        if inverses[table].added or inverses[table].deleted or inverses[table].changed
    }
    return changed, fingerprint.digest()


def check_unchanged(
    conn: sqlite3.Connection, inverses: Mapping[str, TableInverse], left: bytes
) -> None:
    """Raises StaleCardError unless the rows are as the change left them."""
    fingerprint = _Fingerprint(conn)
    for table, inverse in sorted(inverses.items()):
        if any(True for _ in select_by_id(conn, _SELECT[table], inverse.deleted_ids)):
            raise changed_since()
        fingerprint.take_added(table, inverse.added_ids)
        fingerprint.take_changed(inverse.changed, _current(conn, table, inverse.changed_ids))
    if fingerprint.digest() != left:
        raise changed_since()


def revert_rows(
    conn: sqlite3.Connection, table: str, inverse: TableInverse, *, now_s: int, usn: int
) -> None:
    """Take the changes of one table back, whose rows are as the change left them."""
    conn.executemany(f"DELETE FROM {table} WHERE id = ?", [(n,) for n in inverse.added_ids])
    stamps = {"mod": now_s, "usn": usn} if "mod" in column_names(table) else {"usn": usn}
    if inverse.deleted:
        _insert(conn, table, inverse.deleted, stamps)
    for rows in inverse.changed:
        _update(conn, table, rows, stamps)


def _insert(conn: sqlite3.Connection, table: str, rows: Rows, stamps: dict[str, int]) -> None:
    names = ["id", *columns_of(table, rows.mask), *stamps]
    marks = ", ".join("?" * len(names))
    conn.executemany(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})",
        [(row_id, *values, *stamps.values()) for row_id, values in rows.by_row()],
    )


def _update(conn: sqlite3.Connection, table: str, rows: Rows, stamps: dict[str, int]) -> None:
    assignments = ", ".join(f"{name} = ?" for name in (*columns_of(table, rows.mask), *stamps))
    conn.executemany(
        f"UPDATE {table} SET {assignments} WHERE id = ?",
        [(*values, *stamps.values(), row_id) for row_id, values in rows.by_row()],
    )


def columns_of(table: str, mask: int) -> tuple[str, ...]:
    """The columns whose bits are set."""
    return tuple(_picked(_CONTENT[table], mask))


def ids_with(table: str, inverse: TableInverse, names: Iterable[str]) -> list[int]:
    """The rows that come back, or get another value in one of these columns."""
    wanted = set(names)
    changed = [rows.ids for rows in inverse.changed if wanted & set(columns_of(table, rows.mask))]
    return [row_id for ids in (inverse.deleted_ids, *changed) for row_id in ids]


def select_by_id(
    conn: sqlite3.Connection, query: str, ids: Iterable[int]
) -> Iterator[tuple[Any, ...]]:
    """The rows of `query`, which has a `{ids}` where the list of ids belongs."""
    wanted = list(ids)
    for start in range(0, len(wanted), _IDS_A_QUERY):
        part = wanted[start : start + _IDS_A_QUERY]
        yield from conn.execute(query.format(ids=", ".join("?" * len(part))), part).fetchall()


def _current(conn: sqlite3.Connection, table: str, ids: Iterable[int]) -> dict[int, Row]:
    return {row[0]: row[1:] for row in select_by_id(conn, _SELECT[table], ids)}


def _inverse(
    conn: sqlite3.Connection, table: str, before: RowsBefore, fingerprint: "_Fingerprint"
) -> TableInverse:
    kept = before.kept[table]
    added = fingerprint.take_added(table, sorted(before.added[table] - kept.keys()))
    now = _current(conn, table, kept)
    deleted: dict[int, Sequence[Any]] = {}
    changed: defaultdict[int, dict[int, Sequence[Any]]] = defaultdict(dict)
    for row_id, old in kept.items():
        new = now.get(row_id)
        if new is None:
            deleted[row_id] = old
        elif mask := _difference(old, new):
            changed[mask][row_id] = _picked(old, mask)
    rows = [Rows.of(mask, found) for mask, found in sorted(changed.items())]
    fingerprint.take_changed(rows, now)
    return TableInverse(
        added=to_steps(added),
        deleted=Rows.of(_all_columns(table), deleted) if deleted else None,
        changed=rows,
    )


class _Fingerprint:
    """Of everything that a change wrote and left there; table by table, by their names."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._digest = hashlib.blake2b(digest_size=_FINGERPRINT_BYTES)

    def take_added(self, table: str, ids: Sequence[int]) -> list[int]:
        """Take whole rows, in the order of their ids; the ids of those that are there.

        One after the other, as an import may have added more than the memory holds.
        """
        found = []
        for row_id, *values in select_by_id(self._conn, _SELECT[table], ids):
            found.append(row_id)
            self._digest.update(msgspec.msgpack.encode([row_id, values]))
        return found

    def take_changed(self, changed: Sequence[Rows], now: Mapping[int, Row]) -> None:
        """Take the columns that were written."""
        for rows in changed:
            for row_id in rows.ids:
                if row_id in now:
                    written = _picked(now[row_id], rows.mask)
                    self._digest.update(msgspec.msgpack.encode([row_id, written]))

    def digest(self) -> bytes:
        return self._digest.digest()


def _difference(old: Row, new: Row) -> int:
    """The mask of the columns that differ."""
    mask = 0
    for number, value in enumerate(old):
        if value != new[number]:
            mask |= 1 << number
    return mask


def _picked(row: Sequence[Any], mask: int) -> list[Any]:
    return [value for number, value in enumerate(row) if mask >> number & 1]


def _all_columns(table: str) -> int:
    return (1 << len(_CONTENT[table])) - 1
