"""Packages for Anki, made of a collection: .apkg and .colpkg files."""

from chalicelib.packages.exporting.databases import reading
from chalicelib.packages.exporting.options import PackageOptions
from chalicelib.packages.exporting.packages import (
    export_collection_package,
    export_notes_package,
)
from chalicelib.packages.exporting.scope import Scope

__all__ = [
    "PackageOptions",
    "Scope",
    "export_collection_package",
    "export_notes_package",
    "reading",
]
