"""Answering a card: the schedule, the review log, the day's counters and leeches."""

import hashlib
import sqlite3
from dataclasses import dataclass

from chalicelib.collection.cards import Card, get_card, save_schedule
from chalicelib.collection.col import JsonObject
from chalicelib.collection.day import unbury_on_new_day
from chalicelib.collection.decks import Decks
from chalicelib.collection.filtered import with_queue_of_type
from chalicelib.collection.ids import new_row_id
from chalicelib.collection.notes import add_tag
from chalicelib.collection.study.context import StudyContext
from chalicelib.collection.study.limits import counted_today, counter_day
from chalicelib.collection.study.sibling_burying import bury_siblings
from chalicelib.errors import BadInputError, StaleCardError
from chalicelib.scheduler.answers import Outcome, Rating, capped_ms, next_state, next_states
from chalicelib.scheduler.labels import interval_label
from chalicelib.scheduler.options import options_from_dconf
from chalicelib.scheduler.states import CardQueue, CardType
from chalicelib.scheduler.timing import Timing

LEECH_TAG = "leech"

_TOKEN_LENGTH = 16
_OF_FSRS = ("s", "d", "dr")
_ON_A_STEP = (CardQueue.LEARNING, CardQueue.DAY_LEARNING)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person answered and when; `taken_ms` is how long they thought.

    `answered_ms` may lie before now: an answer given offline is scheduled as of its own moment.
    `token` is `answer_token` of the card they saw, or None to answer the card as it is.
    """

    card_id: int
    rating: Rating
    taken_ms: int
    answered_ms: int
    token: str | None


def answer_token(card: Card) -> str:
    """A name for the state of a card; any answer or change of its schedule gives another one.

    Burying does not: a new day undoes it, and a sibling's answer must not void this one.
    """
    state = (card.id, card.type, card.due, card.ivl, card.factor, card.reps, card.left)
    return hashlib.sha256(repr(state).encode()).hexdigest()[:_TOKEN_LENGTH]


def button_labels(card: Card, group: JsonObject, timing: Timing, ahead_s: int) -> dict[Rating, str]:
    """What each answer button shows: the time until the card comes again.

    `group` is the option group of the card's home deck, `ahead_s` the learn-ahead time.
    """
    options = options_from_dconf(group)
    outcomes = next_states(card.scheduling_state(), options, timing)
    return {rating: interval_label(o.delay_s, ahead_s) for rating, o in outcomes.items()}


def answer_card(
    conn: sqlite3.Connection, answer: Answer, now_ms: int, context: StudyContext | None = None
) -> Card:
    """Answer a card; returns it as it is then. `now_ms` is when that is written.

    `context` is what this transaction has read of `col` already; it is kept true. Raises
    NotFoundError, StaleCardError when the card is no longer the one that the person saw, and
    BadInputError for a suspended card.
    """
    context = context or StudyContext(conn)
    card = _card_to_answer(conn, answer, context.timing_at(now_ms), context)
    timing = context.timing_at(answer.answered_ms)
    home = context.decks.get(card.home_deck_id)
    options = context.scheduling_options(home)
    outcome = next_state(card.scheduling_state(), options, timing, answer.rating)
    taken_ms = capped_ms(answer.taken_ms, options)
    review_id = _log(conn, answer, outcome, taken_ms, context.usn)
    _save(conn, card, outcome, review_id // 1000, now_ms)
    _count(context.decks, card, timing.today, taken_ms, now_ms)
    bury = context.options_of(home).bury
    # What was to wait until the day after the answer, need not if that day has come.
    if bury and timing.today == context.timing_at(now_ms).today:
        bury_siblings(conn, card, bury, now_s=now_ms // 1000, usn=context.usn)
    if outcome.leech:
        add_tag(conn, card.nid, LEECH_TAG, now_ms)
    return get_card(conn, card.id)


def _card_to_answer(
    conn: sqlite3.Connection, answer: Answer, now: Timing, context: StudyContext
) -> Card:
    """The card, if it is the one to be answered, as it is when nothing holds it back."""
    card = get_card(conn, answer.card_id)
    if answer.token is not None and answer.token != answer_token(card):
        raise StaleCardError
    if card.is_suspended:
        raise BadInputError("This card is suspended.")
    _refuse_older_than_last(card, answer, now.now_s)
    if context.is_new_day(now):
        unbury_on_new_day(conn, now)
        context.read_conf()
    # Who was shown it before it was buried has answered it all the same.
    return with_queue_of_type(card) if card.queue < 0 else card


def _refuse_older_than_last(card: Card, answer: Answer, now_s: int) -> None:
    """An answer that arrives late must not be put before one that was given after it.

    A last review in the future comes from a wrong clock, and says nothing.
    """
    last_s = card.custom_data().get("lrt")
    if isinstance(last_s, int) and answer.answered_ms // 1000 < last_s <= now_s:
        raise StaleCardError


def _save(
    conn: sqlite3.Connection, card: Card, outcome: Outcome, reviewed_s: int, now_ms: int
) -> None:
    """The new schedule; `lrt` is the second of the last review, `pos` where a new card stood.

    What FSRS had computed elsewhere does not fit any more, so it goes, as in Anki.
    """
    data = {name: value for name, value in card.custom_data().items() if name not in _OF_FSRS}
    if card.type == CardType.NEW:
        data["pos"] = max(0, card.scheduling_state().due)
    data["lrt"] = reviewed_s
    save_schedule(conn, outcome.card, data, now_ms)
    if card.odid and outcome.card.queue in _ON_A_STEP:
        # A filtered deck keeps a card until it is through with its steps.
        conn.execute(
            "UPDATE cards SET did = ?, odid = ?, odue = due WHERE id = ?",
            (card.did, card.odid, card.id),
        )


def _log(
    conn: sqlite3.Connection, answer: Answer, outcome: Outcome, taken_ms: int, usn: int
) -> int:
    review_id = new_row_id(conn, "revlog", answer.answered_ms)
    conn.execute(
        "INSERT INTO revlog (id, cid, usn, ease, ivl, lastIvl, factor, time, type)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            review_id,
            answer.card_id,
            usn,
            answer.rating,
            outcome.revlog_interval,
            outcome.revlog_last_interval,
            outcome.revlog_factor,
            taken_ms,
            outcome.revlog_type,
        ),
    )
    return review_id


def _count(decks: Decks, card: Card, today: int, taken_ms: int, now_ms: int) -> None:
    """Add the answer to the day counters of the card's deck and all its parents."""
    counted = {
        "newToday": int(card.queue == CardQueue.NEW),
        "revToday": int(card.queue in (CardQueue.REVIEW, CardQueue.DAY_LEARNING)),
        "lrnToday": 0,
        "timeToday": taken_ms,
    }
    # A filtered deck counts what is studied in it, and the home deck does not.
    for deck in decks.with_ancestors(card.did):
        for counter, amount in counted.items():
            _add_to_counter(deck, counter, today, amount)
        decks.mark_changed(deck, now_ms)
    decks.save(now_ms)


def _add_to_counter(deck: JsonObject, counter: str, today: int, amount: int) -> None:
    """A counter holds one day only: an answer of a day before that is not counted any more."""
    day = counter_day(deck, counter)
    if day <= today:
        deck[counter] = [today, counted_today(deck, counter, today) + amount]
