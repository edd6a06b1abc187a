"""How cards came to be as they are: each one's reviews so far and the state after them."""

from dataclasses import dataclass
from random import Random

from chalicelib.scheduler.states import CardQueue, CardType, Rating, RevlogType
from chalicelib.scheduler.timing import DAY_S, Timing

_FIRST_STEP_S, _SECOND_STEP_S = 60, 600
_STARTING_FACTOR, _LOWEST_FACTOR = 2500, 1300
_LAPSE_PENALTY = 200
# Below the number of lapses that makes a leech.
_MOST_LAPSES = 3
_LONGEST_INTERVAL = 1000
_LONGEST_THOUGHT_MS = 15_000

_RATINGS = (Rating.AGAIN, Rating.HARD, Rating.GOOD, Rating.EASY)
_RATING_WEIGHTS = (8, 10, 75, 7)
# Of 100 cards that were studied once: in review, suspended, buried by a sibling or by hand.
_QUEUES = (
    CardQueue.REVIEW,
    CardQueue.SUSPENDED,
    CardQueue.SIBLING_BURIED,
    CardQueue.USER_BURIED,
)
_QUEUE_WEIGHTS = (94, 4, 1, 1)
_NEW_SHARE, _LEARNING_SHARE, _RELEARNING_SHARE = 0.2, 0.02, 0.01


@dataclass(frozen=True, slots=True)
class Review:
    """One row of `revlog` but for the card; intervals in days, below 0 in seconds."""

    reviewed_ms: int
    rating: Rating
    interval: int
    last_interval: int
    factor: int
    taken_ms: int
    type: RevlogType


@dataclass(slots=True)
class History:
    """A card's schedule, in the columns' own units, and the reviews that led to it."""

    reviews: list[Review]
    type: CardType = CardType.NEW
    queue: CardQueue = CardQueue.NEW
    due: int = 0
    interval: int = 0
    factor: int = 0
    lapses: int = 0
    left: int = 0

    @property
    def last_reviewed_s(self) -> int:
        return self.reviews[-1].reviewed_ms // 1000 if self.reviews else 0


class Student:
    """Somebody who has studied cards until `timing`, about once a day."""

    def __init__(self, random: Random, timing: Timing) -> None:
        self._random = random
        self._timing = timing

    def history(self, first_day: int, position: int) -> History:
        """What became of the card that was added on `first_day` as the `position`th new one."""
        kind = self._random.random()
        history = History([], due=position)
        if kind < _NEW_SHARE:
            return history
        if kind < _NEW_SHARE + _LEARNING_SHARE:
            self._begin(history, self._timing.today)
            self._put_on_step(history, CardType.LEARNING)
            return history
        self._graduate(history, first_day)
        if kind < _NEW_SHARE + _LEARNING_SHARE + _RELEARNING_SHARE:
            self._put_on_step(history, CardType.RELEARNING)
        else:
            (history.queue,) = self._random.choices(_QUEUES, _QUEUE_WEIGHTS)
        return history

    def _graduate(self, history: History, first_day: int) -> None:
        self._begin(history, first_day)
        history.type, history.factor = CardType.REVIEW, _STARTING_FACTOR
        history.interval, history.due = 1, first_day + 1
        self._log(history, first_day, Rating.GOOD, -_SECOND_STEP_S, RevlogType.LEARNING)
        while history.due < self._timing.today or (
            history.due == self._timing.today and self._random.random() < 1 / 2
        ):
            self._review(history)

    def _begin(self, history: History, day: int) -> None:
        history.interval = -_SECOND_STEP_S
        self._log(history, day, Rating.GOOD, -_FIRST_STEP_S, RevlogType.LEARNING)

    def _put_on_step(self, history: History, kind: CardType) -> None:
        history.type, history.queue, history.left = kind, CardQueue.LEARNING, 1
        history.interval = max(history.interval, 0)
        history.due = self._timing.now_s + self._random.randint(-_SECOND_STEP_S, _SECOND_STEP_S)

    def _review(self, history: History) -> None:
        (rating,) = self._random.choices(_RATINGS, _RATING_WEIGHTS)
        before, day = history.interval, history.due
        if rating is Rating.AGAIN and history.lapses < _MOST_LAPSES:
            history.lapses += 1
            history.factor = max(_LOWEST_FACTOR, history.factor - _LAPSE_PENALTY)
            history.interval = 1
        else:
            growth = history.factor / 1000 * self._random.uniform(0.5, 1.1)
            history.interval = min(_LONGEST_INTERVAL, int(before * growth) + 1)
        history.due = day + history.interval
        self._log(history, day, rating, before, RevlogType.REVIEW)

    def _log(
        self, history: History, day: int, rating: Rating, last_interval: int, kind: RevlogType
    ) -> None:
        """The review at some moment of that day, after the last one and before now."""
        day_began_s = self._timing.next_cutoff_s - (self._timing.today + 1 - day) * DAY_S
        latest_s = min(day_began_s + DAY_S, self._timing.now_s - _SECOND_STEP_S)
        reviewed_ms = max(
            self._random.randrange(day_began_s * 1000, latest_s * 1000),
            history.reviews[-1].reviewed_ms + 1000 if history.reviews else 0,
        )
        taken_ms = self._random.randint(1000, _LONGEST_THOUGHT_MS)
        history.reviews.append(
            Review(
                reviewed_ms, rating, history.interval, last_interval, history.factor, taken_ms, kind
            )
        )
