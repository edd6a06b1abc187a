"""What a process with many threads keeps of the memory that it once needed."""

import ctypes
import sys

# Source: glibc's malloc.h.
_M_ARENA_MAX = -8
_ARENAS = 2


def share_memory_between_threads() -> None:
    """Have glibc make few heaps instead of one for each thread, which gives nearly nothing back.

    With 16 threads that is several hundred megabytes after as many large imports. Call it before
    the threads are started; other systems do as they do.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_ARENA_MAX, _ARENAS)
