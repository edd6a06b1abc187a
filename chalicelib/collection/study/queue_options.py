"""The deck options that the study queue needs: limits, burying of siblings, orders.

Source: Anki's proto/anki/deck_config.proto (names and numbers).
"""

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import ClassVar

from chalicelib.collection.col import JsonObject
from chalicelib.collection.deck_options.groups import effective_options

# What Anki grants a deck that has no limits of its own.
NO_LIMIT = 9999


class ReviewOrder(IntEnum):
    """Option `reviewOrder`: the order in which reviews are gathered."""

    DAY = 0
    DAY_THEN_DECK = 1
    DECK_THEN_DAY = 2
    INTERVALS_ASCENDING = 3
    INTERVALS_DESCENDING = 4
    EASE_ASCENDING = 5
    EASE_DESCENDING = 6
    RETRIEVABILITY_ASCENDING = 7
    RANDOM = 8
    ADDED = 9
    REVERSE_ADDED = 10
    RETRIEVABILITY_DESCENDING = 11
    RELATIVE_OVERDUENESS = 12


class NewGatherPriority(IntEnum):
    """Option `newGatherPriority`: which new cards are taken first."""

    DECK = 0
    LOWEST_POSITION = 1
    HIGHEST_POSITION = 2
    RANDOM_NOTES = 3
    RANDOM_CARDS = 4
    DECK_THEN_RANDOM_NOTES = 5


class NewSortOrder(IntEnum):
    """Option `newSortOrder`: the order in which the new cards that were taken are shown."""

    TEMPLATE = 0
    NO_SORT = 1
    TEMPLATE_THEN_RANDOM = 2
    RANDOM_NOTE_THEN_TEMPLATE = 3
    RANDOM_CARD = 4


class Mix(IntEnum):
    """Options `newMix` and `interdayLearningMix`: where these cards stand among the reviews."""

    MIXED = 0
    AFTER = 1
    BEFORE = 2


class Bury(IntFlag):
    """Which siblings of a card wait for another day."""

    NOTHING = 0
    NEW = 1
    REVIEWS = 2
    DAY_LEARNING = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOptions:
    """What one option group says; the defaults are those of a filtered deck, which has none."""

    new_limit: int = NO_LIMIT
    review_limit: int = NO_LIMIT
    bury: Bury = Bury.NOTHING
    review_order: ReviewOrder = ReviewOrder.DAY
    new_gather: NewGatherPriority = NewGatherPriority.DECK
    new_sort: NewSortOrder = NewSortOrder.NO_SORT
    new_mix: Mix = Mix.MIXED
    day_learning_mix: Mix = Mix.MIXED

    FILTERED: ClassVar["QueueOptions"]


QueueOptions.FILTERED = QueueOptions()


def queue_options(group: JsonObject) -> QueueOptions:
    """The options of one object of `col.dconf`, as Anki understands them."""
    options = effective_options(group)
    flags = {
        Bury.NEW: options["new"]["bury"],
        Bury.REVIEWS: options["rev"]["bury"],
        Bury.DAY_LEARNING: options["buryInterdayLearning"],
    }
    return QueueOptions(
        new_limit=options["new"]["perDay"],
        review_limit=options["rev"]["perDay"],
        bury=Bury(sum(flag for flag, is_set in flags.items() if is_set)),
        review_order=ReviewOrder(options["reviewOrder"]),
        new_gather=NewGatherPriority(options["newGatherPriority"]),
        new_sort=NewSortOrder(options["newSortOrder"]),
        new_mix=Mix(options["newMix"]),
        day_learning_mix=Mix(options["interdayLearningMix"]),
    )
