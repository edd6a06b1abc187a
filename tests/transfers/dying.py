"""An import whose process is killed at one place: DIRECTORY UPLOAD_ID PLACE."""

import os
import signal
import sys
from pathlib import Path

from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.sqlite_log import SQLiteCommitLog
from tests.transfers.world import ADA, World

if __name__ == "__main__":
    directory, upload_id, fatal = Path(sys.argv[1]), sys.argv[2], sys.argv[3]

    def during(place: str) -> None:
        if place == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    base, log = DirectoryBaseStore(directory / "data"), SQLiteCommitLog(directory / "commits.db")
    World(base, directory, log, during).imports.start(ADA, upload_id, None, "merge")
