"""`python -m benchmarks.warming`: how many cold starts the schedule takes away, in a simulation.

A month of people who study, and the environments of the API handler and of the authorizer that
their requests find. Fixed seeds. Writes benchmarks/results/warming.json and its table of
docs/performance.md; exits with 1 when the promise is not kept.
"""

import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.environments import Environments, Lifetimes
from benchmarks.figures import Bar, rounded
from benchmarks.markdown import table
from benchmarks.publishing import tell, write_results, write_tables
from benchmarks.storage import DOCUMENT, ROOT
from benchmarks.traffic import Asked, requests_of_a_month

RESULTS = ROOT / "benchmarks" / "results" / "warming.json"
BEGIN = "<!-- warming tables: begin (written by make bench) -->"
END = "<!-- warming tables: end -->"

USERS = (10, 100, 1_000)
PEOPLE = 100
# The environments of the handler and of the authorizer that the schedule asks for.
WARMED = ((0, 0), (1, 1), (3, 1), (3, 2), (3, 3))
CHOSEN = (3, 3)
EVERY_S, HOLD_S = 300, 0.3
LIFETIMES = Lifetimes(idle_s=(5 * 60, 45 * 60), whole_s=(2 * 3600, 6 * 3600))
AUTHORIZER_CACHE_S = 60
SEEDS = (1, 2, 3)
_HANDLER_S, _AUTHORIZER_S = 0.05, 0.03
_COLD_S = 1.0
_LEAST_CUT = 0.8


@dataclass(frozen=True, slots=True)
class WarmingFigures:
    """A month of so many people, the mean of all seeds.

    `waited` are the requests for which somebody waited for a cold start, of either function; `cut`
    is the share of them that went away, compared with no warming.
    """

    users: int
    warmed_handlers: int
    warmed_authorizers: int
    requests: float
    authorizations: float
    cold_handlers: float
    cold_authorizers: float
    waited: float
    cut: float


@dataclass(frozen=True, slots=True)
class WarmingResults:
    """`cold_starts_per_request` and the other share are those of PEOPLE with what was CHOSEN."""

    seeds: Sequence[int]
    lifetimes: Lifetimes
    figures: list[WarmingFigures]
    cold_starts_per_request: float
    authorizations_per_request: float
    bars: list[Bar]


@dataclass(slots=True)
class _Month:
    requests: int = 0
    authorizations: int = 0
    cold_handlers: int = 0
    cold_authorizers: int = 0
    waited: int = 0


def run(users: Sequence[int] = USERS, seeds: Sequence[int] = SEEDS) -> WarmingResults:
    """Simulate all of it."""
    figures = [one for people in users for one in _all_ways(people, seeds)]
    chosen = next(
        one
        for one in figures
        if one.users == PEOPLE and (one.warmed_handlers, one.warmed_authorizers) == CHOSEN
    )
    cold = chosen.cold_handlers + chosen.cold_authorizers
    promise = f"at least {_LEAST_CUT:.0%} fewer cold starts"
    return WarmingResults(
        seeds=seeds,
        lifetimes=LIFETIMES,
        figures=figures,
        cold_starts_per_request=cold / chosen.requests,
        authorizations_per_request=chosen.authorizations / chosen.requests,
        bars=[Bar(f"{PEOPLE} people", promise, chosen.cut, chosen.cut >= _LEAST_CUT)],
    )


def _all_ways(users: int, seeds: Sequence[int]) -> Iterator[WarmingFigures]:
    months = {
        warmed: [_simulated(requests_of_a_month(users, seed), warmed, seed) for seed in seeds]
        for warmed in WARMED
    }
    without = statistics.fmean(month.waited for month in months[(0, 0)])
    for (handlers, authorizers), simulated in months.items():
        waited = statistics.fmean(month.waited for month in simulated)
        yield WarmingFigures(
            users=users,
            warmed_handlers=handlers,
            warmed_authorizers=authorizers,
            requests=_mean(month.requests for month in simulated),
            authorizations=_mean(month.authorizations for month in simulated),
            cold_handlers=_mean(month.cold_handlers for month in simulated),
            cold_authorizers=_mean(month.cold_authorizers for month in simulated),
            waited=rounded(waited),
            cut=rounded(1 - waited / without),
        )


def _mean(counts: Iterator[int]) -> float:
    return rounded(statistics.fmean(counts))


def _simulated(asked: Iterator[Asked], warmed: tuple[int, int], seed: int) -> _Month:
    handlers = Environments(LIFETIMES, seed=2 * seed)
    authorizers = Environments(LIFETIMES, seed=2 * seed + 1)
    known: dict[int, tuple[float, float]] = {}
    month, next_warming_s = _Month(), 0.0
    for one in asked:
        while next_warming_s <= one.at_s:
            handlers.warm(next_warming_s, warmed[0], HOLD_S)
            authorizers.warm(next_warming_s, warmed[1], HOLD_S)
            next_warming_s += EVERY_S
        month.requests += 1
        at_s, cold_authorizer = one.at_s, False
        begins_s, ends_s = known.get(one.person, (0.0, 0.0))
        if not begins_s <= at_s < ends_s:
            month.authorizations += 1
            cold_authorizer = authorizers.ask(at_s, _AUTHORIZER_S, _COLD_S)
            at_s += _AUTHORIZER_S + (_COLD_S if cold_authorizer else 0)
            # Of several that are on their way at once, the first to come is kept.
            first_s = min(at_s, begins_s) if begins_s > one.at_s else at_s
            known[one.person] = (first_s, first_s + AUTHORIZER_CACHE_S)
        cold_handler = handlers.ask(at_s, _HANDLER_S, _COLD_S)
        month.cold_handlers += cold_handler
        month.cold_authorizers += cold_authorizer
        month.waited += cold_handler or cold_authorizer
    return month


def tables(results: WarmingResults) -> str:
    header = (
        "people",
        "warmed: handler, authorizer",
        "requests",
        "authorizer asked",
        "cold: handler, authorizer",
        "requests that waited",
        "fewer",
    )
    return table(header, map(_row, results.figures))


def _row(one: WarmingFigures) -> Sequence[str]:
    return (
        f"{one.users:,}",
        f"{one.warmed_handlers}, {one.warmed_authorizers}",
        f"{one.requests:,.0f}",
        f"{one.authorizations:,.0f}",
        f"{one.cold_handlers:,.0f}, {one.cold_authorizers:,.0f}",
        f"{one.waited:,.0f} ({one.waited / one.requests:.2%})",
        f"{one.cut:.1%}" if one.warmed_handlers else "",
    )


def main() -> int:
    results = run()
    write_results(results, RESULTS)
    write_tables(tables(results), DOCUMENT, BEGIN, END)
    return tell(tables(results), results.bars)


if __name__ == "__main__":
    sys.exit(main())
