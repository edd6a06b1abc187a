"""The decks that cards are in, and the presets of these.

Source: Anki's rslib/src/import_export/gather.rs.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chalicelib.collection.col import JsonObject, read_document
from chalicelib.collection.decks import Decks
from chalicelib.collection.documents import (
    DEFAULT_DECK_ID,
    DEFAULT_OPTIONS_ID,
    new_deck,
    new_options,
)
from chalicelib.packages.exporting.options import PackageOptions
from chalicelib.packages.fsrs_parameters import NO_FSRS_PARAMETERS

_PLACES = "SELECT DISTINCT did, odid FROM cards"
# What of a deck is not about studying it.
_KEPT_OF_A_DECK = ("md", "desiredRetention")
_TODAY = ("lrnToday", "revToday", "newToday", "timeToday", "collapsed", "browserCollapsed")
_DEFAULT = "Default"
# What a new collection of Anki has there, and ours need not have.
_FOLDED = {"collapsed": True, "browserCollapsed": True}
_EASY_DAYS = {"easyDaysPercentages": [1.0] * 7}
# What Anki puts where it is missing.
_RETENTION = {"desiredRetention": 0.9, "sm2Retention": 0.9}


@dataclass(frozen=True, slots=True)
class DeckSubset:
    """`col.decks` and `col.dconf` of a package; whether its filtered decks remain what they are."""

    decks: JsonObject
    presets: JsonObject
    keeps_filtered: bool


def decks_of_cards(
    conn: sqlite3.Connection, origin: sqlite3.Connection, options: PackageOptions
) -> DeckSubset:
    """What the cards of `conn`, not reset yet, need of the collection `origin`.

    With scheduling, the own decks of cards in filtered decks go along too; without it, filtered
    decks become normal ones, and the default deck stays at home so that nobody's own is changed.
    """
    places = conn.execute(_PLACES).fetchall()
    found = _with_parents(Decks(origin), _deck_ids(places, with_home=options.scheduling))
    if not options.scheduling:
        found.pop(DEFAULT_DECK_ID, None)
    presets = _presets(read_document(origin, "dconf"), found, options)
    keeps_filtered = options.scheduling and all(_is_sound(place, found) for place in places)
    made = {
        str(deck_id): _exported(deck, presets, options, keeps_filtered=keeps_filtered)
        for deck_id, deck in found.items()
    }
    return DeckSubset(_with_default_deck(made), _default_presets() | presets, keeps_filtered)


def _deck_ids(places: Iterable[tuple[int, int]], *, with_home: bool) -> list[int]:
    ids = {deck_id for deck_id, _ in places}
    if with_home:
        ids |= {home_id for _, home_id in places if home_id}
    return sorted(ids)


def _with_parents(decks: Decks, deck_ids: Iterable[int]) -> dict[int, JsonObject]:
    return {
        deck["id"]: deck
        for deck_id in deck_ids
        if deck_id in decks.by_id
        for deck in decks.with_ancestors(deck_id)
    }


def _presets(
    stored: JsonObject, decks: dict[int, JsonObject], options: PackageOptions
) -> JsonObject:
    if not options.presets:
        return {}
    wanted = {str(deck.get("conf")) for deck in decks.values() if not deck.get("dyn")}
    changes = {} if options.scheduling else NO_FSRS_PARAMETERS
    return {
        key: {**_RETENTION, **preset, **changes} for key, preset in stored.items() if key in wanted
    }


def _is_sound(place: tuple[int, int], decks: dict[int, JsonObject]) -> bool:
    """Whether a card is at home, or borrowed from a deck that is there."""
    deck_id, home_id = place
    if home_id:
        return home_id == DEFAULT_DECK_ID or home_id in decks
    return deck_id in decks and not decks[deck_id].get("dyn")


def _exported(
    deck: JsonObject, presets: JsonObject, options: PackageOptions, *, keeps_filtered: bool
) -> JsonObject:
    if deck.get("dyn"):
        return deck if keeps_filtered else _as_normal(deck, scheduling=options.scheduling)
    preset = deck.get("conf") if str(deck.get("conf")) in presets else DEFAULT_OPTIONS_ID
    if options.scheduling:
        return deck | {"conf": preset}
    kept = {key: deck[key] for key in _KEPT_OF_A_DECK if key in deck}
    return _fresh(deck, str(deck.get("desc", "")), preset) | kept


def _as_normal(deck: JsonObject, *, scheduling: bool) -> JsonObject:
    today = {key: deck[key] for key in _TODAY if key in deck} if scheduling else {}
    return _fresh(deck, "", DEFAULT_OPTIONS_ID) | today


def _fresh(deck: JsonObject, description: str, preset: Any) -> JsonObject:
    """The deck as one that nobody studied."""
    return new_deck(
        deck_id=deck["id"],
        name=deck["name"],
        now_s=deck.get("mod", 0),
        usn=deck.get("usn", 0),
        description=description,
        options_id=preset,
    )


def _with_default_deck(decks: JsonObject) -> JsonObject:
    """Every collection has one; here it is empty, under a name that none of the others needs."""
    if str(DEFAULT_DECK_ID) in decks:
        return decks
    taken = {deck["name"].casefold() for deck in decks.values()}
    name = _DEFAULT
    while name.casefold() in taken:
        name += "_"
    default = new_deck(deck_id=DEFAULT_DECK_ID, name=name, now_s=0, usn=0) | _FOLDED
    return {str(DEFAULT_DECK_ID): default} | decks


def _default_presets() -> JsonObject:
    default = new_options(options_id=DEFAULT_OPTIONS_ID, name=_DEFAULT, now_s=0, usn=0)
    return {str(DEFAULT_OPTIONS_ID): default | _EASY_DAYS | _RETENTION}
