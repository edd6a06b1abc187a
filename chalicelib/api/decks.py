"""Decks and their options."""

import sqlite3
from typing import Annotated, Any, Literal

import msgspec

from chalicelib.api.documented import NameInTree
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.api.validation import Id, parse_object
from chalicelib.collection.actions.card_actions import Buried, unbury_deck
from chalicelib.collection.cards import count_by_deck
from chalicelib.collection.col import JsonObject
from chalicelib.collection.day import timing_at
from chalicelib.collection.deck_names import level, normalise_deck_name
from chalicelib.collection.deck_options.deck_limits import MAX_LIMIT, own_limits, set_own_limits
from chalicelib.collection.deck_options.groups import (
    OptionGroups,
    change_options,
    effective_options,
)
from chalicelib.collection.deck_options.presets import use_preset
from chalicelib.collection.decks import Decks, add_deck, change_deck, delete_deck
from chalicelib.collection.documents import DEFAULT_DECK_ID
from chalicelib.collection.study.deck_counts import counts_of_decks
from chalicelib.errors import NotFoundError, TooLargeError

routes = Routes()

# A daily limit of a deck's own; null for none, absent where it is to stay.
Limit = Annotated[int, msgspec.Meta(ge=0, le=MAX_LIMIT)] | None | msgspec.UnsetType


class NewDeckBody(msgspec.Struct):
    name: NameInTree
    description: str = ""


class DeckChangesBody(msgspec.Struct):
    name: NameInTree | None = None
    description: str | None = None
    options_id: Id | None = None
    new_limit: Limit = msgspec.UNSET
    review_limit: Limit = msgspec.UNSET
    new_limit_today: Limit = msgspec.UNSET
    review_limit_today: Limit = msgspec.UNSET

    def limits(self) -> dict[str, int | None]:
        """Those that are given."""
        given = {
            "new_limit": self.new_limit,
            "review_limit": self.review_limit,
            "new_limit_today": self.new_limit_today,
            "review_limit_today": self.review_limit_today,
        }
        return {name: limit for name, limit in given.items() if limit is not msgspec.UNSET}


class UnburyBody(msgspec.Struct):
    kind: Literal["all", "siblings", "user"] = "all"


@routes.add("GET", "/api/decks")
def list_decks(request: ApiRequest) -> dict[str, Any]:
    """The deck tree in name order, each deck with what it has to study."""
    decks = request.read(lambda conn: _shown_decks(conn, request.now_ms))
    return {"decks": decks, "counts": _sum_of_tree(decks)}


@routes.add("POST", "/api/decks", body=NewDeckBody)
def create_deck(request: ApiRequest) -> dict[str, Any]:
    """Add a deck; `A::B` makes the parents that are missing."""
    body = request.body(NewDeckBody)
    name = _checked_name(request, body.name)
    _check_description(request, body.description)

    def create(conn: sqlite3.Connection) -> dict[str, Any]:
        deck = add_deck(
            conn,
            name,
            now_ms=request.now_ms,
            max_decks=request.services.settings.max_decks,
            description=body.description,
        )
        return {"deck_id": deck["id"], "deck": _deck_json(conn, deck["id"], request.now_ms)}

    return request.transact("Add deck", create)


@routes.add("GET", "/api/decks/{deck_id}")
def get_deck(request: ApiRequest) -> dict[str, Any]:
    """One deck, with what it has to study."""
    deck_id = request.path_id("deck_id")
    return {"deck": request.read(lambda conn: _deck_json(conn, deck_id, request.now_ms))}


@routes.add("PUT", "/api/decks/{deck_id}", body=DeckChangesBody)
def update_deck(request: ApiRequest) -> dict[str, Any]:
    """Rename (the subdecks move along), describe, limit, or choose another option group."""
    deck_id, body = request.path_id("deck_id"), request.body(DeckChangesBody)
    name = None if body.name is None else _checked_name(request, body.name)
    _check_description(request, body.description or "")

    def update(conn: sqlite3.Connection) -> dict[str, Any]:
        change_deck(
            conn,
            deck_id,
            now_ms=request.now_ms,
            max_decks=request.services.settings.max_decks,
            name=name,
            description=body.description,
        )
        if body.options_id is not None:
            use_preset(conn, deck_id, body.options_id, request.now_ms)
        set_own_limits(conn, deck_id, body.limits(), request.now_ms)
        return {"deck": _deck_json(conn, deck_id, request.now_ms)}

    return request.transact("Change deck settings", update)


