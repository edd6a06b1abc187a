"""The benchmark of packages measures what it says: few notes, with real Anki and a real server."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.collections import CollectionSize
from benchmarks.markdown import verdicts
from benchmarks.packages import Scale, bars, run, tables
from benchmarks.packages_anki import running_anki
from benchmarks.packages_figures import PackageResults, Times
from benchmarks.packages_files import with_media
from benchmarks.packages_import import Step, import_here, measure_imports, new_collection

NOTES = CollectionSize("30 notes", notes=30, decks=2, days=20)
MEDIA = CollectionSize("media", notes=12, decks=2, days=5)
CLIP_BYTES = 5_000


@pytest.fixture(scope="module")
def results() -> PackageResults:
    return run(Scale(NOTES, MEDIA, CLIP_BYTES, samples=2))


def broken(results: PackageResults) -> set[tuple[str, str]]:
    found = bars(results.imports, results.memory, results.upload)
    return {(bar.collection, bar.promise) for bar in found if not bar.kept}


def test_every_way_in_and_out_is_measured_here_and_in_anki(results: PackageResults) -> None:
    assert len({one.name for one in results.imports}) == 7
    assert sum(one.notes for one in results.imports) == 6 * NOTES.notes
    assert {one.kind.split(",")[0] for one in results.exports} == {"apkg", "colpkg"}
    pairs = [(one.ours_ms, one.anki_ms) for one in results.imports]
    pairs += [(one.ours_ms, one.anki_ms) for one in results.exports]
    for times in (times for pair in pairs for times in pair):
        assert times.samples == 2
        assert 0 < times.best <= times.median


def test_the_server_takes_all_media_and_its_memory_is_its_own(results: PackageResults) -> None:
    upload = results.upload
    assert upload.media_files == MEDIA.notes
    assert upload.file_bytes > MEDIA.notes * CLIP_BYTES
    assert 0 < upload.idle_megabytes <= upload.peak_megabytes


def test_long_notes_are_more_to_unpack_and_take_more_memory(results: PackageResults) -> None:
    short, long = results.memory
    assert long.unpacked_bytes > short.unpacked_bytes + NOTES.notes * 9_000
    assert short.peak_megabytes > 0


def test_an_import_that_is_slower_than_promised_is_told(results: PackageResults) -> None:
    first = replace(results.imports[0], ours_ms=Times(301, 400, 2), anki_ms=Times(100, 100, 2))
    found = list(bars([first], results.memory, results.upload))
    assert (found[0].measured, found[0].kept) == (3.01, False)
    assert "BROKEN" in verdicts(found)
    first = replace(first, ours_ms=Times(299, 400, 2))
    assert next(bars([first], results.memory, results.upload)).kept


@pytest.mark.parametrize(
    "worse",
    [
        lambda results: replace(
            results, memory=[replace(results.memory[0], peak_megabytes=513), results.memory[1]]
        ),
        lambda results: replace(results, upload=replace(results.upload, peak_megabytes=513)),
        lambda results: replace(
            results, upload=replace(results.upload, upload_s=12.1, import_s=12.0)
        ),
    ],
)
def test_too_much_memory_and_too_long_an_upload_are_told(
    results: PackageResults, worse: Callable[[PackageResults], PackageResults]
) -> None:
    assert len(broken(worse(results)) - broken(results)) == 1


def test_an_import_that_brings_other_notes_is_no_measurement(tmp_path: Path) -> None:
    package = with_media(tmp_path / "media.apkg", MEDIA, CLIP_BYTES)
    assert import_here(new_collection(tmp_path / "good"), Step("", package.path, MEDIA.notes)) > 0
    with running_anki() as anki, pytest.raises(RuntimeError, match="12 notes"):
        measure_imports([[Step("a package", package.path, 13)]], anki, tmp_path, 1)


def test_the_package_with_media_is_always_the_same(tmp_path: Path) -> None:
    made = [with_media(tmp_path / f"{n}.apkg", MEDIA, CLIP_BYTES) for n in range(2)]
    contents = []
    for package in made:
        with zipfile.ZipFile(package.path) as archive:
            contents.append({name: archive.read(name) for name in archive.namelist()})
    assert contents[0] == contents[1]
    assert len(contents[0]) == MEDIA.notes + 2


def test_the_tables_have_a_row_for_everything(results: PackageResults) -> None:
    text = tables(results)
    for one in results.imports:
        assert f"| {one.name} |" in text
    for each in results.exports:
        assert f"| {each.kind} |" in text
    assert f"{MEDIA.notes} media files" in text


def test_the_report_names_the_promises_that_are_not_kept(results: PackageResults) -> None:
    kept = [replace(bar, kept=True) for bar in results.bars]
    assert tables(replace(results, bars=kept)).endswith("All promises are kept in this run.")
    missed = [replace(kept[0], kept=False, measured=4.5), *kept[1:]]
    text = tables(replace(results, bars=missed))
    assert text.endswith(f"- {kept[0].collection}: {kept[0].promise}; it was 4.5.")
