"""A person's media files: blobs in a store of their own, and an index of their names.

The index is a database of the person's, kept by the engine that keeps collections.
"""

from chalicelib.media.checking import MediaCheck, check_media
from chalicelib.media.index import MediaEntry
from chalicelib.media.intake import MediaIntake
from chalicelib.media.library import MediaLibrary, MediaUsage
from chalicelib.media.shelf import MediaLimits, MediaOptions

__all__ = [
    "MediaCheck",
    "MediaEntry",
    "MediaIntake",
    "MediaLibrary",
    "MediaLimits",
    "MediaOptions",
    "MediaUsage",
    "check_media",
]
