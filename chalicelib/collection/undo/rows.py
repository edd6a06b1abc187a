"""The rows of a collection: what a change does to them, and taking it back.

TEMP triggers hand the values of before to Python, and note the ids of new rows in TEMP tables, as
an import adds very many. They live in the connection, never in the file, and see every way to
change a row: REPLACE and a new id included. `mod` and `usn` are left out: rows that are put back
were changed just now, as far as other devices are concerned.
"""

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from chalicelib.collection.schema import TABLES as SCHEMA
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
_KEEP, _WATCH = "javumbo_row_before", "javumbo_watch"
_ADDED = {table: f"javumbo_added_{table}" for table in TABLES}
_FINGERPRINT_BYTES = 8
_PRIME, _FACTOR = 2**31 - 1, 31
# Of which each may be as large as a note.
_ROWS_AT_ONCE = 100
# Below the 999 parameters that older versions of SQLite take.
_IDS_A_QUERY = 500

Row = tuple[Any, ...]
_encode = msgspec.msgpack.Encoder().encode


class RowsBefore:
    """The rows that a change touched, by table, as they were before it first did.

    The ids of those that it added are in the connection's TEMP tables, and may be here as well
    where there was another one of that id.
    """

    def __init__(self) -> None:
        self.kept: dict[str, dict[int, Row]] = {table: {} for table in TABLES}

    def keep(self, table: str, row_id: int, *values: Any) -> None:
        """A row that was not added by the change was changed or deleted."""
        self.kept[table].setdefault(row_id, values)

    def clear(self) -> None:
        for kept in self.kept.values():
            kept.clear()


def _trigger(table: str, event: str, action: str) -> str:
    name = f"javumbo_{table}_{event.replace(' ', '_')}"
    return (
        f"CREATE TEMP TRIGGER IF NOT EXISTS {name} AFTER {event} ON main.{table}"
        f" BEGIN {action}; END"
    )


def _to_watch(table: str) -> Iterator[str]:
    """What a connection needs to watch a table.

    The ids are not added by INSERT OR IGNORE: what REPLACE or ABORT does goes for triggers, too.
    """
    added, old = _ADDED[table], ", ".join(f"OLD.{name}" for name in ("id", *_CONTENT[table]))
    keep = f"SELECT {_KEEP}('{table}', {old}) WHERE OLD.id NOT IN {added}"
    add = f"INSERT INTO {added} SELECT NEW.id WHERE NEW.id NOT IN {added}"
    yield f"CREATE TEMP TABLE IF NOT EXISTS {added} (id INTEGER PRIMARY KEY)"
    yield _trigger(table, "INSERT", add)
    yield _trigger(table, "UPDATE", keep)
    yield _trigger(table, "UPDATE OF id", f"{add} AND NEW.id != OLD.id")
    yield _trigger(table, "DELETE", keep)


_TO_WATCH = tuple(sql for table in TABLES for sql in _to_watch(table))
_INSTALLED = f"SELECT {_WATCH}(), count(*) FROM temp.sqlite_master WHERE name GLOB 'javumbo_*'"


def _digested(table: str) -> str:
    """What a fingerprint is made of: texts, and all numbers in one, which SQLite is quick at.

    To it a text in the place of a number is 0.
    """
    types = dict(column.split()[:2] for column in SCHEMA[table])
    texts = [name for name in _CONTENT[table] if types[name] == "text" or name == "sfld"]
    number = "0"
    for name in _CONTENT[table]:
        if name not in texts:
            number = f"({number} * {_FACTOR} + {name}) % {_PRIME}"
    return ", ".join(("id", *texts, number))


_DIGESTED = {table: f"SELECT {_digested(table)} FROM" for table in TABLES}


# By the number that the connection's function gives, as long as the connection has them.
_watches: WeakValueDictionary[int, RowsBefore] = WeakValueDictionary()


def watch_rows(conn: sqlite3.Connection) -> RowsBefore:
    """From now on the rows that change, as they were before they first did.

    A connection that is watched already is only told to start afresh.
    """
    before = _installed(conn) or _install(conn)
    before.clear()
    for added in _ADDED.values():
        conn.execute(f"DELETE FROM temp.{added}")
    return before


def _installed(conn: sqlite3.Connection) -> RowsBefore | None:
    """What its triggers fill; None where it, or one of these, is missing (after a rollback)."""
    try:
        number, installed = conn.execute(_INSTALLED).fetchone()
    except sqlite3.OperationalError:
        return None
    return _watches.get(number) if installed == len(_TO_WATCH) else None


def _install(conn: sqlite3.Connection) -> RowsBefore:
    before = RowsBefore()
    number = id(before)
    _watches[number] = before
    conn.create_function(_KEEP, -1, before.keep)
    conn.create_function(_WATCH, 0, lambda: number)
    # Without it REPLACE deletes rows behind the triggers' back.
    conn.execute("PRAGMA recursive_triggers = ON")
    for sql in _TO_WATCH:
        conn.execute(sql)
    return before


def changed_rows(
    conn: sqlite3.Connection, before: RowsBefore
) -> tuple[dict[str, TableInverse], bytes]:
    """What takes the changes back, for tables that did change, and the fingerprint of now."""
    fingerprint = _Fingerprint()
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
    fingerprint = _Fingerprint()
    for table, inverse in sorted(inverses.items()):
        if any(True for _ in select_by_id(conn, _SELECT[table], inverse.deleted_ids)):
            raise changed_since()
        query = f"{_DIGESTED[table]} {table} WHERE id IN ({{ids}}) ORDER BY id"
        for rows in _blocks_by_id(conn, query, inverse.added_ids):
            fingerprint.take(rows)
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
    for rows in _blocks_by_id(conn, query, list(ids)):
        yield from rows


def _blocks_by_id(
    conn: sqlite3.Connection, query: str, ids: Sequence[int]
) -> Iterator[list[tuple[Any, ...]]]:
    for start in range(0, len(ids), _IDS_A_QUERY):
        part = ids[start : start + _IDS_A_QUERY]
        yield conn.execute(query.format(ids=", ".join("?" * len(part))), part).fetchall()


def _current(conn: sqlite3.Connection, table: str, ids: Iterable[int]) -> dict[int, Row]:
    return {row[0]: row[1:] for row in select_by_id(conn, _SELECT[table], ids)}


def _inverse(
    conn: sqlite3.Connection, table: str, before: RowsBefore, fingerprint: "_Fingerprint"
) -> TableInverse:
    kept = before.kept[table]
    added = _take_added(conn, table, kept, fingerprint)
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


def _take_added(
    conn: sqlite3.Connection, table: str, kept: Iterable[int], fingerprint: "_Fingerprint"
) -> list[int]:
    """The ids of the rows that were added and are there, whose content is taken."""
    added = f"temp.{_ADDED[table]}"
    conn.executemany(f"DELETE FROM {added} WHERE id = ?", [(row_id,) for row_id in kept])
    cursor = conn.execute(
        f"{_DIGESTED[table]} {added} AS added CROSS JOIN {table} USING (id) ORDER BY added.id"
    )
    ids: list[int] = []
    # Not all at once, as an import may have added more than the memory holds.
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        ids += fingerprint.take(rows)
    return ids


class _Fingerprint:
    """Of everything that a change wrote and left there; table by table, by their names."""

    def __init__(self) -> None:
        self._digest = hashlib.blake2b(digest_size=_FINGERPRINT_BYTES)

    def take(self, rows: list[Row]) -> list[int]:
        """Take what is digested of rows, in the order of their ids; the ids."""
        self._digest.update(b"".join(map(_encode, rows)))
        return [row[0] for row in rows]

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
