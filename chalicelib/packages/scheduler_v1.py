"""Rows of a collection that was studied with Anki's first scheduler, as later ones write them.

Source: Anki's rslib/src/scheduler/upgrade.rs.
"""

from msgspec.structs import replace

from chalicelib.collection.col import JsonObject
from chalicelib.packages.schedules import queue_of_type
from chalicelib.packages.source_rows import SourceCard, SourceReview
from chalicelib.scheduler.states import CardQueue, CardType

_LEARNING_KINDS = (0, 2)
_ANSWERS_RENUMBERED = (2, 3)
_LEARNING_QUEUES = (CardQueue.LEARNING, CardQueue.DAY_LEARNING)


def upgraded_review(review: SourceReview) -> SourceReview:
    """Learning cards had no Hard button: their second button was Good, the third Easy."""
    if review.ease in _ANSWERS_RENUMBERED and review.type in _LEARNING_KINDS:
        return replace(review, ease=review.ease + 1)
    return review


def upgraded_card(
    card: SourceCard, filtered_deck: JsonObject | None, home_options: JsonObject | None
) -> SourceCard:
    """Give relearning cards their own type, and cards lent to a filtered deck its new rules.

    `home_options` are those of the deck it was lent from, None where they are missing.
    """
    upgraded = card
    if card.type == CardType.REVIEW and card.queue in _LEARNING_QUEUES:
        upgraded = replace(card, type=int(CardType.RELEARNING))
    if filtered_deck is None:
        return upgraded
    return _lent(upgraded, filtered_deck, _steps(card, home_options))


def _steps(card: SourceCard, options: JsonObject | None) -> int:
    if options is None:
        return 0
    part = "lapse" if card.type == CardType.REVIEW else "new"
    return len(options[part]["delays"])


def _lent(card: SourceCard, deck: JsonObject, home_steps: int) -> SourceCard:
    if deck["delays"]:
        card = replace(card, left=min(card.left, home_steps))
    is_in_new_queue = card.queue == CardQueue.NEW
    if deck["resched"]:
        strayed = is_in_new_queue and card.type != CardType.NEW
        return replace(card, queue=queue_of_type(card)) if strayed else card
    if is_in_new_queue:
        card = replace(card, queue=int(CardQueue.REVIEW))
    if card.type == CardType.LEARNING:
        return replace(card, queue=int(CardQueue.PREVIEW), type=int(CardType.NEW))
    return card
