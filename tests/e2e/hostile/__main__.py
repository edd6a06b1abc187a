"""python -m tests.e2e.hostile --count 2000 --seed 1 [--first 500] [--only WORDS]"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.hostile import (
    cells,
    damaged,
    databases,
    documents,
    latest,
    media,
    texts,
    zips,
)
from tests.e2e.hostile.driver import Arena, Outcome, arena
from tests.e2e.hostile.kinds import Attack, Kind

KINDS: list[Kind] = [
    kind
    for module in (damaged, zips, latest, databases, cells, documents, texts, media)
    for kind in module.KINDS
]


def attacks(
    count: int, seed: int, kinds: list[Kind] = KINDS, *, first: int = 0
) -> Iterator[Attack]:
    """So many files, each kind in turn."""
    for number in range(first, first + count):
        yield kinds[number % len(kinds)].attack(number // len(kinds), seed)


def run(target: Arena, files: Iterator[Attack]) -> Iterator[Outcome]:
    """Send them all; each outcome is told at once where it is bad."""
    for number, attack in enumerate(files):
        outcome = target.send(attack)
        for problem in outcome.problems:
            print(f"{number} {attack.kind} ({attack.door}): {problem}", flush=True)
        yield outcome


def _tell(outcomes: list[Outcome]) -> None:
    statuses: dict[str, Counter[int]] = {}
    for outcome in outcomes:
        statuses.setdefault(outcome.attack.kind, Counter())[outcome.status] += 1
    for kind, counts in statuses.items():
        print(f"{kind:50}", ", ".join(f"{status}: {n}" for status, n in sorted(counts.items())))
    print("all:", dict(Counter(outcome.status for outcome in outcomes)))
    for what, key in (
        ("slowest", lambda outcome: outcome.work_s),
        ("largest", lambda outcome: outcome.peak_bytes),
    ):
        for one in sorted(outcomes, key=key)[:-6:-1]:
            print(
                f"{what}: {one.attack.kind} ({one.attack.door}), {one.status},"
                f" {one.seconds:.2f} s, {one.work_s:.2f} s of work, {one.peak_bytes >> 20} MB"
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first one")
    parser.add_argument("--only", default="", help="kinds with these words in their names")
    arguments = parser.parse_args()
    kinds = [kind for kind in KINDS if arguments.only in kind.name]
    with (
        tempfile.TemporaryDirectory(prefix="javumbo-hostile-") as folder,
        arena(Path(folder)) as target,
    ):
        outcomes = list(
            run(target, attacks(arguments.count, arguments.seed, kinds, first=arguments.first))
        )
        _tell(outcomes)
        spoilt = target.judge_accepted()
        written = target.marked_files()
        print(f"{target.accepted} accepted; real Anki finds fault with: {spoilt or 'none'}")
        print(f"written outside: {written or 'nothing'}")
    return int(bool(spoilt or written or any(outcome.problems for outcome in outcomes)))


if __name__ == "__main__":
    sys.exit(main())
