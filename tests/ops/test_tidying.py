"""Room is made in /tmp, and nothing that is in use is touched."""

import os
import time
from pathlib import Path
from typing import cast

import pytest

from chalicelib.ops.tidying import UNTOUCHED_S, remove_leftovers, tidy_up
from chalicelib.services import Services, build_services
from chalicelib.settings import load_settings
from chalicelib.storage import Owner
from chalicelib.transfers.scratch import scratch_folder
from tests.storage.tally import add, build, names

ADA = Owner("ada")
OLD_S = UNTOUCHED_S + 1


@pytest.fixture
def services(tmp_path: Path) -> Services:
    environ = {
        "JAVUMBO_DATA": str(tmp_path / "data"),
        "JAVUMBO_CACHE": str(tmp_path / "cache"),
        "SECRET_KEY": "s" * 32,
    }
    return build_services(load_settings(environ))


def left_behind(parent: Path, name: str, age_s: float, file_age_s: float | None = None) -> Path:
    """A folder with a file in a folder, last written to so long ago."""
    file = parent / name / "deep" / "file"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"something")
    now_s = time.time()
    ages = {file: age_s if file_age_s is None else file_age_s, file.parent: age_s}
    for path, seconds in {**ages, parent / name: age_s}.items():
        os.utime(path, (now_s - seconds, now_s - seconds))
    return parent / name


def test_what_a_killed_process_left_goes_after_a_while(tmp_path: Path) -> None:
    for kind in ("backup", "export", "file", "media"):
        left_behind(tmp_path, f"javumbo-{kind}-x1y2", OLD_S)
        left_behind(tmp_path, f"javumbo-{kind}-young", UNTOUCHED_S - 60)
    assert remove_leftovers(tmp_path, time.time()) == 4
    assert all(path.name.endswith("-young") for path in tmp_path.iterdir())


def test_a_folder_in_which_somebody_writes_stays(tmp_path: Path) -> None:
    folder = left_behind(tmp_path, "javumbo-file-x1y2", OLD_S, file_age_s=1)
    assert remove_leftovers(tmp_path, time.time()) == 0
    assert folder.exists()


def test_what_is_not_ours_stays_and_links_are_not_followed(tmp_path: Path) -> None:
    parent, elsewhere = tmp_path / "tmp", tmp_path / "elsewhere"
    kept = [left_behind(parent, name, OLD_S) for name in ("javumbo-7-x", "somebody", "javumbo")]
    left_behind(tmp_path, "elsewhere", OLD_S)
    (parent / "javumbo-file-link").symlink_to(elsewhere)
    (parent / "javumbo-file-file").write_bytes(b"a file, not a folder")
    assert remove_leftovers(parent, time.time() + OLD_S) == 0
    assert all(folder.exists() for folder in (*kept, elsewhere / "deep" / "file"))


def test_replicas_and_scratch_in_use_survive(services: Services) -> None:
    services.storage.create(ADA, build)
    services.storage.transact(ADA, add("one"))
    cache = cast(Path, services.settings.cache_dir)
    with scratch_folder(cache) as folder, services.storage.attempt(ADA) as conn:
        (folder / "upload").write_bytes(b"half of it")
        add("two")(conn)
        assert tidy_up(services) == (0, 0)
        assert (folder / "upload").read_bytes() == b"half of it"
    assert services.storage.read(ADA, names) == {"one": 1, "two": 1}
