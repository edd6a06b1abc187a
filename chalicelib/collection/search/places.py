"""What the collection is like where a search asks for it by name: decks, notetypes, settings."""

import sqlite3
from functools import cached_property
from typing import Any

from chalicelib.collection.col import JsonObject, read_document
from chalicelib.collection.day import is_new_day
from chalicelib.collection.deck_names import SEPARATOR, clean_level
from chalicelib.collection.notetypes.stock import CLOZE_KIND
from chalicelib.collection.search.regex import compile_regex
from chalicelib.collection.search.wildcards import escape_regex, has_wildcard, to_plain, to_regex
from chalicelib.collection.study.context import learn_ahead_of
from chalicelib.scheduler.timing import Timing

# Between the levels of a deck's name in Anki's own storage.
_LEVEL_END = "\x1f"
_EMPTY_LEVEL = "blank"


class NameMatcher:
    """Compares names without regard to case; wildcards are allowed.

    Source of the rule: Anki's rslib/src/text.rs (`glob_matcher`).
    """

    def __init__(self, wanted: str) -> None:
        self._plain = to_plain(wanted).casefold()
        self._regex = compile_regex(f"^{to_regex(wanted)}$") if has_wildcard(wanted) else None

    def matches(self, name: str) -> bool:
        return self._regex.matches(name) if self._regex else name.casefold() == self._plain


class Notetype:
    """What a search asks of a notetype; a damaged one has fewer fields or templates."""

    def __init__(self, notetype_id: int, document: JsonObject) -> None:
        self.id = notetype_id
        self.name = _name(document)
        self.is_cloze = document.get("type") == CLOZE_KIND
        fields = _objects(document.get("flds"))
        self.fields = [_name(field) for field in fields]
        self.excluded = [bool(field.get("excludeFromSearch")) for field in fields]
        self.templates = [_name(template) for template in _objects(document.get("tmpls"))]
        self.sort_ordinal = document.get("sortf", 0)


class Places:
    """The documents of one collection, each read when it is first asked for."""

    def __init__(self, conn: sqlite3.Connection, timing: Timing) -> None:
        self.conn = conn
        self.timing = timing

    @cached_property
    def new_day(self) -> bool:
        """Whether yesterday's buried cards count as unburied."""
        return is_new_day(self._conf, self.timing)

    @cached_property
    def notetypes(self) -> list[Notetype]:
        found = [(_id(key), one) for key, one in read_document(self.conn, "models").items()]
        return [Notetype(number, one) for number, one in found if number and isinstance(one, dict)]

    @cached_property
    def excludes_fields(self) -> bool:
        return any(any(notetype.excluded) for notetype in self.notetypes)

    @property
    def normalizes(self) -> bool:
        return self._conf.get("normalizeNoteText") is not False

    @property
    def ignores_accents(self) -> bool:
        return self._conf.get("ignoreAccentsInSearch") is True

    @property
    def learn_ahead_s(self) -> int:
        return learn_ahead_of(self._conf)

    def decks_named(self, wanted: str) -> list[int]:
        """Ids of the decks of this name, which may have wildcards, and of their subdecks."""
        levels = (clean_level(level) or _EMPTY_LEVEL for level in to_regex(wanted).split(SEPARATOR))
        return self._decks_matching(_LEVEL_END.join(levels))

    def current_decks(self) -> list[int]:
        current = self._decks.get(self._conf.get("curDeck", 0))
        name = _name(current) if current else "Default"
        return self._decks_matching(escape_regex(name.replace(SEPARATOR, _LEVEL_END)))

    def decks_with_preset(self, name: str) -> list[int]:
        """Ids of the decks whose options have this name."""
        for key, group in read_document(self.conn, "dconf").items():
            if isinstance(group, dict) and _name(group).casefold() == name.casefold():
                wanted = _id(key)
                return [number for number, deck in self._decks.items() if _uses(deck, wanted)]
        return []

    def _decks_matching(self, pattern: str) -> list[int]:
        matcher = compile_regex(f"^{pattern}($|{_LEVEL_END})")
        names = ((number, _name(deck)) for number, deck in self._decks.items())
        return [
            number for number, name in names if matcher.matches(name.replace(SEPARATOR, _LEVEL_END))
        ]

    @cached_property
    def _decks(self) -> dict[int, JsonObject]:
        found = ((_id(key), one) for key, one in read_document(self.conn, "decks").items())
        return {number: one for number, one in found if number and isinstance(one, dict)}

    @cached_property
    def _conf(self) -> JsonObject:
        return read_document(self.conn, "conf")


def _uses(deck: JsonObject, options_id: int) -> bool:
    return not deck.get("dyn") and deck.get("conf") == options_id


def _name(document: JsonObject) -> str:
    name = document.get("name", "")
    return name if isinstance(name, str) else ""


def _objects(value: Any) -> list[JsonObject]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _id(key: str) -> int:
    return int(key) if key.isascii() and key.lstrip("-").isdigit() else 0
