"""The media files that fields refer to, and fields that refer to them by other names.

Source: Anki's rslib/src/text.rs (`replace_media_refs`) and
rslib/src/import_export/package/apkg/import/notes.rs. Unlike there, what a text is to be spoken
with is not taken for the name of a file.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from chalicelib.collection.html_entities import decode_entities
from chalicelib.collection.media_names import normalised_media_name
from chalicelib.collection.media_tags import names_in_tags, with_renamed_media

_SOUND, _SOUND_END = "[sound:", "]"
_NOT_A_FILE_NAME = frozenset({"", ".", ".."})
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}


def media_names(text: str) -> Iterator[str]:
    """The files that fields refer to, by the names that they are stored under."""
    written = [*names_in_tags(text), *(name for _, name in _sounds(text))]
    for name in written:
        stored = _stored_name(decode_entities(name))
        if stored is not None:
            yield stored


def with_media_names(text: str, renamed: Mapping[str, str]) -> str:
    """The text with each file by the name that it has here.

    `renamed` are those that got another one; all others are normalised.
    """
    if "<" in text:
        text = with_renamed_media(text, lambda written: _name_here(written, renamed))
    return _with_renamed_sounds(text, lambda written: _name_here(written, renamed))


def _name_here(written: str, renamed: Mapping[str, str]) -> str:
    decoded = decode_entities(written)
    stored = _stored_name(decoded)
    if stored is None:
        return written
    name = renamed.get(stored, stored)
    if name == decoded:
        return written
    return name if decoded == written else "".join(_ENTITIES.get(each, each) for each in name)


@lru_cache(maxsize=1024)
def _stored_name(name: str) -> str | None:
    """The normalised name; None for a path, which is none of our files."""
    if "/" in name or name in _NOT_A_FILE_NAME:
        return None
    return normalised_media_name(name) or None


def _sounds(text: str) -> Iterator[tuple[int, str]]:
    """Where the name in each `[sound:name]` begins, and the name: at least one character."""
    start = text.find(_SOUND)
    while start != -1:
        begin = start + len(_SOUND)
        end = text.find(_SOUND_END, begin + 1)
        if end == -1:
            return
        yield begin, text[begin:end]
        start = text.find(_SOUND, end)


def _with_renamed_sounds(text: str, new_name: Callable[[str], str]) -> str:
    kept: list[str] = []
    position = 0
    for begin, written in _sounds(text):
        kept += text[position:begin], new_name(written)
        position = begin + len(written)
    return "".join([*kept, text[position:]]) if kept else text
