"""Imports compared with real Anki's own, row by row and document by document."""

import random
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.packages import mutations
from tests.packages.judge import DATA, Case, compare, reopen
from tests.packages.sources import edit

GRAMMAR, VOCABULARY, GENANKI, STUDIED = PACKAGES = [
    DATA / "jlpt-n1-grammar.apkg",
    DATA / "jlpt-n1-vocabulary.apkg",
    DATA / "jlpt-n5-genanki.apkg",
    DATA / "jlpt-n5-legacy.apkg",
]
STUDIED_COLLECTION = DATA / "jlpt-n5-studied.anki2"
DAY_S = 86_400
SAO_PAULO_MINUTES_WEST = 180

Pair = tuple[dict[str, Any], dict[str, Any]]


def changed(source: Path, target: Path, change: Callable[[sqlite3.Connection], object]) -> Path:
    shutil.copy(source, target)
    with closing(sqlite3.connect(target)) as conn, conn:
        change(conn)
    return target


def packed(collection: Path) -> Path:
    target = collection.with_suffix(".apkg")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(collection, "collection.anki2")
        archive.writestr("media", "{}")
    return target


def shift_notes(seconds: int) -> Callable[[sqlite3.Connection], object]:
    return lambda conn: conn.execute("UPDATE notes SET mod = mod + ?, flds = flds", (seconds,))


def shift_first_day(days: int) -> Callable[[sqlite3.Connection], object]:
    return lambda conn: conn.execute("UPDATE col SET crt = crt + ?", (days * DAY_S,))


def break_starting_ease(conn: sqlite3.Connection) -> None:
    """What an old bug left behind, and Anki repairs in decks and their cards alike."""
    conn.execute("UPDATE cards SET factor = 1500 + id % 1000 WHERE factor != 0")
    edit(conn, "dconf", lambda dconf: dconf["1"]["new"].update(initialFactor=1300))


NAMES = [
    "grammar of the first scheduler",
    "vocabulary of the first scheduler",
    "written by genanki",
    "studied, with scheduling",
    "all one after the other",
    "the same one twice",
    "into the collection it came from",
    "where all notes are newer",
    "where all notes are older",
    "begun a hundred days earlier",
    "begun a hundred days later",
    "with the starting ease of an old bug",
]


@pytest.fixture(scope="module")
def outcomes(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    work_dir = tmp_path_factory.mktemp("outcomes")

    def variant(name: str, change: Callable[[sqlite3.Connection], object]) -> Path:
        return changed(STUDIED_COLLECTION, work_dir / f"{name}.anki2", change)

    cases = [
        *(Case(fresh, [file]) for file in PACKAGES),
        Case(fresh, PACKAGES),
        Case(fresh, [STUDIED, STUDIED]),
        Case(STUDIED_COLLECTION, PACKAGES),
        Case(variant("newer", shift_notes(100)), [STUDIED, GENANKI]),
        Case(variant("older", shift_notes(-100)), [STUDIED, GENANKI]),
        Case(changed(fresh, work_dir / "earlier.anki2", shift_first_day(-100)), [STUDIED]),
        Case(changed(fresh, work_dir / "later.anki2", shift_first_day(100)), [STUDIED]),
        Case(fresh, [packed(variant("ease", break_starting_ease))]),
    ]
    return dict(zip(NAMES, compare(cases, work_dir), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_a_real_package_arrives_as_it_does_in_anki(outcomes: dict[str, Pair], name: str) -> None:
    ours, theirs = outcomes[name]
    assert ours["notes"]
    assert ours == theirs


@pytest.fixture(scope="module")
def differences(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    """Each kind of difference alone, in a package whose notes are all newer than those here."""
    work_dir = tmp_path_factory.mktemp("differences")

    def change_target(conn: sqlite3.Connection) -> None:
        mutations.fewer_cards(conn, random.Random(1))
        mutations.known_tags(conn, random.Random(2))

    target = changed(STUDIED_COLLECTION, work_dir / "target.anki2", change_target)
    cases = []
    for number, change in enumerate(mutations.CHANGES):

        def change_source(
            conn: sqlite3.Connection,
            change: mutations.Change = change,
            rng: random.Random = random.Random(number),  # noqa: B008  # one for each
        ) -> None:
            shift_notes(100)(conn)
            change(conn, rng)

        source = changed(STUDIED_COLLECTION, work_dir / f"{number}.anki2", change_source)
        cases.append(Case(target, [packed(source)]))
    names = [change.__name__ for change in mutations.CHANGES]
    return dict(zip(names, compare(cases, work_dir), strict=True))


@pytest.mark.parametrize("kind", [change.__name__ for change in mutations.CHANGES])
def test_each_kind_of_difference_is_merged_as_in_anki(
    differences: dict[str, Pair], kind: str
) -> None:
    ours, theirs = differences[kind]
    for part in ours:
        assert ours[part] == theirs[part], part


def random_case(seed: int, fresh: Path, work_dir: Path, minutes_west: int) -> Case:
    """A collection and a package that have diverged from each other in several ways."""
    rng = random.Random(seed)
    source = changed(
        STUDIED_COLLECTION,
        work_dir / f"source-{seed}.anki2",
        lambda conn: mutations.mutate(conn, rng, rng.randint(1, 6)),
    )
    base = fresh if rng.random() < 0.25 else STUDIED_COLLECTION

    def change_target(conn: sqlite3.Connection) -> None:
        if base is not fresh:
            mutations.mutate(conn, rng, rng.randint(0, 4), besides=mutations.first_scheduler)
        edit(conn, "conf", lambda conf: conf.update(localOffset=minutes_west))

    target = changed(base, work_dir / f"target-{seed}.anki2", change_target)
    return Case(target, [packed(source)] * rng.choice([1, 1, 2]))


@pytest.mark.parametrize(
    ("time_zone", "minutes_west", "seeds"),
    [("UTC", 0, range(12)), ("America/Sao_Paulo", SAO_PAULO_MINUTES_WEST, range(100, 105))],
)
def test_collections_that_diverged_in_random_ways_merge_as_in_anki(
    fresh: Path, tmp_path: Path, time_zone: str, minutes_west: int, seeds: range
) -> None:
    cases = [random_case(seed, fresh, tmp_path, minutes_west) for seed in seeds]
    reopen([case.collection for case in cases], time_zone)
    for seed, (ours, theirs) in zip(
        seeds, compare(cases, tmp_path, time_zone, minutes_west), strict=True
    ):
        for part in ours:
            assert ours[part] == theirs[part], (seed, part)


def test_names_that_templates_cannot_use_are_corrected_as_in_anki(
    fresh: Path, tmp_path: Path
) -> None:
    def change(conn: sqlite3.Connection, seed: int) -> None:
        mutations.awkward_names(conn, random.Random(seed))

    cases = [
        Case(
            fresh,
            [
                packed(
                    changed(
                        STUDIED_COLLECTION,
                        tmp_path / f"{seed}.anki2",
                        lambda conn, seed=seed: change(conn, seed),  # type: ignore[misc]
                    )
                )
            ],
        )
        for seed in range(4)
    ]
    for ours, theirs in compare(cases, tmp_path):
        assert ours["notetypes"] == theirs["notetypes"]
