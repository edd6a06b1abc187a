"""A small collection in which lost, doubled and half-applied changes can be seen.

Every transaction adds one row to each of two tables.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable


def build(conn: sqlite3.Connection) -> None:
    conn.execute("CREATE TABLE one (name TEXT)")
    conn.execute("CREATE TABLE two (name TEXT)")


def add(name: str) -> Callable[[sqlite3.Connection], str]:
    def fn(conn: sqlite3.Connection) -> str:
        conn.execute("INSERT INTO one VALUES (?)", (name,))
        conn.execute("INSERT INTO two VALUES (?)", (name,))
        return name

    return fn


def large(name: str, size: int = 20_000) -> Callable[[sqlite3.Connection], None]:
    """The same with so many bytes that do not compress."""

    def fn(conn: sqlite3.Connection) -> None:
        add(name)(conn)
        conn.execute("CREATE TABLE IF NOT EXISTS ballast (data BLOB)")
        conn.execute("INSERT INTO ballast VALUES (randomblob(?))", (size,))

    return fn


def names(conn: sqlite3.Connection) -> Counter[str]:
    """How often each transaction took place; fails where only half of one did."""
    one = Counter(name for (name,) in conn.execute("SELECT name FROM one"))
    two = Counter(name for (name,) in conn.execute("SELECT name FROM two"))
    assert one == two, "half a transaction"
    return one
