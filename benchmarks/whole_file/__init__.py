"""The engine that JAVUMBO had first, kept as the baseline: the whole file travels each time."""

from benchmarks.whole_file.engine import WholeFileStorage
from benchmarks.whole_file.ports import NotModified, WholeFileStore

__all__ = ["NotModified", "WholeFileStorage", "WholeFileStore"]
