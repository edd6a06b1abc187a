"""How media files are served: what a browser may show by itself, and what only as a file.

A file is somebody else's: nothing that could run a script is shown as a page of ours.
"""

from urllib.parse import quote

UNKNOWN = "application/octet-stream"

_SHOWN = {
    "aac": "audio/aac",
    "apng": "image/apng",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "css": "text/css",
    "flac": "audio/flac",
    "gif": "image/gif",
    "ico": "image/x-icon",
    "jfif": "image/jpeg",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "m4a": "audio/mp4",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "mpeg": "video/mpeg",
    "mpg": "video/mpeg",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "ogv": "video/ogg",
    "opus": "audio/ogg",
    "otf": "font/otf",
    "png": "image/png",
    "spx": "audio/ogg",
    "ttf": "font/ttf",
    "wav": "audio/wav",
    "weba": "audio/webm",
    "webm": "video/webm",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
}
# An image inside of a page, where it runs nothing; as a page of its own it could.
_ONLY_INSIDE = {"svg": "image/svg+xml"}


def content_type(name: str) -> str:
    """The type by which a file is served."""
    extension = _extension(name)
    return _SHOWN.get(extension) or _ONLY_INSIDE.get(extension) or UNKNOWN


def content_disposition(name: str) -> str:
    """Whether a browser that is led to the file shows it, or saves it under its name."""
    if _extension(name) in _SHOWN:
        return "inline"
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""
