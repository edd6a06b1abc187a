"""The check of the import budget measures what is deployed, and fails above it."""

from pathlib import Path

from benchmarks.import_budget import MOST, ratio, unpacked


def test_what_is_measured_is_what_chalice_packs(tmp_path: Path) -> None:
    files = unpacked(tmp_path)
    assert {path.name for path in files.iterdir()} == {"app.py", "chalice", "chalicelib"}
    assert ratio(files, times=1) > 1


def test_what_takes_much_longer_than_chalice_is_over_the_budget(tmp_path: Path) -> None:
    (tmp_path / "chalice.py").touch()
    (tmp_path / "app.py").write_text("import time\nwhile time.process_time() < 0.3: pass\n")
    assert ratio(tmp_path, times=1) > MOST
