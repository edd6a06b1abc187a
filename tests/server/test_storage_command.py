"""`javumbo storage` on the data of a real server."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.server.support import ROOT
from tests.support.server import Person, serving


def storage_command(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "javumbo", "storage", *arguments, "--data", str(data)],
        check=False,
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "JAVUMBO_DATA"},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def left_behind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a server leaves when two people have added cards; nothing of it is folded."""
    data = tmp_path_factory.mktemp("served") / "data"
    with serving(data) as base_url:
        for name, cards in (("ada", 3), ("grace", 2)):
            with closing(Person(base_url, name, sample_deck=False).http) as http:
                for n in range(cards):
                    body = {"deck_id": 1, "front": f"{n}", "back": ""}
                    http.post("/api/cards", json=body).raise_for_status()
    return data


@pytest.fixture
def data(left_behind: Path, tmp_path: Path) -> Path:
    return shutil.copytree(left_behind, tmp_path / "data")


def notes_in_base_file(data: Path, username: str) -> int:
    with closing(sqlite3.connect(data / "user_dbs" / f"{username}.anki2")) as conn:
        (notes,) = conn.execute("SELECT count() FROM notes").fetchone()
    return int(notes)


def test_inspect_tells_what_is_unfolded_and_that_it_fits(data: Path) -> None:
    done = storage_command(data, "inspect", "ada")
    assert done.returncode == 0, done.stderr
    assert "base file   commit 0," in done.stdout
    assert "ring        commits 1 to 3, 3 of 128 slots" in done.stdout
    assert "unfolded    3 commits," in done.stdout
    assert "checked" in done.stdout


def test_inspect_as_json_lists_each_commit_and_changes_nothing(data: Path) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*.anki2*")}
    found = json.loads(storage_command(data, "inspect", "ada", "--json").stdout)
    assert [commit["operation"] for commit in found["commits"]] == ["Add note"] * 3
    assert (found["base_seq"], found["head"], found["problems"]) == (0, 3, [])
    assert {path: path.read_bytes() for path in data.rglob("*.anki2*")} == before


def test_inspect_finds_a_commit_that_does_not_fit(data: Path) -> None:
    with closing(sqlite3.connect(data / "commits.db", isolation_level=None)) as conn:
        conn.execute("DELETE FROM commits WHERE seq = 2 AND ring LIKE 'ada#%'")
    done = storage_command(data, "inspect", "ada")
    assert done.returncode == 1
    assert "problem     Commit 3 does not fit to what is before it." in done.stdout


def test_inspect_finds_a_damaged_base_file(data: Path) -> None:
    file = data / "user_dbs" / "ada.anki2"
    file.write_bytes(file.read_bytes()[:4096] + bytes(60_000))
    done = storage_command(data, "inspect", "ada")
    assert done.returncode == 1
    assert "problem" in done.stdout


def test_fold_brings_one_base_file_up_to_date(data: Path) -> None:
    done = storage_command(data, "fold", "ada")
    assert (done.returncode, done.stdout) == (0, "ada: folded up to commit 3\n")
    assert notes_in_base_file(data, "ada") == 3
    assert notes_in_base_file(data, "grace") == 0
    assert "unfolded    0 commits, 0 bytes" in storage_command(data, "inspect", "ada").stdout


def test_fold_all_leaves_everything_in_the_base_files(data: Path) -> None:
    done = storage_command(data, "fold", "--all")
    assert done.returncode == 0, done.stderr
    assert notes_in_base_file(data, "ada") == 3
    assert notes_in_base_file(data, "grace") == 2


def test_fold_all_goes_on_after_a_damaged_collection_and_says_so(data: Path) -> None:
    file = data / "user_dbs" / "ada.anki2"
    file.write_bytes(b"no database")
    done = storage_command(data, "fold", "--all")
    assert done.returncode == 1
    assert done.stderr.startswith("ada: ")
    assert notes_in_base_file(data, "grace") == 2
    assert file.read_bytes() == b"no database"


@pytest.mark.parametrize("action", ["inspect", "fold"])
def test_an_unknown_user_is_said_to_be_one(data: Path, action: str) -> None:
    done = storage_command(data, action, "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "javumbo: There is no such user.\n"


def test_a_wrong_folder_is_not_made_into_a_new_one(tmp_path: Path) -> None:
    done = storage_command(tmp_path / "wrong", "inspect", "ada")
    assert done.returncode == 2
    assert "There is no data of JAVUMBO" in done.stderr
    assert not (tmp_path / "wrong").exists()
