"""Whole installs of the Flask version, with everything that was ever seen wrong with one."""

import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copyfile

import bcrypt

from tests.migrations.old_program import (
    DAY_S,
    Shape,
    due_in_old_program,
    edit,
    write_collection,
)

# 2026-03-10 15:20:00 UTC
NOW_MS = 1_773_156_000_000
NOW_S = NOW_MS // 1000
_SCHEMA = """
CREATE TABLE users (
    user_id INTEGER PRIMARY KEY, username TEXT UNIQUE, name TEXT, password_hash TEXT
)"""
_LARGE_FIELD = 1_000


@dataclass
class OldUser:
    """A person of the install. `due` is what the old program shows at NOW_S, None if nothing
    can be told; `fate` is what is to become of the collection."""

    user_id: int
    username: str
    password: str
    defect: str
    fate: str = "taken"
    due: set[int] | None = None
    file: Path | None = None


@dataclass
class Install:
    admin_db: Path
    user_dbs: Path
    users: list[OldUser] = field(default_factory=list)

    def user(self, defect: str) -> OldUser:
        return next(user for user in self.users if user.defect == defect)


@dataclass(frozen=True)
class World:
    """Where and when an install is made, and by which chances."""

    folder: Path
    rng: random.Random
    now_s: int


Maker = Callable[["OldUser", "World"], None]


def build_install(
    folder: Path,
    count: int,
    *,
    seed: int = 1,
    large_mb: int = 0,
    rounds: int = 4,
    now_s: int = NOW_S,
) -> Install:
    """`count` users in `folder`, the first ones with one defect each, as of `now_s`."""
    install = Install(folder / "admin.db", folder / "user_dbs")
    install.user_dbs.mkdir(parents=True)
    world = World(install.user_dbs, random.Random(seed), now_s)
    makers = list(_MAKERS.items())
    if large_mb:
        makers.append(("large", _large(large_mb)))
    passwords = [f"pässwört {n}" for n in range(5)]
    hashes = [bcrypt.hashpw(p.encode(), bcrypt.gensalt(rounds)).decode() for p in passwords]
    with closing(sqlite3.connect(install.admin_db)) as conn, conn:
        conn.execute(_SCHEMA)
        for number in range(count):
            # The first ones have one defect each, in turn; most people have the usual ones only.
            defect, make = makers[number] if number < len(makers) else ("usual", _usual)
            user = OldUser(number + 1, _username(defect, number), passwords[number % 5], defect)
            make(user, world)
            install.users.append(user)
            row = (user.user_id, user.username, _name(defect, number), hashes[number % 5])
            conn.execute("INSERT INTO users VALUES (?, ?, ?, ?)", row)
    (install.user_dbs / "nobody-left.anki2").write_bytes(b"what a deleted user left behind")
    (install.user_dbs / "notes.json").write_text("what somebody put there")
    return install


def _username(defect: str, number: int) -> str:
    fixed = {
        "case clash": "PERSON-3",
        "non-ASCII name": "josé maría",
        "short name": "li",
        "long name": "a-name-longer-than-thirty-two-characters",
        "path in the name": "../evil",
    }
    return fixed.get(defect, f"person-{number}")


def _name(defect: str, number: int) -> str:
    return "" if defect == "no display name" else f"Ñandú {number}"


def _usual(user: OldUser, world: World) -> None:
    _make(user, world.folder / f"{user.username}.anki2", world)


def _make(user: OldUser, path: Path, world: World, notes: int | None = None) -> None:
    # Never at the second at which the old program's day turns.
    age_s = world.rng.randrange(20, 400) * DAY_S + world.rng.randrange(3600, DAY_S - 3600)
    many = world.rng.randrange(3, 25) if notes is None else notes
    write_collection(path, Shape(world.now_s - age_s, many), world.now_s, world.rng)
    user.file, user.due = path, due_in_old_program(path, world.now_s)


def _old_layout(user: OldUser, world: World) -> None:
    _make(user, world.folder / f"user_{user.user_id}.db", world)


def _both_layouts(user: OldUser, world: World) -> None:
    _old_layout(user, world)
    _usual(user, world)


def _no_cards(user: OldUser, world: World) -> None:
    _make(user, world.folder / f"{user.username}.anki2", world, notes=0)


def _no_bytes(user: OldUser, world: World) -> None:
    user.file, user.fate = world.folder / f"{user.username}.anki2", "empty"
    user.file.write_bytes(b"")


def _no_file(user: OldUser, world: World) -> None:
    user.fate = "empty"


def _corrupt(user: OldUser, world: World) -> None:
    _usual(user, world)
    assert user.file
    data = bytearray(user.file.read_bytes())
    middle = slice(4096 + 8, len(data) - 4096)
    data[middle] = world.rng.randbytes(len(data[middle]))
    user.file.write_bytes(data)
    user.fate, user.due = "not_taken", None


def _cut_off(user: OldUser, world: World) -> None:
    _usual(user, world)
    assert user.file
    os.truncate(user.file, 10_000)
    user.fate, user.due = "not_taken", None


