"""Actions on many cards at once: suspending, moving, resetting, tagging, deleting, and more."""

import sqlite3
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import msgspec

from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.api.validation import Id, parse_object
from chalicelib.collection.actions.card_actions import bury, delete, flag, restore, suspend
from chalicelib.collection.actions.forgetting import Forgetting, forget
from chalicelib.collection.actions.moving import move_cards
from chalicelib.collection.actions.note_tags import add_tags, remove_tags
from chalicelib.collection.actions.repositioning import MAX_POSITION, NewOrder, reposition
from chalicelib.collection.actions.set_due import parse_due_days, set_due_date
from chalicelib.collection.tags import check_tags
from chalicelib.errors import BadInputError

routes = Routes()

MAX_CARDS = 10_000
MAX_TAGS = 100

_SEED_BITS = 64

CardIds = Annotated[list[Id], msgspec.Meta(min_length=1, max_length=MAX_CARDS)]
Tags = Annotated[list[str], msgspec.Meta(min_length=1, max_length=MAX_TAGS)]
Position = Annotated[int, msgspec.Meta(ge=0, le=MAX_POSITION)]


@dataclass(frozen=True, slots=True)
class _Doing:
    """What an action works with; the same in each run of a transaction."""

    conn: sqlite3.Connection
    now_ms: int
    seed: int
    max_note_bytes: int


class CardsAction(msgspec.Struct):
    """An action as its request says it; `operation` is its name for a person."""

    operation: ClassVar[str]

    action: str
    card_ids: CardIds

    def check(self) -> None:
        """Raises BadInputError for what the types of the members do not tell."""

    def apply(self, doing: _Doing) -> int:
        """How many cards changed, or notes where it is about tags. Raises NotFoundError."""
        raise NotImplementedError


class Suspend(CardsAction):
    operation = "Suspend"

    def apply(self, doing: _Doing) -> int:
        return suspend(doing.conn, self.card_ids, doing.now_ms)


class Unsuspend(CardsAction):
    operation = "Unsuspend"

    def apply(self, doing: _Doing) -> int:
        return restore(doing.conn, self.card_ids, doing.now_ms)


class Bury(CardsAction):
    operation = "Bury"

    def apply(self, doing: _Doing) -> int:
        return bury(doing.conn, self.card_ids, doing.now_ms)


class Unbury(CardsAction):
    operation = "Unbury"

    def apply(self, doing: _Doing) -> int:
        return restore(doing.conn, self.card_ids, doing.now_ms)


class Flag(CardsAction):
    operation = "Set flag"

    value: Annotated[int, msgspec.Meta(ge=0, le=7)]

    def apply(self, doing: _Doing) -> int:
        return flag(doing.conn, self.card_ids, self.value, doing.now_ms)


class Move(CardsAction):
    operation = "Change deck"

    deck_id: Id

    def apply(self, doing: _Doing) -> int:
        return move_cards(doing.conn, self.card_ids, self.deck_id, doing.now_ms)


class Reset(CardsAction):
    operation = "Reset card"

    restore_position: bool = True
    reset_counts: bool = False

    def apply(self, doing: _Doing) -> int:
        how = Forgetting(self.restore_position, self.reset_counts)
        return forget(doing.conn, self.card_ids, how, doing.now_ms)


class SetDue(CardsAction):
    operation = "Set due date"

    days: int | str

    def check(self) -> None:
        parse_due_days(str(self.days))

    def apply(self, doing: _Doing) -> int:
        days = parse_due_days(str(self.days))
        return set_due_date(doing.conn, self.card_ids, days, doing.seed, doing.now_ms)


class Reposition(CardsAction):
    operation = "Reposition"

    starting_from: Position
    step: Position
    randomize: bool = False
    shift_existing: bool = False

    def apply(self, doing: _Doing) -> int:
        order = NewOrder(self.starting_from, self.step, self.randomize, self.shift_existing)
        return reposition(doing.conn, self.card_ids, order, doing.seed, doing.now_ms)


class AddTags(CardsAction):
    operation = "Add tags"

    tags: Tags

    def check(self) -> None:
        check_tags(self.tags)

    def apply(self, doing: _Doing) -> int:
        return add_tags(
            doing.conn,
            self.card_ids,
            self.tags,
            max_note_bytes=doing.max_note_bytes,
            now_ms=doing.now_ms,
        )


class RemoveTags(CardsAction):
    operation = "Remove tags"

    tags: Tags

    def check(self) -> None:
        check_tags(self.tags)

    def apply(self, doing: _Doing) -> int:
        return remove_tags(doing.conn, self.card_ids, self.tags, doing.now_ms)


class Delete(CardsAction):
    operation = "Delete card"

    def apply(self, doing: _Doing) -> int:
        return delete(doing.conn, self.card_ids, doing.now_ms)


ACTIONS: dict[str, type[CardsAction]] = {
    "suspend": Suspend,
    "unsuspend": Unsuspend,
    "bury": Bury,
    "unbury": Unbury,
    "flag": Flag,
    "move": Move,
    "reset": Reset,
    "set_due": SetDue,
    "reposition": Reposition,
    "add_tags": AddTags,
    "remove_tags": RemoveTags,
    "delete": Delete,
}


@routes.add("POST", "/api/cards/actions")
def act_on_cards(request: ApiRequest) -> dict[str, Any]:
    """Do one thing to all of these cards, or to none of them."""
    action = _action_of(request)
    action.check()
    seed = request.services.random_bits(_SEED_BITS)

    def act(conn: sqlite3.Connection) -> dict[str, Any]:
        max_note_bytes = request.services.settings.max_note_bytes
        return {"changed": action.apply(_Doing(conn, request.now_ms, seed, max_note_bytes))}

    return request.transact(action.operation, act)


def _action_of(request: ApiRequest) -> CardsAction:
    name = parse_object(request.raw_body).get("action")
    model = ACTIONS.get(name) if isinstance(name, str) else None
    if model is None:
        raise BadInputError(fields={"action": f"must be one of {', '.join(ACTIONS)}"})
    return request.body(model)
