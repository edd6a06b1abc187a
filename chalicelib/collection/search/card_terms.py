"""SQL for what is asked of a card.

Source of the rules: Anki's rslib/src/search/sqlwriter.rs. `c` is the card.
"""

from collections.abc import Sequence
from functools import singledispatchmethod

from chalicelib.collection.day import stands_in
from chalicelib.collection.search.functions import CUSTOM_DATA, MEMORY, RETRIEVABILITY
from chalicelib.collection.search.nodes import (
    AddedInDays,
    CardIds,
    CardTerm,
    CustomNumber,
    CustomText,
    Deck,
    DeckIds,
    Flag,
    HasCustomData,
    IntroducedInDays,
    Operator,
    Preset,
    Property,
    Rated,
    State,
)
from chalicelib.collection.search.numbers import I32_MAX, I32_MIN, shortest
from chalicelib.collection.search.places import Places
from chalicelib.collection.search.sql import EVERYTHING, Bindings, id_list
from chalicelib.collection.unicode import nfc
from chalicelib.scheduler.float32 import f32
from chalicelib.scheduler.states import CardQueue, CardType
from chalicelib.scheduler.timing import DAY_S

_COLUMNS = {"ivl": "c.ivl", "reps": "c.reps", "lapses": "c.lapses", "ease": "c.factor"}
_DUE = "CASE WHEN c.odue != 0 THEN c.odue ELSE c.due END"
_BY_DAY = (CardQueue.REVIEW, CardQueue.DAY_LEARNING)
_BY_SECOND = (CardQueue.LEARNING, CardQueue.PREVIEW)
_TYPES = {
    "new": (CardType.NEW,),
    "learn": (CardType.LEARNING, CardType.RELEARNING),
    "review": (CardType.REVIEW, CardType.RELEARNING),
}
_QUEUES = {
    "suspended": (CardQueue.SUSPENDED,),
    "buried": (CardQueue.SIBLING_BURIED, CardQueue.USER_BURIED),
    "buried-manually": (CardQueue.USER_BURIED,),
    "buried-sibling": (CardQueue.SIBLING_BURIED,),
}
_FLAG_BITS = 0b111
# Anki shows a difficulty of 1 to 10 as a part of 1.
_DIFFICULTY_SPAN, _EASIEST = 9.0, 1.0


