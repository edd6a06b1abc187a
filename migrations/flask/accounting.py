"""What became of every row: the old file beside the new one, column by column."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from chalicelib.collection.schema import column_names

_TABLES = ("notes", "cards", "revlog")


@dataclass(frozen=True, slots=True)
class Account:
    """How the new file differs, in numbers of rows.

    By table: those that are not there under their id, and those that are only there. By
    "table.column": those of the others where the value is another one. Sync numbers are not
    looked at: all are normalised.
    """

    missing: dict[str, int]
    added: dict[str, int]
    changed: dict[str, int]


def account_for(conn: sqlite3.Connection, new: Path) -> Account:
    """Compare the old collection on the connection with the new file."""
    conn.execute("ATTACH ? AS new", (str(new),))
    try:
        return Account(
            missing=_nonzero({table: _only_in(conn, table, "main", "new") for table in _TABLES}),
            added=_nonzero({table: _only_in(conn, table, "new", "main") for table in _TABLES}),
            changed=_nonzero(
                {name: count for table in _TABLES for name, count in _changed(conn, table)}
            ),
        )
    finally:
        conn.execute("DETACH new")


def _only_in(conn: sqlite3.Connection, table: str, here: str, there: str) -> int:
    count: int = conn.execute(
        f"SELECT count(*) FROM {here}.{table} WHERE id NOT IN (SELECT id FROM {there}.{table})"
    ).fetchone()[0]
    return count


def _changed(conn: sqlite3.Connection, table: str) -> list[tuple[str, int]]:
    columns = [name for name in column_names(table) if name not in ("id", "usn")]
    sums = ", ".join(f'total(old."{name}" IS NOT mine."{name}")' for name in columns)
    row = conn.execute(
        f"SELECT {sums} FROM main.{table} AS old JOIN new.{table} AS mine USING (id)"
    ).fetchone()
    return [(f"{table}.{name}", int(count)) for name, count in zip(columns, row, strict=True)]


def _nonzero(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
