"""`javumbo` whose clock is a file: what a test writes there, in epoch ms, is the time.

TEST_CLOCK=FILE python -m tests.support.clocked_server serve --port 8000
"""

import os
import sys
from pathlib import Path

from chalicelib import account_services
from javumbo.cli import main

CLOCK = "TEST_CLOCK"
COMMAND = [sys.executable, "-m", "tests.support.clocked_server", "serve", "--port"]


class FileClock:
    """A time that stands still until it is set."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def set(self, now_ms: int) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text(str(now_ms))
        fresh.replace(self.path)

    def now_ms(self) -> int:
        return int(self.path.read_text())


if __name__ == "__main__":
    account_services._now_ms = FileClock(Path(os.environ[CLOCK])).now_ms
    sys.exit(main())
