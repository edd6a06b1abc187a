"""The benchmark measures what it says: its smallest collection, with stores that take no time."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import model
from benchmarks.bars import check
from benchmarks.changes import Submission, submissions
from benchmarks.collections import SIZES, copy_from, make
from benchmarks.engines import (
    DELTA_LOG,
    OWNER,
    WHOLE_FILE,
    Container,
    Engine,
    delta_log,
    whole_file,
)
from benchmarks.figures import EngineFigures, ModelFigures, Results, Spread
from benchmarks.markdown import verdicts
from benchmarks.measuring import Samples
from benchmarks.network import Network
from benchmarks.report import BEGIN, END, replace_tables
from benchmarks.running import run
from benchmarks.stores import MeteredBaseStore
from benchmarks.usage import Kind, Usage
from benchmarks.whole_file import WholeFileStorage

SMALLEST = SIZES[0]
NO_TIME = replace(model.INSTANT, name=model.CONSERVATIVE.name)
FEW = Samples(warm=5, behind=2, alternating=4, cold=1, folds=1, cpu=2, unfolded=3)


@pytest.fixture(scope="module")
def results() -> Results:
    return run([SMALLEST], [NO_TIME], lambda _: None, lambda *_: FEW)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("benchmarks") / "source.anki2"
    make(path, SMALLEST)
    return path


def figures_of(results: Results, engine: str) -> ModelFigures:
    return results.collections[0].on(engine).under(NO_TIME.name)


def first_submissions(source: Path, count: int) -> list[Submission]:
    conn = sqlite3.connect(source)
    try:
        return list(islice(submissions(conn), count))
    finally:
        conn.close()


def filled(engine: Engine, source: Path, cache_dir: Path) -> Container:
    container = engine.container(cache_dir)
    container.create(lambda conn: copy_from(source, conn))
    return container


def content(container: Container) -> dict[str, list[tuple[object, ...]]]:
    found: dict[str, list[tuple[object, ...]]] = {}

    def reading(conn: sqlite3.Connection) -> None:
        for table in ("col", "notes", "cards", "revlog"):
            found[table] = conn.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()

    container.read(reading)
    return found


def test_an_answer_is_one_small_write_of_the_log_and_nothing_else(results: Results) -> None:
    figures = figures_of(results, DELTA_LOG)
    assert figures.warm_answer_requests == (1, 1)
    assert figures.requests == {Kind.LOG_WRITE: 1}
    assert 0 < figures.bytes_up.p50 <= 2048


def test_the_baseline_validates_and_sends_the_whole_file(results: Results) -> None:
    figures = figures_of(results, WHOLE_FILE)
    assert figures.requests == {Kind.OBJECT_GET: 1, Kind.OBJECT_PUT: 1}
    assert figures.bytes_up.p50 >= results.collections[0].bytes


def test_catching_up_brings_a_commit_to_the_log_s_reader_and_a_file_to_the_other(
    results: Results,
) -> None:
    assert 0 < figures_of(results, DELTA_LOG).behind_bytes_down < 16_384
    assert figures_of(results, WHOLE_FILE).behind_bytes_down >= results.collections[0].bytes


def test_a_fold_sends_the_file_once_and_its_share_is_in_the_mean(results: Results) -> None:
    figures = figures_of(results, DELTA_LOG)
    assert figures.fold
    assert figures.fold.requests[Kind.OBJECT_PUT] == 1
    assert figures.fold.bytes_up >= results.collections[0].bytes
    share = figures.fold.bytes_up / figures.fold.answers_per_fold
    assert figures.bytes_up_with_folds > share
    cost = figures.dollars_per_million
    assert cost.requests < cost.with_folds < cost.with_lambda


def test_an_answer_that_was_not_committed_first_costs_one_more_write(results: Results) -> None:
    assert figures_of(results, DELTA_LOG).alternating_requests == 2


@pytest.mark.parametrize("make_engine", [delta_log, whole_file])
def test_containers_in_turn_make_of_the_answers_what_one_file_would(
    make_engine: Callable[[], Engine], source: Path, tmp_path: Path
) -> None:
    engine = make_engine()
    one = filled(engine, source, tmp_path / "one")
    other = engine.container(tmp_path / "other")
    expected = sqlite3.connect(":memory:", isolation_level=None)
    copy_from(source, expected)
    for number, submission in enumerate(first_submissions(source, 12)):
        (one, other)[number % 2].change(submission)
        submission.apply(expected)
    wanted = {
        table: expected.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()
        for table in ("col", "notes", "cards", "revlog")
    }
    expected.close()
    assert content(one) == content(other) == wanted


def test_the_baseline_runs_a_change_again_when_another_one_was_first(
    source: Path, tmp_path: Path
) -> None:
    base = MeteredBaseStore(Network())
    one, other = (WholeFileStorage(base, tmp_path / name) for name in ("one", "other"))
    one.create(OWNER, lambda conn: copy_from(source, conn))
    runs = 0

    def rename(conn: sqlite3.Connection) -> None:
        conn.execute("UPDATE notes SET tags = tags || ' other '")

    def slow(conn: sqlite3.Connection) -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            other.transact(OWNER, rename)
        conn.execute("UPDATE notes SET tags = tags || ' one '")

    one.transact(OWNER, slow)
    tags = other.read(OWNER, lambda conn: conn.execute("SELECT tags FROM notes").fetchall())
    assert runs == 2
    assert all(tag.endswith(" other  one ") for (tag,) in tags)


def test_the_made_collection_is_sound_and_always_the_same(source: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.anki2"
    make(again, SMALLEST)
    assert again.read_bytes() == source.read_bytes()
    conn = sqlite3.connect(source)
    assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    kinds = {kind for (kind,) in conn.execute("SELECT DISTINCT type FROM cards")}
    assert kinds >= {0, 1, 2}
    conn.close()


def test_the_same_request_twice_is_one_change_of_the_log(source: Path, tmp_path: Path) -> None:
    engine = delta_log()
    container = filled(engine, source, tmp_path)
    (submission,) = first_submissions(source, 1)
    container.change(submission)
    before = content(container)
    container.change(submission)
    assert content(container) == before


def test_promises_that_are_not_kept_are_told(results: Results) -> None:
    assert all(bar.kept for bar in results.bars if "CPU" not in bar.promise)
    (collection,) = results.collections
    engine = collection.on(DELTA_LOG)
    figures = replace(
        engine.under(NO_TIME.name),
        bytes_up=Spread(2049, 2049, 1),
        warm_answer_requests=(1, 2),
    )
    broken = EngineFigures(DELTA_LOG, engine.cpu, [figures])
    worse = replace(collection, name="10 MB", engines=[broken, collection.on(WHOLE_FILE)])
    kept = {bar.promise: bar.kept for bar in check([worse])}
    assert kept["at most 2048 bytes up (median)"] is False
    assert kept["exactly 1 round trip an answer"] is False
    assert "an answer at least 15 times faster" in kept
    assert "BROKEN" in verdicts(check([worse]))


def test_the_tables_are_replaced_and_the_text_around_them_stays(results: Results) -> None:
    document = f"before\n{BEGIN}\nthe last run\n{END}\nafter\n"
    once = replace_tables(document, results)
    assert once.startswith(f"before\n{BEGIN}\n")
    assert once.endswith(f"{END}\nafter\n")
    assert "the last run" not in once
    assert replace_tables(once, results) == once


def test_prices_and_units_are_those_of_the_bill() -> None:
    assert [model.write_units(size) for size in (1, 1024, 1025)] == [1, 1, 2]
    assert [model.read_units(size) for size in (0, 4096, 4097)] == [1, 1, 2]
    usage = Usage({Kind.OBJECT_PUT: 1, Kind.OBJECT_GET: 1, Kind.OBJECT_DELETE: 1}, 0, 0, 2, 1)
    assert model.dollars(usage) == pytest.approx(5.0 + 0.4 + 2 * 0.625 + 0.125)
    assert model.lambda_dollars(0.5) == pytest.approx(8.335)


def test_the_model_takes_its_time_for_a_request_and_for_its_bytes() -> None:
    latency = model.CONSERVATIVE
    assert latency.seconds(Kind.LOG_WRITE, 0) == pytest.approx(0.010)
    assert latency.seconds(Kind.OBJECT_PUT, 9_000_000) == pytest.approx(0.060 + 0.1)
