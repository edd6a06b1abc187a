"""Answers about notes, cards and studying."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.api.card_actions import ACTIONS
from chalicelib.api.openapi.answers.kinds import (
    AnkiId,
    ChangedAnswer,
    Count,
    DeletedCardsAnswer,
    EpochMs,
    MediaUrl,
    Pagination,
    StudyCounts,
)
from chalicelib.api.openapi.operation import Operation
from chalicelib.collection.card_info import ReviewKind
from chalicelib.collection.deck_options.auto_advance import AutoAdvance
from chalicelib.collection.study.typed_answer import TypedAnswer
from chalicelib.errors import (
    CannotUndoError,
    DuplicateNoteError,
    NotFoundError,
    NothingToUndoError,
    StaleCardError,
    UnusableFileError,
)

State = Literal["new", "learning", "review", "relearning"]
Flag = Annotated[int, msgspec.Meta(ge=0, le=7)]
Html = Annotated[str, msgspec.Meta(description="HTML of whoever wrote the note; do not trust it.")]
Ord = Annotated[
    int, msgspec.Meta(description="Which of the note's cards: template, or cloze number - 1.")
]
Marked = Annotated[bool, msgspec.Meta(description="Whether the note has the tag `marked`.")]
Label = Annotated[str, msgspec.Meta(description="As on Anki's button: `<10m`, `4d`.")]


class CardRow(msgspec.Struct, kw_only=True):
    """A card; `front` and `back` are its note's first two fields."""

    id: AnkiId
    note_id: AnkiId
    notetype_id: AnkiId
    ord: Ord
    deck_id: AnkiId
    deck_name: str
    front: Html
    back: Html
    tags: list[str]
    marked: Marked
    state: State
    due_at: EpochMs | None
    due_position: Annotated[int, msgspec.Meta(description="Of a new card.")] | None
    interval_days: int
    ease: float
    reps: int
    lapses: int
    flag: Flag
    suspended: bool
    buried: bool
    modified_at: int


class Card(CardRow, kw_only=True):
    """A card with all fields of its note and both its sides."""

    notetype: str
    fields: dict[str, str]
    question: Html
    answer: Html
    css: str


class Intervals(msgspec.Struct):
    """What each button would do, by its rating."""

    again: Label = msgspec.field(name="1")
    hard: Label = msgspec.field(name="2")
    good: Label = msgspec.field(name="3")
    easy: Label = msgspec.field(name="4")


class ReviewerOptions(msgspec.Struct):
    """What the options of the card's home deck say about showing it."""

    show_timer: bool
    max_taken_ms: Count
    autoplay: bool
    replay_question: bool
    auto_advance: AutoAdvance | None


class StudyCard(msgspec.Struct):
    """A card to be answered."""

    id: AnkiId
    note_id: AnkiId
    notetype_id: AnkiId
    ord: Ord
    deck_id: AnkiId
    deck_name: str
    question: Html
    answer: Html
    css: str
    typed: TypedAnswer | None
    front: Html
    back: Html
    tags: list[str]
    marked: Marked
    flag: Flag
    state: State
    intervals: Intervals
    options: ReviewerOptions
    answer_token: Annotated[str, msgspec.Meta(description="Names the state that is shown.")]


class Review(msgspec.Struct):
    """A row of the revlog; `rating` is 0 where the schedule was changed without an answer."""

    reviewed_at: EpochMs
    kind: ReviewKind
    rating: Annotated[int, msgspec.Meta(ge=0, le=5)]
    interval_s: Count
    ease: float
    taken_ms: Count


class CardHistory(msgspec.Struct, kw_only=True):
    first_review_at: EpochMs | None
    latest_review_at: EpochMs | None
    average_ms: Annotated[Count, msgspec.Meta(description="Of the answers with a rating.")]
    total_ms: Count
    review_count: Count
    reviews: Annotated[list[Review], msgspec.Meta(description="The latest 1000, the newest first.")]


class CardsAnswer(msgspec.Struct):
    cards: list[CardRow]
    pagination: Pagination


class NewCardAnswer(msgspec.Struct):
    note_id: AnkiId
    card_id: Annotated[AnkiId, msgspec.Meta(description="The first of `card_ids`.")]
    card_ids: Annotated[list[AnkiId], msgspec.Meta(min_length=1)]
    duplicate_of: (
        Annotated[AnkiId, msgspec.Meta(description="A note with the same first field.")] | UnsetType
    ) = UNSET


class PreviewedCard(msgspec.Struct):
    ord: Ord
    question: Html
    answer: Html
    css: str


