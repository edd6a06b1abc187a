"""The counts of the deck list: like the study queue's, but for all decks at once.

Each deck shows what studying it would show, subdecks included; its own parents' limits do not
count. Source: Anki's rslib/src/decks/tree.rs.
"""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass

from chalicelib.collection.col import read_document
from chalicelib.collection.day import current_queue
from chalicelib.collection.decks import Decks
from chalicelib.collection.limits import Remaining, remaining_today
from chalicelib.collection.options import OptionGroups
from chalicelib.collection.queue import Counts, learn_ahead_s
from chalicelib.scheduler.states import CardQueue
from chalicelib.scheduler.timing import Timing


@dataclass(slots=True)
class _Due:
    new: int = 0
    review: int = 0
    learning: int = 0
    day_learning: int = 0

    def add(self, other: "_Due") -> None:
        self.new += other.new
        self.review += other.review
        self.learning += other.learning
        self.day_learning += other.day_learning

    def cap(self, left: Remaining, *, ignore_review_limit: bool) -> None:
        """Learning cards of earlier days use up the review limit first, then reviews, then new."""
        self.day_learning = min(self.day_learning, left.review)
        reviews_left = left.review - self.day_learning
        self.review = min(self.review, reviews_left)
        new_left = left.new
        if not ignore_review_limit:
            new_left = min(new_left, reviews_left - self.review)
        self.new = min(self.new, new_left)


def counts_of_decks(conn: sqlite3.Connection, timing: Timing) -> dict[int, Counts]:
    """The counts of each deck by its id."""
    decks = Decks(conn)
    groups = OptionGroups(conn)
    ignore = bool(read_document(conn, "conf").get("newCardsIgnoreReviewLimit", False))
    due = _due_by_deck(conn, timing)
    # Subdecks come before their parents, so that a parent sums what its subdecks may show.
    for deck in reversed(decks.in_tree_order()):
        left = remaining_today(deck, groups, timing.today, ignore_review_limit=ignore)
        due[deck["id"]].cap(left, ignore_review_limit=ignore)
        parent = decks.parent(deck)
        if parent is not None:
            due[parent["id"]].add(due[deck["id"]])
    return {deck_id: _counts(due[deck_id]) for deck_id in decks.by_id}


def _counts(due: _Due) -> Counts:
    return Counts(new=due.new, learn=due.learning + due.day_learning, review=due.review)


def _due_by_deck(conn: sqlite3.Connection, timing: Timing) -> defaultdict[int, _Due]:
    rows = conn.execute(
        f"""SELECT did,
            sum(now_in = {CardQueue.NEW}),
            sum(now_in = {CardQueue.REVIEW} AND due <= :today),
            sum(now_in IN ({CardQueue.LEARNING}, {CardQueue.PREVIEW}) AND due < :ahead_until),
            sum(now_in = {CardQueue.DAY_LEARNING} AND due <= :today)
        FROM (SELECT did, due, {current_queue(conn, timing)} AS now_in FROM cards) GROUP BY did""",
        {"today": timing.today, "ahead_until": timing.now_s + learn_ahead_s(conn)},
    )
    due: defaultdict[int, _Due] = defaultdict(_Due)
    for deck_id, *amounts in rows.fetchall():
        due[deck_id] = _Due(*amounts)
    return due