def _hot_journal(user: OldUser, world: World) -> None:
    """Killed half-way through a change: the file has pages of it, the journal takes them back."""
    _usual(user, world)
    assert user.file
    scratch = world.folder / "scratch.db"
    copyfile(user.file, scratch)
    with closing(sqlite3.connect(scratch, isolation_level=None)) as conn:
        conn.execute("PRAGMA cache_size = 1")
        conn.execute("BEGIN")
        conn.execute("DELETE FROM revlog")
        conn.execute("UPDATE cards SET due = 99999, ivl = 77")
        conn.execute("CREATE TABLE spill (x)")
        conn.executemany("INSERT INTO spill VALUES (?)", [("y" * 2000,)] * 50)
        copyfile(scratch, user.file)
        copyfile(f"{scratch}-journal", f"{user.file}-journal")
        conn.execute("ROLLBACK")
    scratch.unlink()


def _write_ahead(user: OldUser, world: World) -> None:
    """Its last change is in the -wal only."""
    _usual(user, world)
    assert user.file
    scratch = world.folder / "scratch.db"
    copyfile(user.file, scratch)
    with closing(sqlite3.connect(scratch, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA wal_autocheckpoint = 0")
        conn.execute("UPDATE cards SET due = 0 WHERE queue = 2")
        copyfile(scratch, user.file)
        copyfile(f"{scratch}-wal", f"{user.file}-wal")
        rows = conn.execute("SELECT id FROM cards WHERE queue = 2").fetchall()
    scratch.unlink()
    user.due = {card_id for (card_id,) in rows}


def _no_graves(user: OldUser, world: World) -> None:
    _usual(user, world)
    assert user.file
    with closing(sqlite3.connect(user.file)) as conn, conn:
        conn.execute("DROP TABLE graves")


def _own_table(user: OldUser, world: World) -> None:
    """A table and a trigger of the program's own, which no Anki knows."""
    _usual(user, world)
    assert user.file
    with closing(sqlite3.connect(user.file)) as conn, conn:
        conn.execute("CREATE TABLE sessions (id INTEGER PRIMARY KEY, card INTEGER)")
        conn.execute("CREATE TRIGGER tidy AFTER UPDATE ON col BEGIN DELETE FROM notes; END")


def _no_options(user: OldUser, world: World) -> None:
    _usual(user, world)
    assert user.file
    with closing(sqlite3.connect(user.file)) as conn, conn:
        conn.execute("UPDATE col SET dconf = '', tags = 'null', conf = '{'")


def _no_documents(user: OldUser, world: World) -> None:
    """Its notes have no notetype left, its cards no deck."""
    _usual(user, world)
    assert user.file
    with closing(sqlite3.connect(user.file)) as conn, conn:
        conn.execute("UPDATE col SET models = '', decks = '[]'")


def _deck_of_few_keys(user: OldUser, world: World) -> None:
    _usual(user, world)
    assert user.file

    def thin(decks: dict[str, dict[str, object]]) -> None:
        for key, deck in decks.items():
            decks[key] = {"name": deck["name"]}

    edit(user.file, "decks", thin)


def _doubled_guids(user: OldUser, world: World) -> None:
    _usual(user, world)
    assert user.file
    with closing(sqlite3.connect(user.file)) as conn, conn:
        conn.execute("UPDATE notes SET guid = ''")


def _orphans(user: OldUser, world: World) -> None:
    """Cards whose note is gone, which Anki deletes as well."""
    _usual(user, world)
    assert user.file
    with closing(sqlite3.connect(user.file)) as conn, conn:
        conn.execute("DELETE FROM notes WHERE id = (SELECT min(id) FROM notes)")
    user.due = None


def _first_scheduler(user: OldUser, world: World) -> None:
    _usual(user, world)
    assert user.file
    edit(user.file, "conf", lambda conf: conf.update(schedVer=1))


def _made_by_anki(user: OldUser, world: World) -> None:
    """With the offsets that Anki keeps; its owner lives in São Paulo."""
    _usual(user, world)
    assert user.file
    edit(user.file, "conf", lambda conf: conf.update(creationOffset=180, localOffset=180))


def _large(megabytes: int) -> Maker:
    def make(user: OldUser, world: World) -> None:
        path = world.folder / f"{user.username}.anki2"
        notes = megabytes * 1_000_000 // (2 * _LARGE_FIELD + 700)
        shape = Shape(world.now_s - 300 * DAY_S - 7200, notes, 4, _LARGE_FIELD)
        write_collection(path, shape, world.now_s, world.rng)
        user.file, user.due = path, due_in_old_program(path, world.now_s)

    return make


_MAKERS: dict[str, Maker] = {
    "usual": _usual,
    "old layout": _old_layout,
    "both layouts": _both_layouts,
    "clashes": _usual,
    "case clash": _usual,
    "non-ASCII name": _usual,
    "short name": _usual,
    "long name": _usual,
    "path in the name": _old_layout,
    "no display name": _usual,
    "no cards": _no_cards,
    "no bytes": _no_bytes,
    "no file": _no_file,
    "corrupt": _corrupt,
    "cut off": _cut_off,
    "hot journal": _hot_journal,
    "write-ahead log": _write_ahead,
    "no graves": _no_graves,
    "own table": _own_table,
    "no options": _no_options,
    "no documents": _no_documents,
    "deck of few keys": _deck_of_few_keys,
    "doubled guids": _doubled_guids,
    "orphans": _orphans,
    "first scheduler": _first_scheduler,
    "made by Anki": _made_by_anki,
}
DEFECTS = tuple(_MAKERS)
