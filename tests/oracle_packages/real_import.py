"""Import packages into collections with real Anki; run as a script.

Reads a JSON list of jobs, `{"collection": path, "packages": [path, ...], "check": bool}`, from
stdin. Each collection is changed in place, made first where there is none, and comes back in
schema 11. With `check`, Check Database runs at the end. Prints a JSON list with one object per
job: `now_ms` (when it began), `error` or null, `problems` that Check Database found.
"""

import json
import sys
import time
from typing import Any

from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest


def run(job: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {"now_ms": time.time_ns() // 1_000_000, "error": None, "problems": []}
    col = Collection(job["collection"])
    try:
        for package in job["packages"]:
            import_package(col, package)
        if job.get("check"):
            result["problems"] = list(col._backend.check_database())
    except Exception as error:
        result["error"] = f"{type(error).__name__}: {error}"
    finally:
        col.close(downgrade=True)
    return result


def import_package(col: Collection, package: str) -> None:
    options = ImportAnkiPackageOptions(with_scheduling=True, with_deck_configs=True)
    col.import_anki_package(ImportAnkiPackageRequest(package_path=package, options=options))


if __name__ == "__main__":
    print(json.dumps([run(job) for job in json.load(sys.stdin)]))
