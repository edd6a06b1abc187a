"""The commands in the hands of somebody in a hurry: what is forgotten, full, or in the way."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from chalicelib.errors import StorageUnavailableError
from migrations.outcomes import Outcome
from migrations.reports import Report, write_report
from migrations.verifying import Finding
from migrations.wording import plain, sentence_of
from tests.emulators.moto_server import ROOT
from tests.migrations.install import Install, build_install
from tests.migrations.test_whole_way import Commands


@pytest.fixture
def few(tmp_path: Path) -> Install:
    return build_install(tmp_path / "old", 2)


@pytest.fixture
def migrate(few: Install, tmp_path: Path) -> Commands:
    return Commands(few, tmp_path)


def test_nothing_is_removed_by_a_dry_run(migrate: Commands) -> None:
    assert migrate.here()[0] == 0
    kept = [migrate.data / folder for folder in ("legacy", "migrations", "user_dbs")]
    before = {path for folder in kept for path in folder.rglob("*")}
    assert len(before) > 6
    for action in (["forget", "--all"], ["forget"], ["version", "--to", "0"], ["--reverse"]):
        assert migrate.here(*action, "--dry-run")[0] == 2
    assert {path for folder in kept for path in folder.rglob("*")} == before


def test_two_things_at_once_are_refused(migrate: Commands) -> None:
    for action in ("verify", "copy", "backup"):
        code, _, complaint = migrate.here(action, "--reverse")
        assert (code, "not both" in complaint) == (2, True)


def test_an_edited_mapping_that_is_not_given_stops_the_copy(
    migrate: Commands, few: Install
) -> None:
    _change(few, "UPDATE users SET username = 'li' WHERE user_id = 1")
    assert migrate.here("--dry-run")[0] == 1
    path = migrate.report / "mapping.json"
    mapping = json.loads(path.read_text())
    mapping["users"]["li"]["username"] = "lilian"
    path.write_text(json.dumps(mapping))
    code, _, complaint = migrate.here()
    assert (code, migrate.data.exists()) == (2, False)
    assert "was edited: give it by --mapping" in complaint
    assert migrate.here("--mapping", str(path))[0] == 0
    assert migrate.here()[0] == 0


def test_a_row_without_a_username_is_decided_once(migrate: Commands, few: Install) -> None:
    _change(few, "INSERT INTO users VALUES (17, NULL, '', '')")
    assert migrate.here("--dry-run")[0] == 1
    assert migrate.here()[0] == 1
    assert migrate.here("verify", "--sample", "0")[0] == 1
    path = migrate.report / "mapping.json"
    mapping = json.loads(path.read_text())
    assert mapping["rows_without_username"] == {"17": "undecided"}
    mapping["rows_without_username"]["17"] = "skip"
    path.write_text(json.dumps(mapping))
    assert migrate.here("--mapping", str(path))[0] == 0
    assert migrate.here()[0] == 0
    assert migrate.here("verify", "--sample", "0")[0] == 0


def _change(old: Install, sql: str) -> None:
    with closing(sqlite3.connect(old.admin_db)) as conn, conn:
        conn.execute(sql)


def test_a_backup_is_restored_by_what_it_has_printed(
    migrate: Commands, few: Install, tmp_path: Path
) -> None:
    (few.user_dbs / "lost.anki2").symlink_to("nowhere")
    places = [str(tmp_path / "one"), str(tmp_path / "two")]
    code, out, _ = migrate.here("backup", "--to", places[0], "--to", places[1])
    assert code == 1
    assert "! no file, not backed up: user_dbs/lost.anki2" in out
    second = next(line.strip() for line in out.splitlines() if str(tmp_path / "two") in line)
    back = tmp_path / "back" / "here"
    where = ["--admin-db", str(back / "admin.db"), "--user-dbs", str(back / "user_dbs")]
    assert migrate.here("restore", "--from", second, *where)[0] == 1
    assert (back / "admin.db").read_bytes() == few.admin_db.read_bytes()
    returned = {path.name: path.read_bytes() for path in (back / "user_dbs").iterdir()}
    wanted = {path.name: path.read_bytes() for path in few.user_dbs.iterdir() if path.is_file()}
    assert returned == wanted
    stage = ["--stage", "prod"]
    assert migrate.here("backup", "--to", places[0], "--to", places[1], *stage)[0] == 2


def test_a_loss_on_the_way_back_is_named_and_ends_with_1(migrate: Commands, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps({"users": {"person-0": {"collection": "skip"}}}))
    assert migrate.here("--mapping", str(mapping))[0] == 0
    (migrate.data / "legacy" / "unclaimed" / "person-0.anki2").unlink()
    back = tmp_path / "back"
    where = ["--admin-db", str(back / "admin.db"), "--user-dbs", str(back / "user_dbs")]
    code, out, _ = migrate.here("--reverse", *where)
    assert code == 1
    assert out.startswith("2 users and 1 collections written")
    assert "! person-0 gets no collection" in out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--report", "FILE"], 1, "exists"),
        (["--report", "FILE/below"], 1, "Not a directory"),
        (["--data", "FILE"], 1, "exists"),
        (["verify", "--report", "FILE"], 1, "exists"),
        (["--reverse", "--admin-db", "FILE/a.db", "--user-dbs", "FILE/dbs"], 1, "exists"),
    ],
)
def test_a_place_that_cannot_be_written_is_said_in_a_sentence(
    migrate: Commands, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    if "--data" not in arguments and arguments[0].startswith("--reverse"):
        assert migrate.here()[0] == 0
    file = tmp_path / "file"
    file.write_text("in the way")
    there = migrate.data.exists()
    found, _, complaint = migrate.here(*(one.replace("FILE", str(file)) for one in arguments))
    assert (found, complaint.count("\n")) == (code, 1)
    assert complaint.startswith("javumbo: ")
    assert said in complaint
    assert migrate.data.exists() == there  # the report's folder is tried before anything is done


def test_a_full_disk_is_called_so(migrate: Commands, few: Install) -> None:
    """A limit on the size of files stands for it."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000));"
        " from javumbo.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    places = ["--admin-db", str(few.admin_db), "--user-dbs", str(few.user_dbs)]
    to = ["--to", str(migrate.data / "one"), "--to", str(migrate.data / "two")]
    done = subprocess.run(
        [sys.executable, "-c", code, "migrate", "backup", *places, *to, "--stage", "local"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "File too large" in done.stderr


def test_sentences_have_one_line_and_a_reason() -> None:
    full = StorageUnavailableError()
    full.__cause__ = OSError(28, "No space left on device", "/data/a\nb")
    told = sentence_of(full)
    assert told.endswith("(No space left on device: /data/a\\nb)")
    assert sentence_of(sqlite3.OperationalError("disk I/O error")) == "disk I/O error"
    assert plain("a\nb\x1b[31m\u202e\udc80é 日") == "a\\nb\\x1b[31m\\u202e\\udc80é 日"


def test_a_name_cannot_forge_a_line_of_a_report(tmp_path: Path) -> None:
    evil = "x\n  eva (0 bytes)\nLEFT OUT BY DECISION"
    person = Outcome(user_id=1, old_username=evil, username="", status="unnamed", reason=evil)
    report = Report(
        "verify", "local", 0, 0, people=(person,), findings=(Finding(evil, evil),), left=(evil,)
    )
    text = write_report(tmp_path, report).read_text()
    assert text.count("LEFT OUT BY DECISION") == 5
    assert "\nLEFT OUT BY DECISION" not in text
    assert "\n  eva" not in text
    assert os.listdir(tmp_path)
