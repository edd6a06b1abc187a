"""Packages made here, compared with those that real Anki makes of the same collections."""

import time
from pathlib import Path

import pytest

from chalicelib.packages.exporting import (
    PackageOptions,
    Scope,
    export_collection_package,
    export_notes_package,
    reading,
)
from chalicelib.packages.package_version import PackageVersion
from tests.packages.exporting.judge import FolderMedia, contents, run_anki
from tests.packages.exporting.worlds import Case


def exported(case: Case, target: Path) -> int:
    """The same export made here."""
    now_ms = time.time_ns() // 1_000_000
    limit, options = case.limit, case.options
    with reading(case.collection) as conn:
        scope = Scope(limit.get("deck"), limit.get("search"))
        note_ids = limit.get("notes") or scope.note_ids(conn, now_ms)
    return export_notes_package(
        case.collection,
        target,
        FolderMedia(case.collection.with_suffix(".media")) if options["with_media"] else None,
        PackageOptions(
            version=PackageVersion.LEGACY_2 if options["legacy"] else PackageVersion.LATEST,
            scheduling=options["with_scheduling"],
            presets=options["with_deck_configs"],
            now_ms=now_ms,
        ),
        note_ids=note_ids,
    )


def test_packages_hold_row_by_row_what_ankis_hold(cases: list[Case], tmp_path: Path) -> None:
    for case in cases:
        target = tmp_path / "ours.apkg"
        assert exported(case, target) == case.notes, str(case)
        assert contents(target) == contents(case.package), str(case)


def test_the_cases_are_not_all_alike(cases: list[Case]) -> None:
    """What the comparison says depends on there being something to compare."""
    for name in ("with_scheduling", "with_deck_configs", "legacy", "with_media"):
        assert {case.options[name] for case in cases} == {True, False}
    found = [contents(case.package) for case in cases]
    decks = [deck for one in found for deck in one["decks"] if isinstance(one["decks"], list)]
    assert any("terms" in str(deck) for deck in decks)
    assert any("fsrsParams6': [0.5" in str(one.get("dconf")) for one in found)
    assert any(len(one["media"]) > 5 for one in found)
    assert any(card["odid"] for one in found for card in one["cards"])
    assert sum(case.notes for case in cases) > 1000


@pytest.mark.parametrize("version", [PackageVersion.LEGACY_2, PackageVersion.LATEST])
@pytest.mark.parametrize("has_media", [True, False])
def test_whole_collections_are_packed_like_ankis(
    worlds: list[Path], version: PackageVersion, has_media: bool, tmp_path: Path
) -> None:
    jobs = [
        {
            "do": "export all",
            "collection": str(world),
            "target": str(tmp_path / f"{number}.colpkg"),
            "media": has_media,
            "legacy": version == PackageVersion.LEGACY_2,
        }
        for number, world in enumerate(worlds)
    ]
    run_anki("run", jobs=jobs)
    for number, world in enumerate(worlds):
        media = FolderMedia(world.with_suffix(".media")) if has_media else None
        target = tmp_path / "ours.colpkg"
        export_collection_package(world, target, media, version, now_ms=0)
        assert contents(target) == contents(tmp_path / f"{number}.colpkg"), str(world)
