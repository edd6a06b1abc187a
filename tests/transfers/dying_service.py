"""The real import in a process that is killed at one place: DIRECTORY UPLOAD_ID PHASE DONE.

PHASE and DONE are what the import reports as its progress; `end 0` is when it has committed.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from chalicelib.importing import FileImporter
from chalicelib.services import Services, build_services
from chalicelib.settings import load_settings
from chalicelib.storage import Owner
from chalicelib.transfers import Imports, Job, ReportProgress

OWNER = Owner("ada", "gen1")


def services_in(directory: Path) -> Services:
    return build_services(load_settings({"JAVUMBO_DATA": str(directory / "data")}))


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingImporter:
    def __init__(self, services: Services, phase: str, done: int) -> None:
        self._importer = FileImporter(services.importer)
        self._fatal = phase, done

    def __call__(
        self, owner: Owner, path: Path, job: Job, progress: ReportProgress
    ) -> dict[str, Any]:
        def reported(phase: str, done: int, total: int) -> None:
            progress(phase, done, total)
            if (phase, done) == self._fatal:
                die()

        report = self._importer(owner, path, job, reported)
        die()
        return report


if __name__ == "__main__":
    services = services_in(Path(sys.argv[1]))
    imports: Imports = services.imports
    imports._import_file = DyingImporter(services, sys.argv[3], int(sys.argv[4]))
    imports.run(OWNER, sys.argv[2])
