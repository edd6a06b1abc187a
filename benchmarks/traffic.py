"""A month of requests, as people who study make them: a Poisson process by the hour of the day."""

import heapq
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from javumbo.cost import mix

DAY_S = 24 * 3600
DAYS = 30
# Sessions begun in each hour of the day, relative: the night is a tenth of the evening.
BY_HOUR = (2, 1, 1, 1, 1, 2, 4, 7, 8, 6, 5, 5, 7, 7, 6, 5, 5, 6, 8, 10, 10, 10, 8, 5)
# Of one session: what a client asks for at once when it is opened (who is it, the decks; then the
# deck, what was done today, the cards), and the cards that are answered.
AT_OPENING, AT_A_DECK = 2, 3
ANSWERS = 18
_TO_THE_DECK_S = (2, 15)
_A_CARD_S = (3, 20)
_QUEUE_EVERY = 9


class Asked(NamedTuple):
    """One request, when it comes in, in seconds of the month."""

    at_s: float
    person: int


def requests_of_a_month(users: int, seed: int) -> Iterator[Asked]:
    """All requests of so many people, in the order of time; the same for the same seed."""
    dice = Random(seed)  # noqa: S311
    sessions = sorted(_beginnings(users, dice))
    under_way: list[Iterator[Asked]] = []
    ahead: list[tuple[Asked, int]] = []
    for begins_s in sessions:
        yield from _until(begins_s, ahead, under_way)
        session = _session(begins_s, dice.randrange(users), dice.random())
        under_way.append(session)
        heapq.heappush(ahead, (next(session), len(under_way) - 1))
    yield from _until(float("inf"), ahead, under_way)


def _beginnings(users: int, dice: Random) -> Iterator[float]:
    a_day = users * mix.SESSIONS / DAYS
    weights = sum(BY_HOUR)
    for day in range(DAYS):
        for hour, weight in enumerate(BY_HOUR):
            an_hour = a_day * weight / weights
            at_s = dice.expovariate(an_hour) * 3600
            while at_s < 3600:  # noqa: PLR2004
                yield day * DAY_S + hour * 3600 + at_s
                at_s += dice.expovariate(an_hour) * 3600


def _until(
    moment_s: float, ahead: list[tuple[Asked, int]], under_way: list[Iterator[Asked]]
) -> Iterator[Asked]:
    """What the sessions under way ask before a moment."""
    while ahead and ahead[0][0].at_s < moment_s:
        asked, number = heapq.heappop(ahead)
        yield asked
        following = next(under_way[number], None)
        if following:
            heapq.heappush(ahead, (following, number))


def _session(begins_s: float, person: int, seed: float) -> Iterator[Asked]:
    dice = Random(seed)  # noqa: S311
    at_s = begins_s
    yield from [Asked(at_s, person)] * AT_OPENING
    at_s += dice.uniform(*_TO_THE_DECK_S)
    yield from [Asked(at_s, person)] * AT_A_DECK
    for number in range(1, ANSWERS + 1):
        at_s += dice.triangular(*_A_CARD_S, _A_CARD_S[0] + 1)
        yield Asked(at_s, person)
        if number % _QUEUE_EVERY == 0:
            yield Asked(at_s + 0.1, person)
