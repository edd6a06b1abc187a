"""Imports under each option of Anki's dialog, compared with real Anki's own."""

import itertools
import random
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.packages import ImportOptions
from chalicelib.packages.import_options import UpdateCondition
from tests.packages import mutations
from tests.packages.judge import Case, compare, reopen, run_anki
from tests.packages.test_like_anki import (
    GRAMMAR,
    STUDIED,
    STUDIED_COLLECTION,
    changed,
    packed,
    random_case,
)

CONDITIONS: tuple[UpdateCondition, ...] = ("if_newer", "always", "never")


def random_options(rng: random.Random, *, merge_notetypes: bool) -> ImportOptions:
    return ImportOptions(
        with_scheduling=rng.random() < 0.5,
        with_deck_configs=rng.random() < 0.5,
        update_notes=rng.choice(CONDITIONS),
        update_notetypes=rng.choice(CONDITIONS),
        merge_notetypes=merge_notetypes,
    )


def assert_like_anki(cases: Sequence[Case], work_dir: Path) -> None:
    reopen([case.collection for case in cases])
    for number, (ours, theirs) in enumerate(compare(cases, work_dir)):
        assert ours["notes"]
        for part in ours:
            assert ours[part] == theirs[part], (number, cases[number].options, part)


def test_collections_that_diverged_merge_as_in_anki_under_any_options(
    fresh: Path, tmp_path: Path
) -> None:
    cases = []
    for seed in range(200, 205):
        options = random_options(random.Random(seed), merge_notetypes=False)
        cases.append(replace(random_case(seed, fresh, tmp_path, 0), options=options))
    assert_like_anki(cases, tmp_path)


def test_packages_of_all_ages_arrive_without_scheduling_as_in_anki(
    fresh: Path, tmp_path: Path
) -> None:
    bare = ImportOptions(with_scheduling=False, with_deck_configs=False)
    without_positions = changed(
        STUDIED_COLLECTION,
        tmp_path / "source.anki2",
        lambda conn: conn.execute("UPDATE cards SET data = '{}' WHERE id % 3 > 0"),
    )
    cases = [
        Case(Path(shutil.copy(fresh, tmp_path / f"{number}.anki2")), [package], options)
        for number, (package, options) in enumerate(
            itertools.product(
                (GRAMMAR, STUDIED, packed(without_positions)),
                (bare, replace(bare, with_deck_configs=True), replace(bare, with_scheduling=True)),
            )
        )
    ]
    assert_like_anki(cases, tmp_path)


STRUCTURES: list[mutations.Change] = [
    mutations.newer_notes,
    mutations.fewer_notes,
    mutations.fewer_cards,
    mutations.newer_notetypes,
    mutations.renamed_fields,
    mutations.renamed_notetypes,
    mutations.more_fields,
    mutations.other_sort_field,
    mutations.other_questions,
    mutations.more_templates,
    mutations.swapped_fields,
]


def restructured(name: str, rng: random.Random, work_dir: Path) -> Path:
    def change(conn: sqlite3.Connection) -> None:
        for each in rng.sample(STRUCTURES, rng.randint(1, 4)):
            each(conn, rng)

    return changed(STUDIED_COLLECTION, work_dir / f"{name}.anki2", change)


@pytest.mark.parametrize("seeds", [range(6), range(6, 12)])
def test_notetypes_of_other_structures_are_merged_as_in_anki(tmp_path: Path, seeds: range) -> None:
    cases = []
    for seed in seeds:
        rng = random.Random(seed)
        source = restructured(f"source-{seed}", rng, tmp_path)
        target = restructured(f"target-{seed}", rng, tmp_path)
        cases.append(Case(target, [packed(source)], random_options(rng, merge_notetypes=True)))
    assert_like_anki(cases, tmp_path)


def test_notetypes_that_are_not_joined_are_replaced_as_in_anki(tmp_path: Path) -> None:
    """Fields that have another name here stay the same field; questions may be without any."""
    cases = []
    for seed in range(40, 46):
        rng = random.Random(seed)

        def rename(conn: sqlite3.Connection, rng: random.Random = rng) -> None:
            mutations.other_questions(conn, rng)
            mutations.renamed_fields(conn, rng)

        target = changed(STUDIED_COLLECTION, tmp_path / f"target-{seed}.anki2", rename)
        source = restructured(f"source-{seed}", rng, tmp_path)
        options = replace(random_options(rng, merge_notetypes=False), update_notetypes="always")
        cases.append(Case(target, [packed(source)], options))
    assert_like_anki(cases, tmp_path)


def test_notetypes_that_earlier_imports_added_beside_ours_are_merged_too(tmp_path: Path) -> None:
    cases = []
    for seed in range(20, 25):
        rng = random.Random(seed)
        target = restructured(f"target-{seed}", rng, tmp_path)
        earlier, later = (
            packed(restructured(f"source-{seed}-{number}", rng, tmp_path)) for number in range(2)
        )
        (result,) = run_anki([{"collection": str(target), "packages": [str(earlier)]}])
        assert result["error"] is None
        cases.append(Case(target, [later], random_options(rng, merge_notetypes=True)))
    assert_like_anki(cases, tmp_path)


def test_our_notes_get_the_notetypes_that_they_have_in_the_package(tmp_path: Path) -> None:
    def with_other_ids(name: str, rng: random.Random, *, newer: bool) -> Path:
        def change(conn: sqlite3.Connection) -> None:
            mutations.other_notetype_ids(conn, rng)
            if newer:
                mutations.newer_notes(conn, rng)

        return changed(STUDIED_COLLECTION, tmp_path / f"{name}.anki2", change)

    cases = []
    for seed in range(30, 34):
        rng = random.Random(seed)
        target = with_other_ids(f"target-{seed}", rng, newer=False)
        source = restructured(f"source-{seed}", rng, tmp_path)
        cases.append(Case(target, [packed(source)], random_options(rng, merge_notetypes=True)))
    assert_like_anki(cases, tmp_path)
