"""The load test tells what happens to a few people in a few seconds, and what would be wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import load
from benchmarks.figures import Machine, Spread
from benchmarks.load_people import Pacing, Tally, reviews_kept, study_at_once
from benchmarks.load_servers import over_a_directory
from tests.support import local_http

QUICK = Pacing(arrival_s=0.2, until_s=5, least_s=0, most_s=0.2)
NAMES = ["person-000", "person-001", "person-002"]
RUN = load.LoadFigures(
    store="memory",
    people=3,
    paced=True,
    seconds=3,
    requests=10,
    errors=[],
    ms={"review": Spread(5, 499, 10)},
    all_ms=Spread(5, 499, 10),
    cpu_ms_per_request=1,
    acknowledged=7,
    lost=0,
    unasked=0,
)


def test_people_register_log_in_and_study_and_their_reviews_are_counted(tmp_path: Path) -> None:
    tally = Tally()
    with over_a_directory(tmp_path, 2, {"BCRYPT_ROUNDS": "4"}) as servers:
        before = servers.cpu_s()
        study_at_once(servers, NAMES, QUICK, tally)
        assert servers.cpu_s() > before
        kept = reviews_kept(servers, NAMES)
        with local_http.Client(base_url=servers.addresses[1]) as http:
            assert http.get("/health").is_success
    assert tally.errors == []
    assert len(tally.ms["register"]) == len(tally.ms["login"]) == len(NAMES)
    assert len(tally.ms["review"]) == sum(tally.acknowledged.values()) > 0
    assert kept == dict(tally.acknowledged)


def test_what_is_no_answer_is_told_and_not_counted(tmp_path: Path) -> None:
    tally = Tally()
    with over_a_directory(tmp_path, 1, {"BCRYPT_ROUNDS": "4"}) as servers:
        study_at_once(servers, NAMES[:1], replace(QUICK, until_s=0.5), Tally())
        study_at_once(servers, NAMES[:1], replace(QUICK, until_s=0.5), tally)
    (taken,) = (error for error in tally.errors if error.startswith("register"))
    assert "400" in taken
    assert tally.failed["register"] == 1


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"errors": ["review: 503"]}, "no request fails"),
        ({"lost": 1}, "every acknowledged review is there once"),
        ({"unasked": 1}, "every acknowledged review is there once"),
        ({"ms": {"review": Spread(5, 500, 10)}}, "within 500 ms"),
        ({"ms": {"a": Spread(1, 1, 9), "b": Spread(5, 800, 9)}}, "within 500 ms"),
    ],
)
def test_promises_that_are_not_kept_are_told(changes: dict[str, object], broken: str) -> None:
    assert all(bar.kept for bar in load.bars(RUN))
    told = [bar for bar in load.bars(replace(RUN, **changes)) if not bar.kept]  # type: ignore[arg-type]
    assert [broken in bar.promise for bar in told] == [True]


def test_nothing_is_promised_of_how_long_a_rush_takes() -> None:
    rush = replace(RUN, paced=False, ms={"review": Spread(5_000, 9_000, 10)})
    assert all(bar.kept for bar in load.bars(rush))


def test_the_table_has_a_column_for_every_kind_of_request_of_any_run() -> None:
    other = replace(RUN, ms={"cards": Spread(1, 2, 3)})
    results = load.LoadResults(Machine.this(), 4, (3, 20), [RUN, other], 1, [])
    shown = load.tables(results)
    assert "| review | cards |" in shown
    assert "5 / 499 |  |" in shown
