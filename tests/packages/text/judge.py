"""Real Anki as the judge of text files: the same files into copies of the same collection."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalicelib.packages.report import ImportReport
from chalicelib.packages.text.limits import TextLimits
from chalicelib.packages.text.merging import import_text
from chalicelib.packages.text.options import TextOptions
from chalicelib.packages.text.preview import TextPreview, preview_text

ORACLE = Path(__file__).parents[2] / "oracle_packages" / "text_files.py"
DATA = Path(__file__).parents[2] / "data"
LIMITS = TextLimits(field_bytes=64 * 1024, note_bytes=256 * 1024, decks=2000, deck_name_length=120)
SEED = 0xFEED
_MODES = ("update", "preserve", "duplicate")
_CHANGED = {"tags", "if matches", "match scope", "fields", "tags column", "guid column"}
_CONF_KEYS = ("nextPos", "csvDuplicateResolution", "matchScope")


@dataclass(frozen=True)
class TextFile:
    """A file to import; `options` are ours, `step` says the same to Anki."""

    data: bytes
    options: TextOptions = field(default_factory=TextOptions)
    step: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What importing one file after the other left behind, and what was said of each."""

    contents: dict[str, Any]
    previews: list[dict[str, Any]]
    counts: list[dict[str, int]]


def run_anki(jobs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The jobs of `text_files.py`, in one process."""
    done = subprocess.run(
        [sys.executable, str(ORACLE)],
        input=json.dumps(jobs),
        env=os.environ | {"TZ": "UTC"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return results


def transacted(path: Path, change: Callable[[sqlite3.Connection], Any]) -> Any:
    """Let something change a collection on disk, in one transaction."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("BEGIN")
        try:
            result = change(conn)
        except BaseException:
            conn.execute("ROLLBACK")
            raise
        conn.execute("COMMIT")
    return result


def import_file(
    path: Path, data: bytes, options: TextOptions | None = None, *, now_ms: int
) -> ImportReport:
    """Import into a collection on disk, as the service does."""
    report: ImportReport = transacted(
        path,
        lambda conn: import_text(
            conn, data, options or TextOptions(), limits=LIMITS, now_ms=now_ms, guid_seed=SEED
        ),
    )
    return report


def compare(
    collections: Sequence[Path], files: Sequence[Sequence[TextFile]], work_dir: Path
) -> list[tuple[Outcome, Outcome]]:
    """What our imports and Anki's leave behind: (ours, Anki's) per collection, to be equal."""
    ours, theirs = [
        [
            Path(shutil.copy(path, work_dir / f"{who}-{n}.anki2"))
            for n, path in enumerate(collections)
        ]
        for who in ("ours", "theirs")
    ]
    jobs = [
        {"collection": str(path), "steps": _steps(of_one, work_dir / f"{number}")}
        for number, (path, of_one) in enumerate(zip(theirs, files, strict=True))
    ]
    results = run_anki(jobs)
    pairs = []
    for our, their, of_one, result in zip(ours, theirs, files, results, strict=True):
        said = [_import_ours(our, file, result["now_ms"]) for file in of_one]
        began_s = result["now_ms"] // 1000
        pairs.append(
            (
                Outcome(contents(our, began_s), *map(list, zip(*said, strict=True))),
                _their_outcome(contents(their, began_s), of_one, result["results"]),
            )
        )
    return pairs


def _steps(files: Sequence[TextFile], folder: Path) -> list[dict[str, Any]]:
    folder.mkdir()
    steps = []
    for number, file in enumerate(files):
        path = folder / f"{number}.txt"
        path.write_bytes(file.data)
        steps += [{"do": do, "file": str(path), **file.step} for do in ("preview", "import")]
    return steps


def _import_ours(path: Path, file: TextFile, now_ms: int) -> tuple[dict[str, Any], dict[str, int]]:
    with closing(sqlite3.connect(path)) as conn:
        preview = preview_text(conn, file.data, file.options, LIMITS)
    report = import_file(path, file.data, file.options, now_ms=now_ms)
    counts = {
        "new": report.notes_new,
        "updated": report.notes_updated,
        "unchanged": report.notes_unchanged,
        "conflicting": report.notes_conflicting,
    }
    return _our_preview(preview, file), counts


def _our_preview(seen: TextPreview, file: TextFile) -> dict[str, Any]:
    preview = {
        "delimiter": seen.delimiter,
        "is_html": seen.is_html,
        "columns": list(seen.columns),
        "rows": [list(row) for row in seen.rows],
        "notetype": seen.notetype_id or seen.notetype_column,
        "fields": seen.field_columns and list(seen.field_columns),
        "deck": seen.deck_column or seen.deck_name,
        "tags column": seen.tags_column,
        "guid column": seen.guid_column,
        "tags": list(seen.tags),
        "if matches": seen.if_matches,
        "match scope": seen.match_scope,
    }
    return _told_before_the_change(preview, file)


def _told_before_the_change(preview: dict[str, Any], file: TextFile) -> dict[str, Any]:
    """What Anki's screen changes on its own afterwards, we are told at once."""
    if not file.step.get("change"):
        return preview
    return {key: value for key, value in preview.items() if key not in _CHANGED}


def _their_outcome(
    left: dict[str, Any], files: Sequence[TextFile], results: Sequence[dict[str, Any]]
) -> Outcome:
    previews, counts = [], []
    for file, seen, log in zip(files, results[::2], results[1::2], strict=True):
        assert "error" not in seen, (seen, file)
        assert "error" not in log, (log, file)
        previews.append(_told_before_the_change(seen, file))
        counts.append(_their_counts(log, seen, file))
    return Outcome(left, previews, counts)


def _their_counts(log: dict[str, Any], seen: dict[str, Any], file: TextFile) -> dict[str, int]:
    """Anki lists notes of the same first field apart, whatever became of them."""
    changed_mode = file.step.get("change", {}).get("dupe_resolution")
    mode = seen["if matches"] if changed_mode is None else _MODES[changed_mode]
    matches = log["first_field_match"]
    return {
        "new": log["new"] + (matches if mode == "duplicate" else 0),
        "updated": log["updated"] + (matches if mode == "update" else 0),
        "unchanged": log["duplicate"] + (matches if mode == "preserve" else 0),
        "conflicting": log["conflicting"],
    }


def contents(path: Path, began_s: int = 1 << 40) -> dict[str, Any]:
    """All rows and documents, without what is random or allocated: new ids and guids, usn.

    Notes count by their order; times since `began_s` (epoch seconds) are all one.
    """
    with closing(sqlite3.connect(path)) as conn:
        decks = {int(key): deck for key, deck in _read(conn, "decks").items()}
        notetypes = {int(key): one["name"] for key, one in _read(conn, "models").items()}
        conf = _read(conn, "conf")
        return {
            "notes": _notes(conn, notetypes, began_s),
            "cards": _cards(conn, decks, began_s),
            "decks": _decks(conn, decks, began_s),
            "tags": sorted(_read(conn, "tags")),
            "conf": {key: conf.get(key, 0) for key in _CONF_KEYS},
        }


def _read(conn: sqlite3.Connection, name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(conn.execute(f"SELECT {name} FROM col").fetchone()[0])
    return document


def _decks(
    conn: sqlite3.Connection, decks: dict[int, dict[str, Any]], began_s: int
) -> dict[str, Any]:
    """Without new ones that nothing is in: Anki also makes the deck of a file without notes."""
    used = {decks[did]["name"] for (did,) in conn.execute("SELECT DISTINCT did FROM cards")}
    return {
        deck["name"]: {
            key: value
            for key, value in deck.items()
            if key not in {"id", "usn", "mod"} and value is not None
        }
        for deck in decks.values()
        if deck["mod"] < began_s
        or any(f"{name}::".startswith(f"{deck['name']}::") for name in used)
    }


def _notes(
    conn: sqlite3.Connection, notetypes: dict[int, str], began_s: int
) -> list[tuple[Any, ...]]:
    rows = conn.execute(
        "SELECT id, mid, guid, min(mod, ?), tags, flds, sfld, csum FROM notes ORDER BY id",
        (began_s,),
    )
    return [
        (notetypes[mid], guid if note_id < began_s * 1000 else "", *rest)
        for note_id, mid, guid, *rest in rows
    ]


def _cards(
    conn: sqlite3.Connection, decks: dict[int, dict[str, Any]], began_s: int
) -> list[tuple[Any, ...]]:
    rows = conn.execute(
        "SELECT did, odid, (SELECT count(*) FROM notes WHERE id < cards.nid), ord, type, queue,"
        " due, ivl, factor, reps, lapses, left, odue, flags, min(mod, ?) FROM cards"
        " ORDER BY nid, ord",
        (began_s,),
    )
    names = {deck_id: deck["name"] for deck_id, deck in decks.items()}
    return [(names.get(did), names.get(odid), *rest) for did, odid, *rest in rows]
