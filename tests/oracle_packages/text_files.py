"""Import and export text files with real Anki; run as a script.

Reads a JSON list of jobs from stdin, each `{"collection": path, "steps": [step, ...]}`. The
collection is changed in place, made first where there is none, and comes back in schema 11. Steps:

- `{"do": "preview", "file": path, "delimiter": name or null, "notetype": id or null,
  "deck": id or null, "is_html": true, false or null}`: what Anki understands of the file;
- `{"do": "import", "file": path, "change": {...}}`: import under what the preview of the same
  arguments says, with some of it changed;
- `{"do": "notes", "file": path, "ids": [...] or null, "with": ["html", "tags", ...]}` and
  `{"do": "cards", "file": path, "ids": [...] or null, "with": ["html"]}`: export to the file;
- `{"do": "check"}`: Check Database.

Prints a JSON list with one object per job: `now_ms` (when it began) and `results`, one per step;
a step that Anki refuses has `{"error": text}`.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from anki.collection import CardIdsLimit, Collection, CsvMetadata, ImportCsvRequest, NoteIdsLimit
from anki.import_export_pb2 import CsvMetadataRequest

QUEUES = (
    "new",
    "updated",
    "duplicate",
    "conflicting",
    "first_field_match",
    "missing_notetype",
    "missing_deck",
    "empty_first_field",
)


def metadata(col: Collection, step: dict[str, Any]) -> CsvMetadata:
    request = CsvMetadataRequest(path=step["file"])
    if step.get("delimiter"):
        request.delimiter = CsvMetadata.Delimiter.Value(step["delimiter"].upper())
    if step.get("notetype"):
        request.notetype_id = step["notetype"]
    if step.get("deck"):
        request.deck_id = step["deck"]
    if step.get("is_html") is not None:
        request.is_html = step["is_html"]
    return col._backend.get_csv_metadata(request)


def preview(col: Collection, step: dict[str, Any]) -> dict[str, Any]:
    seen = metadata(col, step)
    has_notetype = seen.HasField("global_notetype")
    return {
        "delimiter": CsvMetadata.Delimiter.Name(seen.delimiter).lower(),
        "is_html": seen.is_html,
        "columns": list(seen.column_labels),
        "rows": [list(row.vals) for row in seen.preview],
        "notetype": seen.global_notetype.id if has_notetype else seen.notetype_column,
        "fields": list(seen.global_notetype.field_columns) if has_notetype else None,
        "deck": seen.deck_column or deck_name(col, seen),
        "tags column": seen.tags_column,
        "guid column": seen.guid_column,
        "tags": list(seen.global_tags),
        "if matches": CsvMetadata.DupeResolution.Name(seen.dupe_resolution).lower(),
        "match scope": CsvMetadata.MatchScope.Name(seen.match_scope).lower(),
    }


def deck_name(col: Collection, seen: CsvMetadata) -> str:
    names = {deck.id: deck.name for deck in col.decks.all_names_and_ids()}
    return seen.deck_name or names[seen.deck_id]


def import_file(col: Collection, step: dict[str, Any]) -> dict[str, Any]:
    described = metadata(col, step)
    change = dict(step.get("change", {}))
    for name in ("dupe_resolution", "match_scope"):
        if name in change:
            setattr(described, name, change.pop(name))
    if "field_columns" in change:
        described.global_notetype.field_columns[:] = change.pop("field_columns")
    for name in ("global_tags", "updated_tags"):
        if name in change:
            getattr(described, name)[:] = change.pop(name)
    for name, value in change.items():
        setattr(described, name, value)
    log = col.import_csv(ImportCsvRequest(path=step["file"], metadata=described)).log
    return {name: len(getattr(log, name)) for name in QUEUES} | {"found_notes": log.found_notes}


def export_notes(col: Collection, step: dict[str, Any]) -> int:
    ids = step["ids"]
    return col.export_note_csv(
        out_path=step["file"],
        limit=None if ids is None else NoteIdsLimit(ids),
        with_html="html" in step["with"],
        with_tags="tags" in step["with"],
        with_deck="deck" in step["with"],
        with_notetype="notetype" in step["with"],
        with_guid="guid" in step["with"],
    )


def export_cards(col: Collection, step: dict[str, Any]) -> int:
    ids = step["ids"]
    return col.export_card_csv(
        out_path=step["file"],
        limit=None if ids is None else CardIdsLimit(ids),
        with_html="html" in step["with"],
    )


def check(col: Collection, step: dict[str, Any]) -> list[str]:
    return list(col._backend.check_database())


STEPS: dict[str, Callable[[Collection, dict[str, Any]], Any]] = {
    "preview": preview,
    "import": import_file,
    "notes": export_notes,
    "cards": export_cards,
    "check": check,
}


def attempt(col: Collection, step: dict[str, Any]) -> Any:
    try:
        return STEPS[step["do"]](col, step)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def run(job: dict[str, Any]) -> dict[str, Any]:
    now_ms = time.time_ns() // 1_000_000
    col = Collection(job["collection"])
    try:
        results = [attempt(col, step) for step in job["steps"]]
    finally:
        col.close(downgrade=True)
    return {"now_ms": now_ms, "results": results}


if __name__ == "__main__":
    print(json.dumps([run(job) for job in json.load(sys.stdin)]))
