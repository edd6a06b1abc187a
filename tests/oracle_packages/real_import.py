"""Import packages into collections with real Anki; run as a script.

Reads a JSON list of jobs from stdin, `{"collection": path, "packages": [path, ...]}`. Each
collection is changed in place, made first where there is none, and comes back in schema 11. A job
may also have:

- `"options"`: those of ImportAnkiPackageOptions, its conditions by name;
- `"replacement"`: a .colpkg that takes the collection's place first;
- `"media"`: the text of each media file that is there before, by its name;
- `"check": true`: Check Database runs at the end.

Prints a JSON list with one object per job: `now_ms` (when it began), `error` or null, `problems`
that Check Database found, and `media` as it is afterwards.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from anki.import_export_pb2 import ImportAnkiPackageUpdateCondition

CONDITIONS = {
    "if_newer": ImportAnkiPackageUpdateCondition.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_IF_NEWER,
    "always": ImportAnkiPackageUpdateCondition.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_ALWAYS,
    "never": ImportAnkiPackageUpdateCondition.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_NEVER,
}


def run(job: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {"now_ms": time.time_ns() // 1_000_000, "error": None, "problems": []}
    col = Collection(job["collection"])
    folder = Path(col.media.dir())
    try:
        for name, text in job.get("media", {}).items():
            (folder / name).write_text(text)
        if job.get("replacement"):
            replace(col, job["replacement"])
        for package in job["packages"]:
            import_package(col, package, job.get("options", {}))
        if job.get("check"):
            result["problems"] = list(col._backend.check_database())
    except Exception as error:
        result["error"] = f"{type(error).__name__}: {error}"
    finally:
        col.close(downgrade=True)
    result["media"] = {file.name: file.read_text("latin-1") for file in folder.iterdir()}
    return result


def replace(col: Collection, package: str) -> None:
    """Put a .colpkg in the collection's place."""
    folder, database = Path(col.media.dir()), f"{col.path}.media.db"
    col.close()
    col._backend.import_collection_package(
        col_path=col.path, backup_path=package, media_folder=str(folder), media_db=database
    )
    col.reopen()


def import_package(col: Collection, package: str, wanted: dict[str, Any]) -> None:
    chosen: dict[str, Any] = {"with_scheduling": True, "with_deck_configs": True} | wanted
    for name in ("update_notes", "update_notetypes"):
        if name in chosen:
            chosen[name] = CONDITIONS[chosen[name]]
    options = ImportAnkiPackageOptions(**chosen)
    col.import_anki_package(ImportAnkiPackageRequest(package_path=package, options=options))


if __name__ == "__main__":
    print(json.dumps([run(job) for job in json.load(sys.stdin)]))
