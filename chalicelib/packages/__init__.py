"""Packages that people bring and take: .apkg, .colpkg and .anki2 files."""

from chalicelib.packages.archive import ZIP_MAGIC
from chalicelib.packages.import_options import ImportOptions
from chalicelib.packages.limits import SourceLimits
from chalicelib.packages.merge import import_package
from chalicelib.packages.replacing import Predecessor, make_replacement
from chalicelib.packages.report import ImportReport
from chalicelib.packages.source import SourceCollection, first_bytes, open_source
from chalicelib.packages.source_media import PackagedFile
from chalicelib.packages.sqlite_source import SQLITE_MAGIC
from chalicelib.packages.wanted_media import is_static, wanted_media

__all__ = [
    "SQLITE_MAGIC",
    "ZIP_MAGIC",
    "ImportOptions",
    "ImportReport",
    "PackagedFile",
    "Predecessor",
    "SourceCollection",
    "SourceLimits",
    "first_bytes",
    "import_package",
    "is_static",
    "make_replacement",
    "open_source",
    "wanted_media",
]
