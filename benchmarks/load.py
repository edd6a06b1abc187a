"""`python -m benchmarks.load`: a hundred people at once, against four servers over one store.

Writes benchmarks/results/load.json and its table of docs/performance.md; exits with 1 when a
request failed, was slow, or an acknowledged review is missing. About six minutes.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Bar, Machine, Spread, rounded
from benchmarks.load_people import Pacing, Tally, reviews_kept, study_at_once
from benchmarks.load_servers import Servers, over_a_directory, over_aws
from benchmarks.markdown import number, table
from benchmarks.publishing import tell, write_results, write_tables
from benchmarks.storage import DOCUMENT, ROOT

RESULTS = ROOT / "benchmarks" / "results" / "load.json"
BEGIN = "<!-- load tables: begin (written by make bench) -->"
END = "<!-- load tables: end -->"

PEOPLE = 100
SERVERS = 4
# A card in 3 to 20 seconds, 9 in the mean; all have arrived after a minute.
STUDYING = Pacing(arrival_s=60, until_s=150, least_s=3, most_s=20)
# Everybody at the keys without a pause: what the machine can do, not what people do.
RUSHING = Pacing(arrival_s=20, until_s=40, least_s=0, most_s=0.01)
_MOST_P95_MS = 500

Store = Callable[[Path, int], AbstractContextManager[Servers]]


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """One run: its people, what they asked and how long they waited.

    `lost` are acknowledged reviews that are not in the exports; `unasked` are reviews there that
    nobody asked for: more than the acknowledged ones and those that failed without an answer.
    """

    store: str
    people: int
    paced: bool
    seconds: float
    requests: int
    errors: list[str]
    ms: dict[str, Spread]
    all_ms: Spread
    cpu_ms_per_request: float
    acknowledged: int
    lost: int
    unasked: int


@dataclass(frozen=True, slots=True)
class LoadResults:
    """All runs; `cpu_ms_per_request` is of the servers of one machine that are kept busy."""

    machine: Machine
    servers: int
    think_s: tuple[float, float]
    runs: list[LoadFigures]
    cpu_ms_per_request: float
    bars: list[Bar]


def run(
    people: int = PEOPLE, studying: Pacing = STUDYING, rushing: Pacing = RUSHING
) -> LoadResults:
    """Both stores at the pace of people, and one without any."""
    runs = [
        _run("directory and SQLite", over_a_directory, people, studying, paced=True),
        _run("S3 and DynamoDB (emulated)", over_aws, people, studying, paced=True),
        _run("directory and SQLite", over_a_directory, people, rushing, paced=False),
    ]
    return LoadResults(
        machine=Machine.this(),
        servers=SERVERS,
        think_s=(studying.least_s, studying.most_s),
        runs=runs,
        cpu_ms_per_request=runs[-1].cpu_ms_per_request,
        bars=[bar for one in runs for bar in bars(one)],
    )


def bars(one: LoadFigures) -> Iterator[Bar]:
    """What a run promises; how long people wait only at their own pace."""
    name = one.store if one.paced else f"{one.store}, no pauses"
    yield Bar(name, "no request fails", len(one.errors), not one.errors)
    wrong = one.lost + one.unasked
    yield Bar(name, "every acknowledged review is there once", wrong, not wrong)
    if one.paced:
        slowest = max(spread.p95 for spread in one.ms.values())
        promise = f"95 of 100 of every kind of request within {_MOST_P95_MS} ms"
        yield Bar(name, promise, slowest, slowest < _MOST_P95_MS)


def _run(
    store: str, servers_over: Store, people: int, pacing: Pacing, *, paced: bool
) -> LoadFigures:
    names = [f"person-{number:03}" for number in range(people)]
    tally = Tally()
    with (
        tempfile.TemporaryDirectory() as directory,
        servers_over(Path(directory), SERVERS) as servers,
    ):
        before = servers.cpu_s()
        study_at_once(servers, names, pacing, tally)
        cpu_s = servers.cpu_s() - before
        kept = reviews_kept(servers, names)
    kept_more = sum(max(0, kept[name] - tally.acknowledged[name]) for name in names)
    differences = [tally.acknowledged[name] - kept[name] for name in names]
    return LoadFigures(
        store=store,
        people=people,
        paced=paced,
        seconds=pacing.until_s,
        requests=tally.requests,
        errors=tally.errors[:20],
        ms={name: Spread.of(values) for name, values in tally.ms.items()},
        all_ms=Spread.of(value for values in tally.ms.values() for value in values),
        cpu_ms_per_request=rounded(cpu_s * 1000 / tally.requests),
        acknowledged=sum(tally.acknowledged.values()),
        lost=sum(max(0, difference) for difference in differences),
        unasked=max(0, kept_more - tally.failed.get("review", 0)),
    )


def tables(results: LoadResults) -> str:
    names = list(dict.fromkeys(name for one in results.runs for name in one.ms))
    header = ("store", "pace", "requests", "errors", "lost", *names, "CPU a request")
    machine = results.machine
    about = (
        f"{machine.cores} cores for the {results.servers} servers, the emulator and all people,"
        f" Python {machine.python}. Milliseconds, median / 95th percentile."
    )
    return f"{about}\n\n{table(header, (_row(one, names) for one in results.runs))}"


def _row(one: LoadFigures, names: Sequence[str]) -> Sequence[str]:
    return (
        one.store,
        f"as people study, {one.seconds:.0f} s" if one.paced else "no pauses",
        f"{one.requests:,}",
        str(len(one.errors)),
        f"{one.lost} of {one.acknowledged:,}",
        *(_described(one.ms.get(name)) for name in names),
        f"{number(one.cpu_ms_per_request)} ms",
    )


def _described(spread: Spread | None) -> str:
    return f"{number(spread.p50)} / {number(spread.p95)}" if spread else ""


def main() -> int:
    results = run()
    write_results(results, RESULTS)
    write_tables(tables(results), DOCUMENT, BEGIN, END)
    return tell(tables(results), results.bars)


if __name__ == "__main__":
    sys.exit(main())
