"""Every kind of change that a transaction can make to a file's pages, and files to make it in."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.storage.image import settle

Change = Callable[[sqlite3.Connection], object]

PAGE_SIZES = [512, 1024, 4096, 8192, 65536]

_BUILD = """
    CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
    CREATE INDEX ix_note_text ON note (text);
    CREATE TABLE card (id INTEGER PRIMARY KEY, note INTEGER, due INTEGER, flags INTEGER);
    CREATE INDEX ix_card_due ON card (due);
    CREATE TABLE col (id INTEGER PRIMARY KEY, conf TEXT);
    CREATE TABLE media (id INTEGER PRIMARY KEY, data BLOB);
    CREATE TABLE grave (oid INTEGER, type INTEGER, PRIMARY KEY (oid, type)) WITHOUT ROWID;
    CREATE TABLE dropped (text TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
        INSERT INTO note SELECT i, hex(i * 7919) || ' ' || printf('%0120d', i) FROM n;
    INSERT INTO card SELECT id, id, id % 97, 0 FROM note;
    INSERT INTO col VALUES (1, printf('{"%0.*c"}', 12000, 'x'));
    INSERT INTO media VALUES (1, zeroblob(150000)), (2, CAST(printf('%0.*c', 90000, 'm') AS BLOB));
    INSERT INTO grave SELECT id, id % 3 FROM note WHERE id % 5 = 0;
    INSERT INTO dropped SELECT text FROM note;
    DROP TABLE dropped;
"""


def make_file(path: Path, page_size: int, *, auto_vacuum: bool = False) -> int:
    """Write a file at rest with all kinds of pages in it, free ones too; its page size."""
    path.write_bytes(_file(page_size, auto_vacuum))
    return page_size


@cache
def _file(page_size: int, auto_vacuum: bool) -> bytes:
    with TemporaryDirectory() as directory:
        path = Path(directory) / "file"
        with closing(sqlite3.connect(path)) as conn:
            conn.execute(f"PRAGMA page_size = {page_size}")
            conn.execute(f"PRAGMA auto_vacuum = {'FULL' if auto_vacuum else 'NONE'}")
            conn.execute("PRAGMA synchronous = OFF")
            conn.executescript(f"BEGIN; {_BUILD} COMMIT;")
        assert settle(path) == page_size
        return path.read_bytes()


def _insert(conn: sqlite3.Connection, rows: int = 3000) -> None:
    conn.executemany(
        "INSERT INTO note (text) VALUES (?)", ((f"{n * 7919 % 3001} added",) for n in range(rows))
    )


def _spill(conn: sqlite3.Connection) -> None:
    """Twice as much as the page cache holds, and all of it twice."""
    conn.executemany(
        "INSERT INTO media (data) VALUES (?)", ((bytes([n]) * 40_000,) for n in range(100))
    )
    conn.execute("UPDATE media SET data = zeroblob(40000) WHERE id > 2")


def _spill_and_go_back(conn: sqlite3.Connection) -> None:
    """Pages that were written early are not part of what is committed."""
    conn.execute("SAVEPOINT big")
    _spill(conn)
    conn.execute("ROLLBACK TO big")
    conn.execute("RELEASE big")
    conn.execute("UPDATE card SET due = 5 WHERE id = 7")


def _nest_savepoints(conn: sqlite3.Connection) -> None:
    conn.execute("SAVEPOINT outer_")
    conn.execute("UPDATE card SET due = 5")
    conn.execute("SAVEPOINT inner_")
    conn.execute("DELETE FROM note")
    conn.execute("ROLLBACK TO inner_")
    conn.execute("UPDATE card SET flags = 1 WHERE id < 50")
    conn.execute("RELEASE outer_")


def _leave_temporaries(conn: sqlite3.Connection) -> None:
    conn.execute("CREATE TEMP TABLE seen (id INTEGER)")
    conn.execute(
        "CREATE TEMP TRIGGER see AFTER UPDATE ON card BEGIN INSERT INTO seen VALUES (new.id); END"
    )
    conn.execute("UPDATE card SET due = due + 1 WHERE id < 500")
    conn.execute("INSERT INTO grave SELECT id, 9 FROM seen")


def _delete_and_insert(conn: sqlite3.Connection) -> None:
    conn.execute("DELETE FROM note WHERE id % 2")
    _insert(conn, 500)


def _drop_everything(conn: sqlite3.Connection) -> None:
    tables = conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        conn.execute(f"DROP TABLE {table}")


def _run(*statements: str) -> Change:
    def change(conn: sqlite3.Connection) -> None:
        for statement in statements:
            conn.execute(statement)

    return change


CHANGES: dict[str, Change] = {
    "update one row": _run("UPDATE card SET due = 5000 WHERE id = 7"),
    "update all rows": _run("UPDATE card SET due = id * 31 % 1009, flags = 3"),
    "insert with growth": _insert,
    "delete, leaving free pages": _run("DELETE FROM note WHERE id BETWEEN 200 AND 900"),
    "delete everything": _run("DELETE FROM note", "DELETE FROM card", "DELETE FROM media"),
    "delete and insert": _delete_and_insert,
    "create a table and an index": _run(
        "CREATE TABLE fresh (a, b)",
        "INSERT INTO fresh SELECT id, due FROM card",
        "CREATE INDEX ix_fresh ON fresh (b, a)",
    ),
    "drop a table and an index": _run("DROP TABLE note", "DROP INDEX ix_card_due"),
    "drop everything": _drop_everything,
    "alter a table": _run("ALTER TABLE card ADD COLUMN odid INTEGER NOT NULL DEFAULT 0"),
    "big blob": _run("INSERT INTO media VALUES (9, zeroblob(700000))"),
    "overflow grows and shrinks": _run(
        "UPDATE media SET data = zeroblob(400000) WHERE id = 2",
        "UPDATE media SET data = zeroblob(10) WHERE id = 1",
    ),
    "same-size overflow": _run("UPDATE col SET conf = replace(conf, 'x', 'y')"),
    "table without rowid": _run("UPDATE OR REPLACE grave SET type = 1 WHERE oid < 600"),
    "analyze and reindex": _run("ANALYZE", "REINDEX"),
    "larger than the page cache": _spill,
    "larger than the page cache, taken back": _spill_and_go_back,
    "savepoints": _nest_savepoints,
    "temporary table and trigger left": _leave_temporaries,
}
