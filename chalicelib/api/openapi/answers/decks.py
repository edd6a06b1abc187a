"""Answers about decks and their options."""

from typing import Annotated

import msgspec

from chalicelib.api.openapi.answers.deck_options import DeckOptions, DeckOptionsChanges
from chalicelib.api.openapi.answers.kinds import AnkiId, ChangedAnswer, Count, StudyCounts
from chalicelib.api.openapi.operation import Operation
from chalicelib.errors import BadInputError, DeckExistsError, NotFoundError

Limit = Annotated[Count, msgspec.Meta(description="A daily limit of the deck's own.")] | None


class Deck(msgspec.Struct):
    """`counts` and `total_cards` include the subdecks."""

    id: AnkiId
    name: Annotated[str, msgspec.Meta(description="With those of its parents: `A::B`.")]
    description: str
    parent_id: AnkiId | None
    level: Annotated[int, msgspec.Meta(ge=1, description="1 without a parent.")]
    filtered: bool
    options_id: Annotated[AnkiId, msgspec.Meta(description="Null in a filtered deck.")] | None
    counts: StudyCounts
    total_cards: Count
    new_limit: Limit
    review_limit: Limit
    new_limit_today: Limit
    review_limit_today: Limit


class DecksAnswer(msgspec.Struct):
    decks: Annotated[list[Deck], msgspec.Meta(description="In the order of the tree.")]
    counts: Annotated[StudyCounts, msgspec.Meta(description="Of all decks together.")]


class DeckAnswer(msgspec.Struct):
    deck: Deck


class NewDeckAnswer(msgspec.Struct):
    deck_id: AnkiId
    deck: Deck


class DeletedDecks(msgspec.Struct):
    decks: Count
    cards: Count
    notes: Count


class DeletedDecksAnswer(msgspec.Struct):
    deleted: DeletedDecks


class DeckOptionsAnswer(msgspec.Struct):
    options: DeckOptions


class Preset(msgspec.Struct):
    """Options, and the decks that share them."""

    id: AnkiId
    name: str
    options: DeckOptions
    deck_ids: list[AnkiId]


class PresetsAnswer(msgspec.Struct):
    presets: Annotated[list[Preset], msgspec.Meta(description="By name.")]


class PresetAnswer(msgspec.Struct):
    preset: Preset


class NewPresetAnswer(msgspec.Struct):
    options_id: AnkiId


class DeletedPresetAnswer(msgspec.Struct):
    deck_ids: Annotated[
        list[AnkiId], msgspec.Meta(description="Decks that use the default options from now on.")
    ]


OPERATIONS = {
    "GET /api/decks": Operation(answer=DecksAnswer),
    "POST /api/decks": Operation(
        answer=NewDeckAnswer, errors=(DeckExistsError,), keyed=True, gives={"deck_id": "/deck_id"}
    ),
    "GET /api/decks/{deck_id}": Operation(answer=DeckAnswer),
    "PUT /api/decks/{deck_id}": Operation(answer=DeckAnswer, errors=(DeckExistsError,), keyed=True),
    "DELETE /api/decks/{deck_id}": Operation(answer=DeletedDecksAnswer, keyed=True),
    "POST /api/decks/{deck_id}/unbury": Operation(answer=ChangedAnswer, keyed=True),
    "GET /api/decks/{deck_id}/options": Operation(answer=DeckOptionsAnswer),
    "PUT /api/decks/{deck_id}/options": Operation(
        answer=DeckOptionsAnswer, body=DeckOptionsChanges, keyed=True
    ),
    "GET /api/options": Operation(answer=PresetsAnswer),
    "POST /api/options": Operation(
        answer=NewPresetAnswer,
        errors=(BadInputError, NotFoundError),
        keyed=True,
        gives={"options_id": "/options_id"},
    ),
    "PUT /api/options/{options_id}": Operation(
        answer=PresetAnswer, body=DeckOptionsChanges, keyed=True
    ),
    "DELETE /api/options/{options_id}": Operation(answer=DeletedPresetAnswer, keyed=True),
}