class PreviewAnswer(msgspec.Struct):
    """`card` is null where the note gives none."""

    ordinals: Annotated[list[int], msgspec.Meta(description="Of the cards that the note gives.")]
    card: PreviewedCard | None
    duplicate_of: (
        Annotated[AnkiId, msgspec.Meta(description="A note with the same first field.")] | None
    )
    media_url: MediaUrl


class CardAnswer(msgspec.Struct):
    card: Card
    media_url: MediaUrl


class CardInfo(CardHistory, kw_only=True):
    """What Anki's Card Info shows; `deck_name` is a filtered deck while one has the card."""

    card_id: AnkiId
    note_id: AnkiId
    added_at: EpochMs
    state: State
    suspended: bool
    buried: bool
    due_at: EpochMs | None
    due_position: Annotated[int, msgspec.Meta(description="Also of what was new once.")] | None
    interval_days: int
    ease: float
    reps: int
    lapses: int
    notetype: str
    template: str
    deck_name: str
    home_deck_name: str
    options_name: str


class CardInfoAnswer(msgspec.Struct):
    info: CardInfo


class ChangedCardAnswer(msgspec.Struct):
    card: Card


class Buried(msgspec.Struct):
    siblings: Count
    user: Count


class Waiting(msgspec.Struct):
    """What waits for later: beyond today's limits, on later steps, and buried until tomorrow."""

    new: Count
    review: Count
    learning: Count
    learning_shown_at: EpochMs | None
    buried: Buried


class StudyAnswer(msgspec.Struct):
    """`finished` is null while there are cards."""

    deck_name: str
    cards: list[StudyCard]
    counts: StudyCounts
    next_learning_due_at: EpochMs | None
    next_day_at: EpochMs
    finished: Waiting | None
    media_url: MediaUrl


class AnsweredAnswer(msgspec.Struct):
    card: CardRow
    counts: StudyCounts
    next_learning_due_at: EpochMs | None


class UndoListAnswer(msgspec.Struct):
    """Names of operations, the newest first."""

    undo: list[str]
    redo: list[str]


class Reverted(msgspec.Struct):
    restored: Count
    removed: Count


class UndoAnswer(msgspec.Struct):
    """What was taken back or done again; of the ids the first 200.

    With `whole_collection` a collection was put back, and nothing tells what became of which card.
    `review_card` is the card whose answer was taken back, to be answered again.
    """

    operation: str
    whole_collection: bool
    cards: Reverted
    notes: Reverted
    card_ids: list[AnkiId]
    note_ids: list[AnkiId]
    answered_card_ids: list[AnkiId]
    review_card: StudyCard | None


class Tag(msgspec.Struct):
    name: str
    notes: Count


class TagsAnswer(msgspec.Struct):
    tags: Annotated[list[Tag], msgspec.Meta(description="In the order of their tree.")]


_UNDO = Operation(answer=UndoAnswer, errors=(NothingToUndoError, CannotUndoError), keyed=True)

OPERATIONS = {
    "GET /api/cards": Operation(answer=CardsAnswer, errors=(NotFoundError,)),
    "POST /api/cards": Operation(
        answer=NewCardAnswer,
        errors=(NotFoundError, DuplicateNoteError),
        keyed=True,
        gives={"card_id": "/card_id"},
    ),
    "POST /api/cards/actions": Operation(
        answer=ChangedAnswer, errors=(NotFoundError,), keyed=True, choice="action", choices=ACTIONS
    ),
    "POST /api/cards/preview": Operation(answer=PreviewAnswer, errors=(NotFoundError,)),
    "GET /api/cards/{card_id}": Operation(answer=CardAnswer, errors=(UnusableFileError,)),
    "GET /api/cards/{card_id}/info": Operation(answer=CardInfoAnswer, errors=(UnusableFileError,)),
    "PUT /api/cards/{card_id}": Operation(
        answer=ChangedCardAnswer, errors=(UnusableFileError,), keyed=True
    ),
    "DELETE /api/cards/{card_id}": Operation(answer=DeletedCardsAnswer, keyed=True),
    "GET /api/review/{deck_id}": Operation(answer=StudyAnswer),
    "POST /api/review": Operation(
        answer=AnsweredAnswer, errors=(NotFoundError, StaleCardError), keyed=True
    ),
    "GET /api/tags": Operation(answer=TagsAnswer),
    "GET /api/undo": Operation(answer=UndoListAnswer),
    "POST /api/undo": _UNDO,
    "POST /api/redo": _UNDO,
}
