"""Studying: the next cards of a deck, and answers to them."""

import sqlite3
from itertools import islice
from typing import Annotated, Any

import msgspec

from chalicelib.api.card_view import CardPresenter
from chalicelib.api.media import media_url
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.api.validation import MAX_ID, Id
from chalicelib.collection.study.answering import Answer, answer_card
from chalicelib.collection.study.context import StudyContext
from chalicelib.collection.study.finished import Waiting, waiting_in_deck
from chalicelib.collection.study.queue import (
    Counts,
    next_learning_due_s,
    queue_counts,
    study_queue,
)
from chalicelib.errors import BadInputError
from chalicelib.scheduler.answers import Rating

routes = Routes()

# An answer given offline may arrive this late; it counts for when it was given.
MAX_LATE_MS = 7 * 24 * 3600 * 1000
# How far the caller's clock may be ahead of ours.
MAX_CLOCK_AHEAD_MS = 60_000

_MAX_TOKEN = 64


class ReviewQuery(msgspec.Struct):
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10


class AnswerBody(msgspec.Struct):
    """With `answer_token`, a card is answered only in the state in which it was shown.

    `answered_at` is for an answer given offline, up to 7 days ago; `deck_id` is the deck that is
    studied, which the counts are of.
    """

    card_id: Id
    rating: Annotated[int, msgspec.Meta(ge=1, le=4, description="1 is Again, 4 is Easy.")]
    time_taken_ms: Annotated[int, msgspec.Meta(ge=0, le=MAX_ID)] = 0
    answer_token: Annotated[str, msgspec.Meta(max_length=_MAX_TOKEN)] | None = None
    answered_at: Annotated[int, msgspec.Meta(ge=0, le=MAX_ID)] | None = None
    deck_id: Id | None = None


@routes.add("GET", "/api/review/{deck_id}", query=ReviewQuery)
def next_cards(request: ApiRequest) -> dict[str, Any]:
    """The next cards of a deck and its subdecks, with what each button would do."""
    deck_id, query = request.path_id("deck_id"), request.query(ReviewQuery)

    def load(conn: sqlite3.Connection) -> dict[str, Any]:
        context = StudyContext(conn)
        timing = context.timing_at(request.now_ms)
        queue = study_queue(conn, deck_id, timing, context)
        presenter = CardPresenter(conn, timing, context)
        shown = filter(None, (presenter.to_study(card_id) for card_id in queue.card_ids))
        cards = list(islice(shown, query.limit))
        waiting = None if cards else waiting_in_deck(conn, deck_id, timing, context)
        return {
            "deck_name": context.decks.get(deck_id)["name"],
            "cards": cards,
            "counts": _counts_json(queue.counts),
            "next_learning_due_at": _to_ms(queue.next_learning_due_s),
            "next_day_at": _to_ms(timing.next_cutoff_s),
            "finished": waiting and _waiting_json(waiting),
        }

    return {**request.read(load), "media_url": media_url(request)}


@routes.add("POST", "/api/review", body=AnswerBody)
def submit_answer(request: ApiRequest) -> dict[str, Any]:
    """Answer a card; the counts are those of the deck being studied, or of the one it lives in."""
    body = request.body(AnswerBody)
    answer = Answer(
        card_id=body.card_id,
        rating=Rating(body.rating),
        taken_ms=body.time_taken_ms,
        answered_ms=_answered_at_ms(body.answered_at, request.now_ms),
        token=body.answer_token,
    )

    def submit(conn: sqlite3.Connection) -> dict[str, Any]:
        context = StudyContext(conn)
        card = answer_card(conn, answer, request.now_ms, context)
        timing = context.timing_at(request.now_ms)
        studied = card.did if body.deck_id is None else body.deck_id
        return {
            "card": CardPresenter(conn, timing, context).summary(card),
            "counts": _counts_json(queue_counts(conn, studied, timing, context)),
            "next_learning_due_at": _to_ms(next_learning_due_s(conn, studied, timing, context)),
        }

    return request.transact("Answer card", submit)


def _answered_at_ms(answered_at: int | None, now_ms: int) -> int:
    if answered_at is None:
        return now_ms
    if answered_at > now_ms + MAX_CLOCK_AHEAD_MS:
        raise BadInputError(fields={"answered_at": "lies in the future"})
    if answered_at < now_ms - MAX_LATE_MS:
        raise BadInputError(fields={"answered_at": "is more than 7 days ago"})
    return min(answered_at, now_ms)


def _counts_json(counts: Counts) -> dict[str, int]:
    return {"new": counts.new, "learn": counts.learn, "review": counts.review}


def _waiting_json(waiting: Waiting) -> dict[str, Any]:
    return {
        "new": waiting.new,
        "review": waiting.reviews,
        "learning": waiting.learning,
        "learning_shown_at": _to_ms(waiting.learning_shown_s),
        "buried": {"siblings": waiting.buried_siblings, "user": waiting.buried_by_user},
    }


def _to_ms(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * 1000
