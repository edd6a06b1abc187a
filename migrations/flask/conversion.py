"""An old collection made into one of today's.

The file itself is never taken: rows are read one by one, typed and bounded, exactly as those of a
stranger's upload, and written into a file of our own. The result follows from the file, the moment
and the offset alone.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.collection.col import read_document, write_document
from chalicelib.errors import JavumboError, StorageUnavailableError, UnusableFileError
from chalicelib.packages import Predecessor, SourceLimits, make_replacement, open_source
from chalicelib.packages.report import ImportLog
from migrations.contents import Digests, counts_of, digests_of
from migrations.flask.accounting import Account, account_for
from migrations.flask.cards import add_missing_cards
from migrations.flask.files import OldFile
from migrations.flask.recovery import recovered

_MEGABYTE = 1024 * 1024
# What people have here already is theirs, however large; only memory is a limit.
_LIMITS = SourceLimits(
    unpacked_bytes=4096 * _MEGABYTE,
    field_bytes=16 * _MEGABYTE,
    note_bytes=32 * _MEGABYTE,
    decks=50_000,
    deck_name_length=1_000,
    document_bytes=64 * _MEGABYTE,
    document_values=5_000_000,
    notes=2_000_000,
    cards=4_000_000,
    reviews=20_000_000,
    graves=20_000_000,
    new_tags=1_000_000,
    query_steps=100_000_000_000,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """What a conversion is told from outside.

    `local_offset`, in minutes west of UTC, is for people whose collection says none.
    """

    now_ms: int
    local_offset: int


@dataclass(frozen=True, slots=True)
class Converted:
    """What the new file holds, and what was repaired, one sentence each with its count."""

    created_s: int
    counts: dict[str, int]
    digests: Digests
    repairs: tuple[str, ...]
    account: Account


def convert(file: OldFile, target: Path, moment: Moment) -> Converted | None:
    """Write today's collection to the new file `target`; None where the old one holds nothing.

    Raises UnusableFileError with the reason for what cannot be taken.
    """
    log = ImportLog()
    with TemporaryDirectory(dir=target.parent) as folder:
        raw = Path(folder, "old.anki2")
        now_s, offset = moment.now_ms // 1000, moment.local_offset
        with recovered(file, raw, now_s=now_s, local_offset=offset, log=log) as conn:
            if conn is None:
                return None
            repairs = _replaced(raw, target, moment)
            _finish(target, moment, log)
            account = account_for(conn, target)
    with closing(sqlite3.connect(target, isolation_level=None)) as conn:
        return Converted(
            created_s=conn.execute("SELECT crt FROM col").fetchone()[0],
            counts=counts_of(conn),
            digests=digests_of(conn),
            repairs=(*log.lines(), *repairs),
            account=account,
        )


def _replaced(raw: Path, target: Path, moment: Moment) -> tuple[str, ...]:
    before = Predecessor(local_offset=moment.local_offset, modified_ms=0, schema_ms=0)
    try:
        with open_source(raw, limits=_LIMITS, work_dir=target.parent) as source:
            before = Predecessor(_own_offset(source.document("conf"), moment), 0, 0)
            report = make_replacement(target, source, before, now_ms=moment.now_ms, media=0)
    except StorageUnavailableError:
        raise
    except JavumboError as error:
        raise UnusableFileError(error.message) from error
    return report.log


def _own_offset(conf: dict[str, object], moment: Moment) -> int:
    offset = conf.get("localOffset")
    return offset if isinstance(offset, int) else moment.local_offset


def _finish(target: Path, moment: Moment, log: ImportLog) -> None:
    with closing(sqlite3.connect(target, isolation_level=None)) as conn:
        conn.execute("BEGIN")
        _normalise_usn(conn)
        log.add("Cards made that notes lacked", add_missing_cards(conn, moment.now_ms))
        conn.execute("COMMIT")


def _normalise_usn(conn: sqlite3.Connection) -> None:
    """All rows carry the collection's own number, as those do that JAVUMBO writes."""
    (usn,) = conn.execute("SELECT usn FROM col").fetchone()
    if usn == 0:
        return
    for table in ("notes", "cards", "revlog", "graves"):
        conn.execute(f"UPDATE {table} SET usn = ?", (usn,))
    for name in ("models", "decks", "dconf"):
        document = read_document(conn, name)
        write_document(conn, name, {key: each | {"usn": usn} for key, each in document.items()})
    write_document(conn, "tags", dict.fromkeys(read_document(conn, "tags"), usn))
