"""Members that many answers have."""

from typing import Annotated

import msgspec

EpochMs = Annotated[int, msgspec.Meta(ge=0, description="Epoch milliseconds.")]
Count = Annotated[int, msgspec.Meta(ge=0)]
# Ids of a collection are Anki's; one that was made elsewhere may have odd ones.
AnkiId = Annotated[int, msgspec.Meta(extra_json_schema={"format": "int64"})]
MediaUrl = Annotated[
    str,
    msgspec.Meta(
        pattern="^/media/[^/]+/$",
        description="What media names in cards are relative to; works for half an hour at least.",
    ),
]


class StudyCounts(msgspec.Struct):
    """Cards to study today, as Anki shows them."""

    new: Count
    learn: Count
    review: Count


class Pagination(msgspec.Struct):
    total: Count
    page: Annotated[int, msgspec.Meta(ge=1)]
    per_page: Annotated[int, msgspec.Meta(ge=1)]
    total_pages: Count


class ChangedAnswer(msgspec.Struct):
    changed: Annotated[Count, msgspec.Meta(description="How many were changed.")]


class DeletedCards(msgspec.Struct):
    cards: Count
    notes: Count


class DeletedCardsAnswer(msgspec.Struct):
    deleted: DeletedCards


class FileOfferAnswer(msgspec.Struct):
    """Where to get a file that is too large for an answer of the gateway."""

    url: Annotated[str, msgspec.Meta(description="Works without a login until `expires_at`.")]
    expires_at: EpochMs
    bytes: Count