class CardTerms:
    """Compiles the terms of one search."""

    def __init__(self, places: Places, bindings: Bindings) -> None:
        self._places = places
        self._timing = places.timing
        self._bind = bindings.bind

    @singledispatchmethod
    def sql(self, term: CardTerm) -> str:
        """The condition that a term means."""
        raise NotImplementedError(term)

    @sql.register
    def _(self, term: Deck) -> str:
        name = nfc(term.name)
        if name == "*":
            return EVERYTHING
        if name == "filtered":
            return "c.odid != 0"
        if name == "current":
            return _in_decks(self._places.current_decks())
        return _in_decks(self._places.decks_named(name))

    @sql.register
    def _(self, term: DeckIds) -> str:
        return _in_decks(term.ids)

    @sql.register
    def _(self, term: Preset) -> str:
        return _in_decks(self._places.decks_with_preset(term.name))

    @sql.register
    def _(self, term: State) -> str:
        if term.name == "due":
            return self._due()
        if term.name in _TYPES:
            return f"c.type IN {id_list(_TYPES[term.name])}"
        return self._in_queues(_QUEUES[term.name])

    @sql.register
    def _(self, term: Flag) -> str:
        return f"(c.flags & {_FLAG_BITS}) = {self._bind(term.flag)}"

    @sql.register
    def _(self, term: CardIds) -> str:
        return f"c.id IN {id_list(term.ids)}"

    @sql.register
    def _(self, term: AddedInDays) -> str:
        return f"c.id > {self._bind(self._cutoff_ms(-term.days))}"

    @sql.register
    def _(self, term: IntroducedInDays) -> str:
        cutoff = self._bind(self._cutoff_ms(-term.days))
        is_new = (
            f"(SELECT coalesce(min(id) > {cutoff}, 0) FROM revlog WHERE cid = c.id AND ease != 0)"
        )
        # The second part says nothing new, but is much faster.
        return f"({is_new} AND c.id IN (SELECT cid FROM revlog WHERE id > {cutoff}))"

    @sql.register
    def _(self, term: Rated) -> str:
        end, begin = self._cutoff_ms(term.days), self._cutoff_ms(term.days - 1)
        condition = {
            Operator.MORE: f"id >= {end}",
            Operator.AT_LEAST: f"id >= {begin}",
            Operator.LESS: f"id < {begin}",
            Operator.AT_MOST: f"id < {end}",
            Operator.EQUAL: f"id BETWEEN {begin} AND {end - 1}",
            Operator.UNEQUAL: f"id NOT BETWEEN {begin} AND {end - 1}",
        }[term.operator]
        ease = "ease > 0" if term.ease is None else f"ease = {self._bind(term.ease)}"
        return f"c.id IN (SELECT cid FROM revlog WHERE {condition} AND {ease})"

    @sql.register
    def _(self, term: Property) -> str:
        operator = term.operator.value
        if term.name == "due":
            return self._due_in(operator, int(term.value))
        if term.name == "pos":
            position = self._bind(term.value)
            return f"(c.type = {CardType.NEW:d} AND ({_DUE}) {operator} {position})"
        if term.name in _COLUMNS:
            return f"{_COLUMNS[term.name]} {operator} {self._bind(term.value)}"
        return self._memory(term.name, operator, term.value)

    @sql.register
    def _(self, term: CustomNumber) -> str:
        return (
            f"CAST({self._custom(term.key)} AS REAL) {term.operator.value} {self._bind(term.value)}"
        )

    @sql.register
    def _(self, term: CustomText) -> str:
        return f"{self._custom(term.key)} {term.operator.value} {self._bind(term.value)}"

    @sql.register
    def _(self, term: HasCustomData) -> str:
        return f"{self._custom(term.key)} IS NOT NULL"

    def _cutoff_ms(self, days: int) -> int:
        """When the day that is `days` from today ends, epoch milliseconds."""
        return (self._timing.next_cutoff_s + days * DAY_S) * 1000

    def _in_queues(self, queues: tuple[CardQueue, ...]) -> str:
        return f"({stands_in(queues, new_day=self._places.new_day)})"

    def _due(self) -> str:
        soon = self._bind(self._timing.now_s + self._places.learn_ahead_s)
        today = self._bind(self._timing.today)
        by_day, by_second = self._in_queues(_BY_DAY), self._in_queues(_BY_SECOND)
        return f"(({by_day} AND c.due <= {today}) OR ({by_second} AND c.due <= {soon}))"

    def _due_in(self, operator: str, days: int) -> str:
        by_day, by_second = self._in_queues(_BY_DAY), self._in_queues(_BY_SECOND)
        day = self._bind(_wrapped(days + self._timing.today))
        cutoff = self._bind(self._timing.next_cutoff_s)
        seconds_away = f"({_DUE}) - {cutoff}"
        return (
            f"(({by_day} AND ({_DUE}) {operator} {day})"
            f" OR ({by_second} AND ({seconds_away}) / {DAY_S} {operator} {self._bind(days)}))"
        )

    def _memory(self, name: str, operator: str, value: float) -> str:
        if name == "r":
            chance = f"{RETRIEVABILITY}(c.data, {_DUE}, c.ivl)"
            return f"(c.type != {CardType.NEW:d} AND {chance} {operator} {self._bind(value)})"
        if name == "d":
            value = shortest(f32(f32(f32(value) * _DIFFICULTY_SPAN) + _EASIEST))
        memory = _if_in_data(name, f"{MEMORY}(c.data, {self._bind(name)})")
        return f"{memory} {operator} {self._bind(value)}"

    def _custom(self, key: str) -> str:
        return _if_in_data("cd", f"{CUSTOM_DATA}(c.data, {self._bind(key)})")


def _in_decks(ids: Sequence[int]) -> str:
    """Cards that are in these decks, or were borrowed from them."""
    return f"(c.did IN {id_list(ids)} OR (c.odid != 0 AND c.odid IN {id_list(ids)}))"


def _if_in_data(key: str, value: str) -> str:
    """Most cards do not have it, which SQLite sees faster."""
    return f"CASE WHEN c.data LIKE '%\"{key}\"%' THEN {value} END"


def _wrapped(number: int) -> int:
    """As 32 bits hold it, which Anki does not check."""
    return (number - I32_MIN) % (I32_MAX - I32_MIN + 1) + I32_MIN
