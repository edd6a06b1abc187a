"""The change that is measured: an answer as `POST /api/review` makes it."""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import cycle
from random import Random
from typing import Any
from uuid import UUID

from benchmarks.collections import NOW_MS
from chalicelib.api.card_view import CardPresenter
from chalicelib.collection.col import dump
from chalicelib.collection.day import timing_at
from chalicelib.collection.study.answering import Answer, answer_card
from chalicelib.collection.study.context import StudyContext
from chalicelib.collection.study.queue import queue_counts
from chalicelib.scheduler.answers import Rating

_SEED = 5
_QUICKEST_MS, _SLOWEST_MS = 2_000, 14_000
_RATINGS = (Rating.AGAIN, Rating.HARD, Rating.GOOD, Rating.EASY)
_RATING_WEIGHTS = (8, 10, 75, 7)
_KEY_BITS = 128
_DIGEST_SIZE = 16


@dataclass(frozen=True, slots=True)
class Submission:
    """One answer as it arrives: what it says, when, under which Idempotency-Key.

    `digest` is that of the request's body.
    """

    answer: Answer
    now_ms: int
    key: str
    digest: bytes

    def apply(self, conn: sqlite3.Connection) -> dict[str, Any]:
        """Answer the card; the JSON that the route gives back."""
        context = StudyContext(conn)
        card = answer_card(conn, self.answer, self.now_ms, context)
        timing = context.timing_at(self.now_ms)
        summary = CardPresenter(conn, timing, context).summary(card)
        return {"card": summary, "counts": asdict(queue_counts(conn, card.did, timing, context))}


def submissions(conn: sqlite3.Connection) -> Iterator[Submission]:
    """Endless answers, always the same: to cards that are to be studied, some seconds apart."""
    random = Random(_SEED)  # noqa: S311
    now_ms = NOW_MS
    for card_id in cycle(_cards_to_study(conn, random)):
        taken_ms = random.randint(_QUICKEST_MS, _SLOWEST_MS)
        now_ms += taken_ms
        (rating,) = random.choices(_RATINGS, _RATING_WEIGHTS)
        answer = Answer(card_id, rating, taken_ms, now_ms, token=None)
        body = dump(asdict(answer)).encode()
        yield Submission(
            answer,
            now_ms,
            key=str(UUID(int=random.getrandbits(_KEY_BITS))),
            digest=hashlib.blake2b(body, digest_size=_DIGEST_SIZE).digest(),
        )


def _cards_to_study(conn: sqlite3.Connection, random: Random) -> list[int]:
    """Cards that are due or new, in the mixed order in which a person meets them."""
    today = timing_at(conn, NOW_MS).today
    rows = conn.execute(
        "SELECT id FROM cards WHERE queue IN (0, 1) OR queue = 2 AND due <= ? ORDER BY id",
        (today,),
    )
    card_ids = [card_id for (card_id,) in rows]
    random.shuffle(card_ids)
    return card_ids
