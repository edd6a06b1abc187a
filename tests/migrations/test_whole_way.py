"""The whole way by the commands themselves: over, logging in with the old password, studying on
where one was, and back with what was studied."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import bcrypt
import boto3
import httpx
import pytest

from javumbo.cli import main
from tests.emulators.moto_server import REGION, ROOT, aws_environment
from tests.migrations.conftest import new_stage
from tests.migrations.install import Install, OldUser, build_install
from tests.migrations.moving import rows_of, what_anki_says
from tests.support import local_http
from tests.support.server import serving

REVIEWS = 100


class Commands:
    """`javumbo migrate` on one install and one folder of data."""

    def __init__(self, old: Install, folder: Path, stage: str = "local", **environ: str) -> None:
        self.data, self.report = folder / "data", folder / "report"
        self._environ = environ
        self._always = [
            *("--admin-db", str(old.admin_db), "--user-dbs", str(old.user_dbs)),
            *("--stage", stage, "--data", str(self.data), "--report", str(self.report)),
        ]

    def __call__(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """In a process of its own, as an operator runs it."""
        return subprocess.run(
            [sys.executable, "-m", "javumbo", "migrate", *self._always, *arguments],
            cwd=ROOT,
            env={**os.environ, **self._environ},
            capture_output=True,
            text=True,
            check=False,
        )

    def here(self, *arguments: str) -> tuple[int, str, str]:
        """In this process, which is quicker: the exit code, and what was said where."""
        out, err = StringIO(), StringIO()
        before = dict(os.environ)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = main(["migrate", *self._always, *arguments])
        finally:
            os.environ.clear()
            os.environ.update(before)
        return code, out.getvalue(), err.getvalue()


@pytest.fixture
def old(tmp_path: Path) -> Install:
    return build_install(tmp_path / "old", 20, now_s=int(time.time()))


@pytest.fixture
def migrate(old: Install, tmp_path: Path) -> Commands:
    return Commands(old, tmp_path)


def test_over_and_back(old: Install, migrate: Commands, tmp_path: Path) -> None:
    assert migrate().returncode == 1  # some names, and two files
    mapping = json.loads((migrate.report / "mapping.json").read_text())["users"]
    for user in old.users:
        if user.fate == "not_taken":
            mapping[user.username] = {"collection": "empty"}
    edited = tmp_path / "edited.json"
    edited.write_text(json.dumps({"users": mapping}))
    assert migrate("--mapping", str(edited)).returncode == 0
    assert migrate("verify").stdout.startswith("0 differences")
    with serving(migrate.data) as base_url:
        for user in old.users:
            name = mapping.get(user.username, {}).get("username", user.username)
            with _logged_in(base_url, name, user) as http:
                _check_due(http, user)
                if user is old.users[0]:
                    _answer(http, REVIEWS)
    back = tmp_path / "back"
    places = ["--admin-db", str(back / "admin.db"), "--user-dbs", str(back / "user_dbs")]
    done = migrate("--reverse", *places)
    assert (done.returncode, done.stderr) == (0, "")
    _check_returned(old, back)


@contextmanager
def _logged_in(base_url: str, name: str, user: OldUser) -> Iterator[httpx.Client]:
    """With the password of old, and only with that."""
    with local_http.Client(base_url=base_url, timeout=60) as http:
        wrong = http.post("/login", json={"username": name, "password": "wrong"})
        assert wrong.status_code == 401
        login = http.post("/login", json={"username": name, "password": user.password})
        assert login.status_code == 200, (user.defect, login.text)
        http.headers["Authorization"] = f"Bearer {login.json()['token']}"
        yield http


def _check_due(http: httpx.Client, user: OldUser) -> None:
    """As many reviews as the old program had for them; a new account has its sample."""
    counts = http.get("/api/decks").json()["counts"]
    if user.due is not None:
        assert counts["review"] == len(user.due), user.defect
    elif user.fate != "taken":
        assert counts["new"] > 0


def _answer(http: httpx.Client, count: int) -> None:
    decks = http.get("/api/decks").json()["decks"]
    deck_id = max(decks, key=lambda deck: deck["counts"]["new"] + deck["counts"]["review"])["id"]
    for _ in range(count):
        (card, *_) = http.get(f"/api/review/{deck_id}").json()["cards"]
        body = {"card_id": card["id"], "rating": 1, "answer_token": card["answer_token"]}
        assert http.post("/api/review", json=body).status_code == 200


def _check_returned(old: Install, back: Path) -> None:
    """The old program finds what it knows: its table, its files, its passwords, and the reviews."""
    with closing(sqlite3.connect(back / "admin.db")) as conn:
        users = conn.execute("SELECT user_id, username, password_hash FROM users").fetchall()
    assert [row[:2] for row in users] == [(user.user_id, user.username) for user in old.users]
    for user, (_, _, password_hash) in zip(old.users, users, strict=True):
        assert bcrypt.checkpw(user.password.encode(), password_hash.encode())
    studied = old.users[0].file
    assert studied
    returned = back / "user_dbs" / studied.name
    before, after = rows_of(studied), rows_of(returned)
    assert after["revlog"][: len(before["revlog"])] == before["revlog"]
    assert len(after["revlog"]) == len(before["revlog"]) + REVIEWS
    assert after["notes"] == before["notes"]
    assert what_anki_says([returned]) == {}


def test_a_dry_run_writes_reports_and_nothing_else(migrate: Commands) -> None:
    code, _, complaints = migrate.here("--dry-run")
    assert (code, complaints) == (1, "")
    assert not migrate.data.exists()
    assert {path.name for path in migrate.report.iterdir()} == {
        "plan.json",
        "plan.txt",
        "mapping.json",
        ".mapping.sha256",
    }
    plan = json.loads((migrate.report / "plan.json").read_text())
    statuses = {person["status"] for person in plan["people"]}
    assert statuses == {"taken", "empty", "not_taken", "unnamed"}
    assert plan["unclaimed"] == ["nobody-left.anki2", "notes.json"]
    readable = (migrate.report / "plan.txt").read_text()
    assert "The file is damaged" in readable
    assert "josé maría" in readable


def test_exit_codes_tell_what_is_well(tmp_path: Path) -> None:
    migrate = Commands(build_install(tmp_path / "few", 2), tmp_path)
    assert migrate.here("--dry-run")[0] == 0
    assert migrate.here()[0] == 0
    assert migrate.here("verify", "--sample", "0")[0] == 0
    assert "version 1 of the data" in migrate.here("version")[1]
    places = [str(tmp_path / "one"), str(tmp_path / "two")]
    assert migrate.here("backup", "--to", places[0], "--to", places[1])[0] == 0
    assert migrate.here("backup", "--to", places[0])[0] == 2
    assert migrate.here("forget")[:2] == (0, "0 objects of the old install removed\n")
    with closing(sqlite3.connect(migrate.data / "admin.db")) as conn, conn:
        conn.execute("UPDATE users SET password_hash = '$2b$' WHERE username = 'person-0'")
    assert migrate.here("verify", "--sample", "0")[0] == 1
    assert migrate.here("forget", "--all")[0] == 0


def test_a_stage_on_aws_is_found_by_its_name_alone(tmp_path: Path, endpoint: str) -> None:
    """Whatever is left in the environment of another one; the sample is opened there too."""
    stage, few = new_stage(endpoint), build_install(tmp_path / "few", 2)
    environ = aws_environment(endpoint)
    _put_secret(endpoint, f"/javumbo/{stage}/secret-key")
    left_over = {"S3_BUCKET": "another", "DYNAMODB_USERS_TABLE": "another", "JAVUMBO_BACKEND": "x"}
    migrate = Commands(few, tmp_path, stage, **environ, **left_over)
    copied = migrate()
    assert (copied.returncode, copied.stderr) == (0, "")
    verified = migrate("verify", "--sample", "2")
    assert (verified.returncode, verified.stderr) == (0, "")
    assert "version 1 of the data" in migrate("version").stdout
    assert not migrate.data.exists()


def _put_secret(endpoint: str, name: str) -> None:
    client = boto3.client(
        "ssm",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    client.put_parameter(Name=name, Value="s" * 40, Type="SecureString")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--stage", "Prod!"],
        ["--jobs", "0"],
        ["--user-dbs", "not there"],
        ["--mapping", "not there"],
        ["--data", "OLD"],
        ["verify"],
        ["version", "--to", "7"],
        ["--reverse"],
        ["--reverse", "--dry-run"],
        ["--reverse", "verify"],
        ["forget", "--all", "--dry-run"],
        ["backup", "--dry-run"],
        ["restore"],
        ["--to", "somewhere"],
        ["verify", "--all"],
        ["verify", "--from", "somewhere"],
    ],
)
def test_what_is_missing_is_said_in_a_sentence(
    migrate: Commands, old: Install, arguments: list[str]
) -> None:
    folder = str(old.admin_db.parent)
    code, _, complaint = migrate.here(*(folder if one == "OLD" else one for one in arguments))
    assert code == 2
    assert complaint.startswith("javumbo: ")
    assert complaint.count("\n") == 1
