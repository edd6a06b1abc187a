"""What the cards are like now: their states, intervals, eases, when they are due, when added.

None of it depends on the chosen days. Sources: Anki's rslib/src/stats/graphs/card_counts.rs,
intervals.rs, eases.rs, future_due.rs and added.rs.
"""

from dataclasses import dataclass

from chalicelib.collection.day import BURIED
from chalicelib.collection.filtered import FIRST_EPOCH_DUE
from chalicelib.collection.stats.scope import FARTHEST_DAYS, MATURE_DAYS, Scope, number
from chalicelib.scheduler.float32 import f32
from chalicelib.scheduler.states import CardQueue, CardType
from chalicelib.scheduler.timing import DAY_S

# [day, interval or percent; number of cards]
Bar = tuple[int, int]

_MAX_FACTOR = 0xFFFF
_IS_REVIEW = f"type IN ({CardType.REVIEW}, {CardType.RELEARNING})"
# On a new day nothing is buried any more, even before the file says so.
_IS_BURIED = f"(queue IN {BURIED} AND NOT :new_day)"
_IS_SCHEDULED = f"""type IN ({CardType.LEARNING}, {CardType.REVIEW}, {CardType.RELEARNING})
    AND queue IS NOT {CardQueue.SUSPENDED}"""
# In a filtered deck too, a card's own due.
_DUE = f"CASE WHEN {number('odid')} > 0 THEN {number('odue')} ELSE {number('due')} END"
_INTERVAL = f"max({number('ivl')}, 0)"


@dataclass(slots=True)
class StateCounts:
    """Cards by state; young and mature ones are in review."""

    new: int = 0
    learn: int = 0
    relearn: int = 0
    young: int = 0
    mature: int = 0


@dataclass(slots=True)
class ActiveCounts(StateCounts):
    """The states of active cards, and how many cards are suspended or buried instead."""

    suspended: int = 0
    buried: int = 0


@dataclass(frozen=True, slots=True)
class CardCounts:
    """Twice: with suspended and buried cards in their states, and with these apart."""

    including_inactive: StateCounts
    excluding_inactive: ActiveCounts


@dataclass(frozen=True, slots=True)
class FutureDue:
    """Cards by the day on which they are due; days before 0 are the backlog.

    `daily_load` is how many reviews a day the intervals add up to.
    """

    due: list[Bar]
    have_backlog: bool
    backlog: int
    daily_load: int


@dataclass(frozen=True, slots=True)
class Eases:
    """Cards in review by ease in percent; `average` is, as in Anki, the median."""

    average: float
    eases: list[Bar]


def card_counts(scope: Scope) -> CardCounts:
    """How many cards are in which state."""
    rows = scope.conn.execute(
        f"""SELECT CASE type WHEN {CardType.LEARNING} THEN 'learn'
                WHEN {CardType.RELEARNING} THEN 'relearn'
                WHEN {CardType.REVIEW} THEN
                    CASE WHEN {_INTERVAL} < {MATURE_DAYS} THEN 'young' ELSE 'mature' END
                ELSE 'new' END AS state,
            CASE WHEN queue = {CardQueue.SUSPENDED} THEN 'suspended'
                WHEN {_IS_BURIED} THEN 'buried' ELSE '' END AS inactive,
            count(*)
        FROM cards WHERE {scope.cards} GROUP BY state, inactive""",
        scope.bound,
    )
    including, excluding = StateCounts(), ActiveCounts()
    for state, inactive, cards in rows.fetchall():
        _increase(including, state, cards)
        _increase(excluding, inactive or state, cards)
    return CardCounts(including_inactive=including, excluding_inactive=excluding)


def _increase(counts: StateCounts, state: str, cards: int) -> None:
    setattr(counts, state, getattr(counts, state) + cards)


def intervals(scope: Scope) -> list[Bar]:
    """Cards in review by their interval in days."""
    return _bars(scope, f"min({_INTERVAL}, {FARTHEST_DAYS})", "cards", _IS_REVIEW)


def eases(scope: Scope) -> Eases:
    """Cards in review by their ease, rounded down to percent."""
    factor = f"min(max({number('factor')}, 0), {_MAX_FACTOR})"
    factors = _bars(scope, factor, "cards", _IS_REVIEW)
    percents: dict[int, int] = {}
    for permille, cards in factors:
        percents[permille // 10] = percents.get(permille // 10, 0) + cards
    return Eases(average=_median(factors) / 10, eases=list(percents.items()))


def _median(bars: list[Bar]) -> float:
    cards = sum(amount for _, amount in bars)
    if not cards:
        return 0.0
    return (_value_at(bars, (cards - 1) // 2) + _value_at(bars, cards // 2)) / 2


def _value_at(bars: list[Bar], place: int) -> int:
    """The value of one card when all stand in order, the first at place 0."""
    for value, amount in bars:
        if place < amount:
            return value
        place -= amount
    raise IndexError(place)


def future_due(scope: Scope) -> FutureDue:
    """Which day brings how many cards; neither new nor suspended ones, nor buried until later."""
    day = f"""CASE WHEN due_at > {FIRST_EPOCH_DUE} THEN (due_at - :cutoff_s) / {DAY_S}
        ELSE due_at - :today END"""
    due = _bars(
        scope,
        f"min(max({day}, -{FARTHEST_DAYS}), {FARTHEST_DAYS})",
        f"(SELECT *, {_DUE} AS due_at FROM cards)",
        f"{_IS_SCHEDULED} AND NOT ({_IS_BURIED} AND {day} <= 0)",
    )
    backlog = sum(cards for day, cards in due if day < 0)
    return FutureDue(due=due, have_backlog=backlog > 0, backlog=backlog, daily_load=_load(scope))


def _load(scope: Scope) -> int:
    """One review per interval, summed in single precision card by card, as Anki sums it."""
    rows = scope.conn.execute(
        f"SELECT {_INTERVAL} FROM cards WHERE {_IS_SCHEDULED} AND {scope.cards} ORDER BY id",
        scope.bound,
    )
    shares: dict[int, float] = {}
    load = 0.0
    for (interval,) in rows:
        if interval not in shares:
            shares[interval] = f32(1 / f32(max(interval, 1)))
        load = f32(load + shares[interval])
    return int(load)


def added(scope: Scope) -> list[Bar]:
    """Cards by the day on which they were added."""
    since = "max(id, 0) / 1000 - :cutoff_s"
    rounded_up = f"({since} + CASE WHEN {since} > 0 THEN {DAY_S - 1} ELSE 0 END) / {DAY_S}"
    return _bars(scope, rounded_up, "cards", "id < :end_ms")


def _bars(scope: Scope, value: str, cards: str, condition: str) -> list[Bar]:
    """How many of the scope's cards that meet a condition have which value, in its order."""
    rows = scope.conn.execute(
        f"""SELECT {value} AS value, count(*) FROM {cards}
        WHERE {condition} AND {scope.cards} GROUP BY value ORDER BY value""",
        scope.bound,
    )
    return rows.fetchall()
