"""`javumbo`, with each file that it writes, each program and each connection told in a log.

WATCH_LOG=FILE WATCH_ALLOWED=FOLDER:FOLDER python -m tests.e2e.hostile.watched_server serve ...
"""

import os
import sys
from typing import Any

from javumbo.cli import main

LOG, ALLOWED = "WATCH_LOG", "WATCH_ALLOWED"
COMMAND = [sys.executable, "-m", "tests.e2e.hostile.watched_server", "serve", "--port"]

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
# Which arguments are paths, each with the one that is the folder it starts from, if any.
_CHANGES: dict[str, tuple[tuple[int, int | None], ...]] = {
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.rmdir": ((0, 1),),
    "os.link": ((0, 2), (1, 3)),
    "os.symlink": ((1, 2),),
    "os.chmod": ((0, 2),),
    "os.truncate": ((0, None),),
    "shutil.rmtree": ((0, 1),),
    "sqlite3.connect": ((0, None),),
}
_NEVER = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "socket.connect",
          "sqlite3.load_extension", "pty.spawn"}  # fmt: skip


class _Watch:
    def __init__(self, log: str, allowed: list[str]) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._allowed = allowed
        self.is_on = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.is_on and self._is_strange(event, arguments):
            os.write(self._log, f"{event} {arguments!r}\n".encode(errors="replace"))

    def _is_strange(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event in _NEVER:
            return True
        if event == "open":
            path, _, flags = arguments
            return (
                isinstance(path, str | bytes) and bool(flags & _WRITES) and self._is_outside(path)
            )
        return any(
            self._is_outside(arguments[path], None if folder is None else arguments[folder])
            for path, folder in _CHANGES.get(event, ())
        )

    def _is_outside(self, path: Any, folder: int | None = None) -> bool:
        """Descriptors and databases in memory are nowhere."""
        if isinstance(path, int) or path in (":memory:", ""):
            return False
        text = os.fsdecode(path).removeprefix("file://").partition("?")[0]
        start = "" if folder is None or folder < 0 else f"/proc/self/fd/{folder}"
        return not os.path.realpath(os.path.join(start, text)).startswith(tuple(self._allowed))


if __name__ == "__main__":
    watch = _Watch(os.environ[LOG], os.environ[ALLOWED].split(":"))
    sys.addaudithook(watch)
    watch.is_on = True
    sys.exit(main())
