"""How a caller hears of what takes long."""

from collections.abc import Callable

# Called with what is being done, how much of it is done, and how much there is of it (0: unknown).
# "upload" and "download" count bytes; other phases are the service's own.
Progress = Callable[[str, int, int], None]

UPLOAD, DOWNLOAD, WAITING = "upload", "download", "waiting"


def no_progress(phase: str, done: int, total: int) -> None:
    """For whoever does not want to hear of it."""
