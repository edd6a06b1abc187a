"""Real Anki as a process of its own that is asked for one thing after the other.

Needs `anki`, which is there for the tests only. What the process reads and writes are lines of
JSON; times are milliseconds on the clock, of the call alone, with the collection open.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


class Anki:
    """The near side."""

    def __init__(self, requests: IO[str], answers: IO[str]) -> None:
        self._requests = requests
        self._answers = answers

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Have one of `_JOBS` done; its answer."""
        self._requests.write(f"{json.dumps({'do': do} | arguments)}\n")
        self._requests.flush()
        line = self._answers.readline()
        if not line:
            raise RuntimeError(f"Anki has ended while it was asked to {do}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def running_anki() -> Iterator[Anki]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.packages_anki"],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "TZ": "UTC"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:  # leaving closes its pipes, at which it ends, and waits for that
        assert process.stdin  # noqa: S101
        assert process.stdout  # noqa: S101
        yield Anki(process.stdin, process.stdout)


class _FarSide:
    """Does the jobs; collections stay open, as on a person's machine."""

    def __init__(self) -> None:
        self._open: dict[str, Any] = {}

    def version(self) -> dict[str, Any]:
        from anki.buildinfo import version  # noqa: PLC0415

        return {"version": version}

    def package(
        self, collection: str, file: str, *, whole: bool, legacy: bool, scheduling: bool
    ) -> dict[str, Any]:
        """Write a package of all that the collection has, without media."""
        from anki.collection import ExportAnkiPackageOptions  # noqa: PLC0415

        col = self._collection(collection)
        options = ExportAnkiPackageOptions(
            with_scheduling=scheduling,
            with_deck_configs=scheduling,
            with_media=False,
            legacy=legacy,
        )
        if not whole:
            took_ms = _ms(
                lambda: col.export_anki_package(out_path=file, options=options, limit=None)
            )
        else:
            took_ms = _ms(lambda: col.export_collection_package(file, False, legacy))
            col.reopen()
        return {"ms": took_ms, "bytes": os.path.getsize(file)}

    def merge(self, collection: str, file: str) -> dict[str, Any]:
        from anki.collection import (  # noqa: PLC0415
            ImportAnkiPackageOptions,
            ImportAnkiPackageRequest,
        )

        options = ImportAnkiPackageOptions(with_scheduling=True, with_deck_configs=True)
        request = ImportAnkiPackageRequest(package_path=file, options=options)
        col = self._collection(collection)
        return _logged(lambda: col.import_anki_package(request))

    def text(self, collection: str, file: str) -> dict[str, Any]:
        from anki.collection import ImportCsvRequest  # noqa: PLC0415

        col = self._collection(collection)

        def read() -> Any:
            metadata = col.get_csv_metadata(path=file, delimiter=None)
            return col.import_csv(ImportCsvRequest(path=file, metadata=metadata))

        return _logged(read)

    def replace(self, collection: str, file: str) -> dict[str, Any]:
        """Put a .colpkg in the place of the collection."""
        col = self._collection(collection)
        col.close_for_full_sync()
        col._backend.close_collection(downgrade_to_schema11=False)
        media = Path(collection).with_suffix(".media")
        took_ms = _ms(
            lambda: col._backend.import_collection_package(
                col_path=collection,
                backup_path=file,
                media_folder=str(media),
                media_db=f"{media}.db2",
            )
        )
        col.reopen()
        return {"ms": took_ms, "notes": col.note_count()}

    def close(self, collection: str) -> dict[str, Any]:
        self._open.pop(collection).close(downgrade=False)
        return {}

    def _collection(self, path: str) -> Any:
        from anki.collection import Collection  # noqa: PLC0415

        if path not in self._open:
            self._open[path] = Collection(path)
        return self._open[path]


def _ms(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _logged(call: Callable[[], Any]) -> dict[str, Any]:
    """The notes that were new or changed, and how long it took."""
    began = time.perf_counter()
    log = call().log
    took_ms = (time.perf_counter() - began) * 1000
    return {"ms": took_ms, "notes": len(log.new) + len(log.updated)}


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # Anki may have something to say, too
    far_side = _FarSide()
    jobs: dict[str, Callable[..., dict[str, Any]]] = {
        "tell its version": far_side.version,
        "package": far_side.package,
        "merge": far_side.merge,
        "text": far_side.text,
        "replace": far_side.replace,
        "close": far_side.close,
    }
    for line in sys.stdin:
        arguments = json.loads(line)
        answer = jobs[arguments.pop("do")](**arguments)
        answers.write(f"{json.dumps(answer)}\n")
        answers.flush()


if __name__ == "__main__":
    main()
