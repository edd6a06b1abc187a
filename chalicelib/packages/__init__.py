"""Packages that people bring and take: .apkg and .anki2 files."""

from chalicelib.packages.limits import SourceLimits
from chalicelib.packages.merge import import_package
from chalicelib.packages.report import ImportReport
from chalicelib.packages.source import SourceCollection, open_source
from chalicelib.packages.sqlite_source import SQLITE_MAGIC

__all__ = [
    "SQLITE_MAGIC",
    "ImportReport",
    "SourceCollection",
    "SourceLimits",
    "import_package",
    "open_source",
]
