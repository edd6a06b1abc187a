"""The JSON documents of `col`: what a change does to them, and taking it back.

Only the members that changed are kept, so what others write elsewhere in a document is not taken
back with them. Values travel as the text they were. A document that is no JSON object is one value.

`usn` and `mod` of decks, notetypes and option groups are not compared: whatever is put back was
changed just now, as far as other devices are concerned. A tag's value is its `usn`.
"""

import zlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from chalicelib.collection.undo.inverse import (
    Counted,
    Created,
    DocumentChange,
    Inside,
    Removed,
    Replaced,
    changed_since,
)

DOCUMENTS = ("conf", "models", "decks", "dconf", "tags")

# Documents of entries by id, which carry their own `mod` and `usn`.
_OF_ENTRIES = frozenset({"models", "decks", "dconf"})
_STAMPS = frozenset({"mod", "usn"})
_COUNTERS = frozenset({"newToday", "revToday", "lrnToday", "timeToday"})
_ENTRY_DEPTH = 2
_MEMBER_DEPTH = 3
_MAX_AMOUNT = 1 << 53

# The name of the document, then the keys down to a value.
Path = tuple[str, ...]
Json = msgspec.Raw
_Amount = Annotated[int, msgspec.Meta(ge=-_MAX_AMOUNT, le=_MAX_AMOUNT)]

_members = msgspec.json.Decoder(dict[str, Json])
_day_and_amount = msgspec.json.Decoder(tuple[_Amount, _Amount])
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Now:
    """The moment of taking back: what entries that are put back are marked with.

    `tags_in_use` are casefolded.
    """

    now_s: int
    usn: int
    tags_in_use: Container[str]


def document_change(name: str, before: bytes, after: bytes) -> DocumentChange | None:
    """What takes the change of a document back; None where nothing really changed."""
    return None if before == after else _change((name,), Json(before), Json(after))


def reverted_document(name: str, text: bytes, change: DocumentChange, now: Now) -> bytes:
    """The document without the change.

    Raises StaleCardError where a deck, notetype or option group has another value by now than the
    change left. A counter of the same day is reduced by what the change added, and one of another
    day stays. What was changed since in `conf`, and tags that notes have, stay as they are.
    """
    reverted = _reverted((name,), Json(text), change, now)
    if reverted is None:
        raise changed_since()
    return bytes(reverted)


def _object(text: Json) -> dict[str, Json] | None:
    """The members of a JSON object, each as its text; None for anything else."""
    try:
        return _members.decode(text) if bytes(text).lstrip()[:1] == b"{" else None
    except _UNREADABLE:
        return None


def _change(path: Path, before: Json, after: Json) -> DocumentChange | None:
    if _is_stamp(path):
        return None
    old, new = _object(before), _object(after)
    if old is None or new is None:
        return _value_change(path, before, after)
    return _object_change(path, old, new)


def _object_change(
    path: Path, old: Mapping[str, Json], new: Mapping[str, Json]
) -> DocumentChange | None:
    members: dict[str, DocumentChange] = {}
    for position, (key, value) in enumerate(old.items()):
        found = new.get(key)
        if found is None:
            members[key] = Removed(bytes(value), position)
        elif found != value and (change := _change((*path, key), value, found)):
            members[key] = change
    for key, value in new.items():
        if key not in old:
            members[key] = Created(_checksum((*path, key), value))
    kept = {key: change for key, change in members.items() if not _is_stamp((*path, key))}
    return Inside(kept) if kept else None


def _value_change(path: Path, before: Json, after: Json) -> DocumentChange | None:
    old, new = _counter(path, before), _counter(path, after)
    if old and new:
        return Counted(*old, *new) if old != new else None
    if _is_tag(path) or _canonical(path, before) == _canonical(path, after):
        return None
    return Replaced(bytes(before), _checksum(path, after))


def _reverted(path: Path, text: Json | None, change: DocumentChange, now: Now) -> Json | None:
    """What stands at the end of the path without the change; None for nothing."""
    match change:
        case Inside(members) if text is not None and (there := _object(text)) is not None:
            return _reverted_object(path, there, members, now)
        case Counted() if text is not None and (counter := _counter(path, text)):
            return _reverted_counter(text, counter, change)
        case Created(left) if text is not None and _checksum(path, text) == left:
            return None
        case Replaced(old, left) if text is not None and _checksum(path, text) == left:
            return Json(old)
        case Removed(old) if text is None:
            return Json(old)
    if path[0] == "conf":
        return text
    raise changed_since()


def _reverted_object(
    path: Path, there: dict[str, Json], members: Mapping[str, DocumentChange], now: Now
) -> Json:
    back: list[tuple[int, str]] = []
    revert = _reverted_tag if path == ("tags",) else _reverted
    for key, change in members.items():
        value = revert((*path, key), there.get(key), change, now)
        if isinstance(change, Removed) and key not in there:
            back.append((change.position, key))
        if value is None:
            there.pop(key, None)
        else:
            there[key] = _stamped((*path, key), value, now)
    return _joined(there, back)


def _reverted_tag(path: Path, text: Json | None, change: DocumentChange, now: Now) -> Json | None:
    if isinstance(change, Created):
        return text if path[-1].casefold() in now.tags_in_use else None
    return _json(now.usn) if text is None else text


def _reverted_counter(text: Json, counter: tuple[int, int], change: Counted) -> Json:
    day, amount = counter
    if day != change.left_day:
        return text
    if amount == change.left:
        return _json((change.old_day, change.old))
    before = change.old if change.old_day == day else 0
    return _json((day, amount - (change.left - before)))


def _joined(members: Mapping[str, Json], back: Sequence[tuple[int, str]] = ()) -> Json:
    """The object's text; members that came `back` stand where they stood."""
    came = {key for _, key in back}
    keys = [key for key in members if key not in came]
    for position, key in back:
        keys.insert(position, key)
    return Json(msgspec.json.encode({key: members[key] for key in keys}))


def _stamped(path: Path, text: Json, now: Now) -> Json:
    """A deck, notetype or option group marked as changed now; anything else as it is."""
    entry = _object(text) if _is_entry(path) else None
    if entry is None:
        return text
    return _joined(entry | {"mod": _json(now.now_s), "usn": _json(now.usn)})


def _is_tag(path: Path) -> bool:
    return path[0] == "tags" and len(path) == _ENTRY_DEPTH


def _is_entry(path: Path) -> bool:
    return path[0] in _OF_ENTRIES and len(path) == _ENTRY_DEPTH


def _is_stamp(path: Path) -> bool:
    return path[0] in _OF_ENTRIES and len(path) == _MEMBER_DEPTH and path[-1] in _STAMPS


def _counter(path: Path, text: Json) -> tuple[int, int] | None:
    """A deck's counter as (day, amount); None where it is anything else."""
    if path[0] != "decks" or len(path) != _MEMBER_DEPTH or path[-1] not in _COUNTERS:
        return None
    try:
        return _day_and_amount.decode(text)
    except _UNREADABLE:
        return None


def _checksum(path: Path, text: Json) -> int:
    return zlib.crc32(_canonical(path, text))


def _canonical(path: Path, text: Json) -> bytes:
    """The value, however it is written, less what an entry is marked with."""
    try:
        value = msgspec.json.decode(text)
    except _UNREADABLE:
        return bytes(text)
    if _is_entry(path) and isinstance(value, dict):
        value = {key: member for key, member in value.items() if key not in _STAMPS}
    return msgspec.json.encode(value, order="sorted")


def _json(value: Any) -> Json:
    return Json(msgspec.json.encode(value))
