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
    table: f"SELECT {', '.join(('id', *columns))} FROM {table} WHERE id IN ({{ids}})"
    for table, columns in _CONTENT.items()
}
_KEEP, _WATCH = "javumbo_row_before", "javumbo_watch"
_FINGERPRINT_BYTES = 8
# Below the 999 parameters that older versions of SQLite take.
_IDS_A_QUERY = 500

Row = tuple[Any, ...]
# By table and id; None for a row that was not there.
RowsBefore = Mapping[str, dict[int, Row | None]]


def _trigger(table: str, event: str, arguments: str) -> str:
    return (
        f"CREATE TEMP TRIGGER IF NOT EXISTS javumbo_{table}_{event} AFTER {event} ON main.{table}"
        f" BEGIN SELECT {_KEEP}('{table}', {arguments}); END"
    )


def _triggers(table: str) -> Iterator[str]:
    old = ", ".join(f"OLD.{name}" for name in ("id", *_CONTENT[table]))
    yield _trigger(table, "INSERT", "NEW.id")
    yield _trigger(table, "UPDATE", f"NEW.id, {old}")
    yield _trigger(table, "DELETE", f"NULL, {old}")


_TRIGGERS = tuple(sql for table in TABLES for sql in _triggers(table))
_INSTALLED = f"SELECT {_WATCH}(), count(*) FROM temp.sqlite_master WHERE name GLOB 'javumbo_*'"


class _Watch:
    """What the triggers of one connection tell."""

    def __init__(self) -> None:
        self.before: RowsBefore = {}

    def keep(self, table: str, new_id: int | None, old_id: int | None = None, *values: Any) -> None:
        rows = self.before[table]
        if old_id is not None:
            rows.setdefault(old_id, values)
        if new_id is not None:
            rows.setdefault(new_id, None)


# By the number that the connection's function gives, as long as the connection has them.
_watches: WeakValueDictionary[int, _Watch] = WeakValueDictionary()


def watch_rows(conn: sqlite3.Connection) -> RowsBefore:
    """From now on the rows that change, as they were before they first did.

    A connection that is watched already is only told to start afresh.
    """
    watch = _installed(conn) or _install(conn)
    watch.before = {table: {} for table in TABLES}
    return watch.before


def _installed(conn: sqlite3.Connection) -> _Watch | None:
    """The connection's watch; None where it, or a trigger, is missing (after a rollback)."""
    try:
        number, triggers = conn.execute(_INSTALLED).fetchone()
    except sqlite3.OperationalError:
        return None
    return _watches.get(number) if triggers == len(_TRIGGERS) else None


def _install(conn: sqlite3.Connection) -> _Watch:
    watch = _Watch()
    number = id(watch)
    _watches[number] = watch
    conn.create_function(_KEEP, -1, watch.keep)
    conn.create_function(_WATCH, 0, lambda: number)
    # Without it REPLACE deletes rows behind the triggers' back.
    conn.execute("PRAGMA recursive_triggers = ON")
    for trigger in _TRIGGERS:
        conn.execute(trigger)
    return watch


def changed_rows(
    conn: sqlite3.Connection, before: RowsBefore
) -> tuple[dict[str, TableInverse], bytes]:
    """What takes the changes back, for tables that did change, and the fingerprint of now."""
    now = {table: _current(conn, table, rows) for table, rows in before.items() if rows}
    inverses = {table: _compared(table, before[table], rows) for table, rows in now.items()}
    changed = {
        table: inverse
        for table, inverse in inverses.items()
        if inverse.added or inverse.deleted or inverse.changed
    }
    return changed, _fingerprint(changed, now)


def check_unchanged(
    conn: sqlite3.Connection, inverses: Mapping[str, TableInverse], left: bytes
) -> None:
    """Raises StaleCardError unless the rows are as the change left them."""
    now = {table: _current(conn, table, _ids(inverse)) for table, inverse in inverses.items()}
    for table, inverse in inverses.items():
        if not now[table].keys().isdisjoint(inverse.deleted_ids):
            raise changed_since()
    if _fingerprint(inverses, now) != left:
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


def _ids(inverse: TableInverse) -> list[int]:
    return inverse.added_ids + inverse.deleted_ids + inverse.changed_ids


def _compared(table: str, before: Mapping[int, Row | None], now: Mapping[int, Row]) -> TableInverse:
    deleted: dict[int, Sequence[Any]] = {}
    changed: defaultdict[int, dict[int, Sequence[Any]]] = defaultdict(dict)
    for row_id, old in before.items():
        new = now.get(row_id)
        if old is None:
            continue
        if new is None:
            deleted[row_id] = old
        elif mask := _difference(old, new):
            changed[mask][row_id] = _picked(old, mask)
    return TableInverse(
        added=to_steps(sorted(n for n, old in before.items() if old is None and n in now)),
        deleted=Rows.of(_all_columns(table), deleted) if deleted else None,
        changed=[Rows.of(mask, rows) for mask, rows in sorted(changed.items())],
    )


def _fingerprint(
    inverses: Mapping[str, TableInverse], now: Mapping[str, Mapping[int, Row]]
) -> bytes:
    """Of everything that the change wrote and left there."""
    digest = hashlib.blake2b(digest_size=_FINGERPRINT_BYTES)
    for table in sorted(inverses):
        for mask, row_id in _written(table, inverses[table]):
            row = now[table].get(row_id)
            if row is not None:
                digest.update(msgspec.msgpack.encode([row_id, _picked(row, mask)]))
    return digest.digest()


def _written(table: str, inverse: TableInverse) -> Iterator[tuple[int, int]]:
    """Each written row's id after the mask of the columns that were written."""
    for row_id in inverse.added_ids:
        yield _all_columns(table), row_id
    for rows in inverse.changed:
        for row_id in rows.ids:
            yield rows.mask, row_id


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
