"""What real Anki makes of packages made here."""

import time
from pathlib import Path
from typing import Any

import pytest

from chalicelib.packages.exporting import (
    PackageOptions,
    export_collection_package,
    export_notes_package,
)
from chalicelib.packages.package_version import PackageVersion
from tests.packages import judge
from tests.packages.exporting.judge import FolderMedia, run_anki
from tests.packages.exporting.test_like_anki import exported
from tests.packages.exporting.worlds import Case


def imported(
    packages: list[Path], directory: Path, began_s: int
) -> list[tuple[dict[str, Any], Any]]:
    """What Check Database says, and what is there, after importing each into an empty profile.

    Times since `began_s` are all one.
    """
    profiles = [directory / f"{package.stem}-imported" for package in packages]
    for profile in profiles:
        profile.mkdir()
    jobs = [
        {"do": "import", "package": str(package), "directory": str(profile)}
        for package, profile in zip(packages, profiles, strict=True)
    ]
    reports = run_anki("run", jobs=jobs)
    return [
        (report, _contents(profile, began_s))
        for report, profile in zip(reports, profiles, strict=True)
    ]


def _contents(profile: Path, began_s: int) -> dict[str, Any]:
    media = profile / "collection.media"
    files = {path.name: path.read_bytes() for path in media.iterdir()} if media.exists() else {}
    return judge.contents(profile / "collection.anki2", began_s) | {"media": files}


def test_anki_imports_our_packages_without_complaints_and_as_its_own(
    cases: list[Case], tmp_path: Path
) -> None:
    chosen = cases[::3]
    ours = [tmp_path / f"ours-{number}.apkg" for number in range(len(chosen))]
    for case, target in zip(chosen, ours, strict=True):
        exported(case, target)
    began_s = now_s()
    results = imported(ours, tmp_path, began_s)
    theirs = imported([case.package for case in chosen], tmp_path, began_s)
    for case, (report, found), (their_report, expected) in zip(
        chosen, results, theirs, strict=True
    ):
        assert report == their_report, str(case)
        assert found == expected, str(case)
    is_clean = {
        case.collection.parent.name: report["ok"]
        for case, (report, _) in zip(chosen, results, strict=True)
    }
    assert is_clean["studied"] is True
    assert is_clean["made here"] is True


@pytest.mark.parametrize("version", [PackageVersion.LEGACY_2, PackageVersion.LATEST])
def test_a_whole_collection_comes_back_from_anki_as_it_was(
    worlds: list[Path], version: PackageVersion, tmp_path: Path
) -> None:
    sound = [world for world in worlds if not world.parent.name.startswith(("without", "with"))]
    packages = [tmp_path / f"{number}.colpkg" for number in range(len(sound))]
    for world, package in zip(sound, packages, strict=True):
        media = FolderMedia(world.with_suffix(".media"))
        export_collection_package(world, package, media, version, now_ms=0)
    began_s = now_s()
    results = imported(packages, tmp_path, began_s)
    for world, (report, found) in zip(sound, results, strict=True):
        assert report["ok"] is True, str(world)
        expected = _contents(world.parent, began_s)
        names = {key: expected[key].keys() for key in ("options", "notetypes", "decks")}
        for document in ("options", "notetypes", "decks"):  # Anki fills in what is missing
            for name, value in expected.pop(document).items():
                assert within(found[document][name], value), str(world)
        # Importing a whole collection marks it, and Check Database sets the position anew.
        assert found.pop("schema changed") is True
        assert expected.pop("schema changed") is False
        assert found.pop("next position") <= expected.pop("next position")
        for document in ("options", "notetypes", "decks"):
            assert found.pop(document).keys() == names[document]
        assert found == expected, str(world)


def test_the_oldest_kind_of_package_is_read_as_the_newest(
    worlds: list[Path], tmp_path: Path
) -> None:
    packages = [tmp_path / f"{version}.apkg" for version in PackageVersion]
    world = worlds[0]
    for version, package in zip(PackageVersion, packages, strict=True):
        options = PackageOptions(version=version, now_ms=0)
        export_notes_package(world, package, FolderMedia(world.with_suffix(".media")), options)
    (_, oldest), *others = imported(packages, tmp_path, now_s())
    assert [found for _, found in others] == [oldest, oldest]
    assert len(oldest["revlog"]) == 2838


def within(found: Any, expected: Any) -> bool:
    """Whether all that is expected is there, perhaps among other keys."""
    if isinstance(expected, dict):
        return all(within(found[key], value) for key, value in expected.items())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(within, found, expected))
    return bool(found == expected)


def now_s() -> int:
    return time.time_ns() // 1_000_000_000