@routes.add("DELETE", "/api/decks/{deck_id}")
def remove_deck(request: ApiRequest) -> dict[str, Any]:
    """Delete a deck with its subdecks and cards; tells how many of each."""
    deck_id = request.path_id("deck_id")

    def remove(conn: sqlite3.Connection) -> dict[str, Any]:
        deleted = delete_deck(conn, deck_id, request.now_ms)
        counts = {"decks": deleted.decks, "cards": deleted.cards, "notes": deleted.notes}
        return {"deleted": counts}

    return request.transact_with_backup("deck", "Delete deck", remove)


@routes.add("POST", "/api/decks/{deck_id}/unbury", body=UnburyBody)
def unbury_cards(request: ApiRequest) -> dict[str, Any]:
    """Unbury the cards of a deck and its subdecks; tells how many."""
    deck_id, body = request.path_id("deck_id"), request.body(UnburyBody)
    which = Buried[body.kind.upper()]
    return request.transact(
        "Unbury",
        lambda conn: {"changed": unbury_deck(conn, deck_id, which, request.now_ms)},
    )


@routes.add("GET", "/api/decks/{deck_id}/options")
def get_options(request: ApiRequest) -> dict[str, Any]:
    """The options of the deck's group, as Anki understands them."""
    deck_id = request.path_id("deck_id")

    def load(conn: sqlite3.Connection) -> dict[str, Any]:
        deck = Decks(conn).get(deck_id)
        if deck["dyn"]:
            raise NotFoundError("A filtered deck has no options of this kind.")
        return {"options": effective_options(OptionGroups(conn).of_deck(deck))}

    return request.read(load)


@routes.add("PUT", "/api/decks/{deck_id}/options")
def update_options(request: ApiRequest) -> dict[str, Any]:
    """Change some options of the deck's group, for all decks that share it."""
    deck_id, changes = request.path_id("deck_id"), parse_object(request.raw_body)
    return request.transact(
        "Update deck options",
        lambda conn: {"options": change_options(conn, deck_id, changes, request.now_ms)},
    )


def _checked_name(request: ApiRequest, name: str) -> str:
    return normalise_deck_name(name, request.services.settings.max_deck_name_length)


def _check_description(request: ApiRequest, description: str) -> None:
    limit = request.services.settings.max_field_bytes
    if len(description.encode()) > limit:
        raise TooLargeError(f"A description is at most {limit} bytes.")


def _deck_json(conn: sqlite3.Connection, deck_id: int, now_ms: int) -> dict[str, Any]:
    return _DeckPresenter(conn, now_ms).present(Decks(conn).get(deck_id))


def _shown_decks(conn: sqlite3.Connection, now_ms: int) -> list[dict[str, Any]]:
    """All decks; like Anki, without the default one while it is empty and not the only one."""
    decks = Decks(conn)
    presenter = _DeckPresenter(conn, now_ms)
    shown = []
    for deck in decks.in_tree_order():
        is_default = deck["id"] == DEFAULT_DECK_ID and len(decks.by_id) > 1
        if is_default and not presenter.total(deck) and len(decks.within(deck["id"])) == 1:
            continue
        shown.append(presenter.present(deck))
    return shown


def _sum_of_tree(decks: list[dict[str, Any]]) -> dict[str, int]:
    """What there is to study altogether; a parent's counts include those of its subdecks."""
    at_top = [deck["counts"] for deck in decks if deck["parent_id"] is None]
    return {kind: sum(counts[kind] for counts in at_top) for kind in ("new", "learn", "review")}


class _DeckPresenter:
    """A deck as the API shows it; counts and totals include the subdecks."""

    def __init__(self, conn: sqlite3.Connection, now_ms: int) -> None:
        self._decks = Decks(conn)
        timing = timing_at(conn, now_ms)
        self._today = timing.today
        self._counts = counts_of_decks(conn, timing)
        self._totals = self._sum_totals(count_by_deck(conn))

    def _sum_totals(self, own: dict[int, int]) -> dict[int, int]:
        totals = {deck_id: own.get(deck_id, 0) for deck_id in self._decks.by_id}
        for deck in reversed(self._decks.in_tree_order()):
            parent = self._decks.parent(deck)
            if parent is not None:
                totals[parent["id"]] += totals[deck["id"]]
        return totals

    def total(self, deck: JsonObject) -> int:
        return self._totals[deck["id"]]

    def present(self, deck: JsonObject) -> dict[str, Any]:
        parent = self._decks.parent(deck)
        counts = self._counts[deck["id"]]
        return {
            "id": deck["id"],
            "name": deck["name"],
            "description": deck.get("desc", ""),
            "parent_id": parent["id"] if parent else None,
            "level": level(deck["name"]),
            "filtered": bool(deck["dyn"]),
            "options_id": None if deck["dyn"] else deck.get("conf"),
            "counts": {"new": counts.new, "learn": counts.learn, "review": counts.review},
            "total_cards": self.total(deck),
            **own_limits(deck, self._today),
        }
