"""Old collections with random nonsense in them: each is taken so that Anki finds it clean, or
refused with a sentence."""

import json
import random
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from chalicelib.errors import UnusableFileError
from migrations.flask.conversion import Moment, convert
from migrations.flask.files import OldFile
from tests.migrations.install import NOW_MS, NOW_S
from tests.migrations.moving import what_anki_says
from tests.migrations.old_program import DAY_S, Shape, write_collection

_ODD: tuple[Any, ...] = (
    *(None, "", "x", 0, -1, 1, 2**31, 2**63 - 1, 1.5, [], {}, [[]], True, "1", b"\xff", NOW_MS * 2),
)
_CELLS = {
    "notes": ("guid", "mid", "mod", "usn", "tags", "flds", "sfld", "csum", "flags", "data"),
    "cards": (
        *("nid", "did", "ord", "mod", "usn", "type", "queue", "due", "ivl", "factor", "reps"),
        *("lapses", "left", "odue", "odid", "flags", "data"),
    ),
    "revlog": ("cid", "usn", "ease", "ivl", "lastIvl", "factor", "time", "type"),
    "col": ("crt", "mod", "scm", "dty", "usn", "ls"),
}


def _damage(path: Path, rng: random.Random) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for _ in range(rng.randrange(1, 6)):
            table = rng.choice(list(_CELLS))
            column, value = rng.choice(_CELLS[table]), rng.choice(_ODD)
            value = json.dumps(value) if isinstance(value, list | dict) else value
            # What the table's own rules refuse cannot be there.
            with suppress(sqlite3.IntegrityError):
                conn.execute(
                    f"UPDATE {table} SET {column} = ? WHERE id % 3 = ? OR ? = 'col'",
                    (value, rng.randrange(3), table),
                )
        for _ in range(rng.randrange(1, 4)):
            _damage_document(conn, rng)


def _damage_document(conn: sqlite3.Connection, rng: random.Random) -> None:
    name = rng.choice(("conf", "models", "decks", "dconf"))
    document = json.loads(conn.execute(f"SELECT {name} FROM col").fetchone()[0])
    if not document:
        return
    holder: Any = document
    for _ in range(rng.randrange(3)):
        inner = [each for each in _members(holder) if isinstance(each, dict | list) and each]
        if inner:
            holder = rng.choice(inner)
    key = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    value = rng.choice([each for each in _ODD if not isinstance(each, bytes)])
    if rng.random() < 0.3:
        del holder[key]
    else:
        holder[key] = value
    conn.execute(f"UPDATE col SET {name} = ?", (json.dumps(document),))


def _members(holder: Any) -> list[Any]:
    return list(holder.values()) if isinstance(holder, dict) else list(holder)


def taken(folder: Path, seed: int) -> Path | None:
    """The new file made of an old one that is odd by this seed; None where it was refused."""
    rng = random.Random(seed)
    old, new = folder / f"old-{seed}.anki2", folder / f"new-{seed}.anki2"
    shape = Shape(NOW_S - rng.randrange(20, 400) * DAY_S - 5000, rng.randrange(1, 20))
    write_collection(old, shape, NOW_S, rng)
    _damage(old, rng)
    try:
        return new if convert(OldFile(old), new, Moment(NOW_MS, 0)) else None
    except UnusableFileError:
        return None


def test_whatever_is_taken_is_clean(tmp_path: Path) -> None:
    made = [taken(tmp_path, seed) for seed in range(24)]
    files = [file for file in made if file]
    assert len(files) > 18
    assert what_anki_says(files) == {}
