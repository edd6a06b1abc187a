"""Deleting an account: everything goes, also when it is cut short, and nothing comes back."""

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import boto3
import pytest

from chalicelib.accounts.users import User
from chalicelib.api.account_ending import end_account, finish_ending, sweep_endings
from chalicelib.backups import Backups
from chalicelib.errors import NotFoundError, StorageUnavailableError
from chalicelib.media import MediaLibrary
from chalicelib.services import Services, build_services
from chalicelib.settings import load_settings
from chalicelib.storage import CollectionStorage, Owner
from chalicelib.transfers import Imports
from tests.api.account_world import NOW_MS, PASSWORD, World, outcome
from tests.emulators.moto_server import (
    REGION,
    aws_environment,
    dynamodb_client,
    s3_client,
    serialised_moto,
)
from tests.emulators.tables import create_commits_table, create_users_table
from tests.support.server import PASSWORD as SERVED_PASSWORD
from tests.support.server import Person

HOUR_MS = 3_600_000
STEPS = ("imports", "storage", "backups", "media", "users")


def files_of(data: Path, username: str) -> list[str]:
    return sorted(
        str(path.relative_to(data))
        for path in data.rglob("*")
        if path.is_file() and username in str(path.relative_to(data))
    )


def rows_of(data: Path, username: str) -> list[str]:
    """Where one of the databases of the service still has the name."""
    found = []
    for name in ("admin.db", "commits.db", "tries.db"):
        with closing(sqlite3.connect(data / name)) as conn:
            found += [name for line in conn.iterdump() if username in line]
    return found


def with_everything(services: Services, user: User) -> None:
    """A collection with commits to fold, large ones, media, a backup, a download and an import."""
    owner = Owner(user.username, user.generation)
    services.backups.make(owner, "manual")
    for size in (10, 2_000_000):
        services.storage.transact(owner, partial(_grow, size))
    services.media(owner).add("a.png", [b"a" * 100])
    services.transfers.offer_upload(owner, 5, "anki2")
    file = services.settings.data_dir / f"big-{uuid4()}"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"download")
    services.transfers.offer_download(owner, file, "x.anki2")
    file.unlink()


def _grow(size: int, conn: sqlite3.Connection) -> None:
    conn.execute(
        "INSERT INTO notes VALUES (NULL, ?, 1, 1, 0, '', ?, '', 0, 0, '')",
        (str(size), secrets.token_hex(size // 2)),
    )


class Failing:
    """Stands for a service whose ending fails, as when the process ends there."""

    def __getattr__(self, name: str) -> Any:
        def fail(*_: object, **__: object) -> None:
            raise StorageUnavailableError

        return fail


def cut_short(services: Services, step: str) -> Services:
    """Services with which a deletion gets no further than before `step`."""
    failing = Failing()
    match step:
        case "imports":
            return replace(services, imports=cast(Imports, failing))
        case "storage":
            return replace(services, storage=cast(CollectionStorage, failing))
        case "backups":
            return replace(services, backups=cast(Backups, failing))
        case "media":
            return replace(services, media=lambda _: cast(MediaLibrary, failing))
        case _:
            return replace(services, users=_without_delete(services))


def _without_delete(services: Services) -> Any:
    class Users:
        def __getattr__(self, name: str) -> Any:
            return getattr(Failing() if name == "delete" else services.users, name)

    return Users()


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "data")
    for username in ("ana", "bob"):
        assert outcome(world.register(username)) == "ok"
        with_everything(world.services, world.user(username))
    return world


def test_over_http_everything_goes_and_the_name_is_free(
    new_person: Callable[..., Person],
) -> None:
    person = new_person()
    person.ok("PUT", "/api/account", json={"name": "Secret Name"})
    person.deck("Secret Deck")
    person.ok("POST", "/api/backups")
    media = {"params": {"name": "a.png"}, "content": b"a"}
    headers = {"Content-Type": "application/octet-stream"}
    person.ok("POST", "/api/media", headers=headers, **media)
    person.fails(400, "invalid_input", "DELETE", "/api/account", json={})
    person.fails(400, "invalid_input", "DELETE", "/api/account", json={"password": 5})
    wrong = {"password": "wrong"}
    person.fails(401, "invalid_credentials", "DELETE", "/api/account", json=wrong)
    right = {"password": SERVED_PASSWORD}
    assert person.ok("DELETE", "/api/account", json=right) == {"success": True, "finished": True}
    login = {"username": person.username, "password": SERVED_PASSWORD}
    person.fails(401, "invalid_credentials", "POST", "/login", json=login)
    again = Person(str(person.http.base_url), person.username, sample_deck=False)
    assert again.ok("GET", "/api/account")["account"]["name"] == "A Person"
    assert [deck["name"] for deck in again.ok("GET", "/api/decks")["decks"]] == ["My first deck"]
    assert again.ok("GET", "/api/media")["media"] == []
    assert again.ok("GET", "/api/backups")["backups"] == []
    assert again.ok("GET", "/api/undo")["undo"] == []
    again.close()


def test_nothing_of_the_person_is_left_and_nothing_of_others_is_touched(world: World) -> None:
    data = world.services.settings.data_dir
    before = files_of(data, "bob")
    assert files_of(data, "ana")
    assert world.call("DELETE /api/account", {"password": PASSWORD}, caller=world.user()) == {
        "finished": True
    }
    assert files_of(data, "ana") == []
    assert set(rows_of(data, "ana")) == {"admin.db"}  # the note for the sweep
    world.now_ms += HOUR_MS
    assert sweep_endings(world.services) == []
    assert rows_of(data, "ana") == []
    assert files_of(data, "bob") == before
    assert world.services.storage.read(owner_of(world.user("bob")), _count) == 2


def owner_of(user: User) -> Owner:
    return Owner(user.username, user.generation)


def _count(conn: Any) -> int:
    (count,) = conn.execute("SELECT count(*) FROM notes").fetchone()
    return int(count)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("finish", ["sweep", "login"])
def test_a_deletion_that_is_cut_short_lets_nobody_in_and_is_taken_up_again(
    world: World, step: str, finish: str
) -> None:
    ana, services = world.user(), world.services
    token = services.tokens.issue(ana, world.now_ms, "jti").token
    assert end_account(cut_short(services, step), ana, world.now_ms) is False
    assert outcome(world.call("GET /api/account", caller=ana)) == "unauthorized"
    assert outcome(world.register("ana")) == "username_taken"
    if finish == "sweep":
        assert sweep_endings(cut_short(services, step))  # fails again, and says so
        assert sweep_endings(services) == []
    else:
        assert outcome(world.log_in("ana", "wrong password")) == "invalid_credentials"
        assert services.users.get("ana")
        assert outcome(world.log_in("ana")) == "invalid_credentials"
    assert services.users.get("ana") is None
    assert files_of(services.settings.data_dir, "ana") == []
    assert outcome(world.register("ana")) == "ok"
    assert services.storage.read(owner_of(world.user()), _count) == 0
    assert token


def test_a_deletion_that_is_finished_late_leaves_the_next_registration_alone(world: World) -> None:
    ana, services = world.user(), world.services
    assert end_account(services, ana, world.now_ms)
    world.register("ana")
    later = world.user()
    with_everything(services, later)
    before = files_of(services.settings.data_dir, "ana")
    assert finish_ending(services, ana.username, ana.generation)
    world.now_ms += HOUR_MS
    assert sweep_endings(services) == []
    with pytest.raises(NotFoundError):
        end_account(services, ana, world.now_ms)
    sweep_endings(services)
    assert world.user() == later
    assert files_of(services.settings.data_dir, "ana") == before
    assert services.storage.read(owner_of(later), _count) == 2


def test_a_deletion_that_never_began_harms_nobody_and_is_forgotten(world: World) -> None:
    """The note is written, then the process ends."""
    ana, users = world.user(), world.services.users
    before = files_of(world.services.settings.data_dir, "ana")
    users.begin_ending(ana, world.now_ms)
    users.update("ana", ending=False)
    for hours in (0, 1):
        world.now_ms = NOW_MS + hours * HOUR_MS
        assert sweep_endings(world.services) == []
    assert users.endings() == []
    assert files_of(world.services.settings.data_dir, "ana") == before
    assert outcome(world.log_in()) == "ok"


def test_what_a_request_under_way_has_left_goes_an_hour_later(world: World) -> None:
    ana, services = world.user(), world.services
    assert end_account(services, ana, world.now_ms)
    assert sweep_endings(services) == []
    services.transfers.offer_download(owner_of(ana), Path(__file__), "late.anki2")
    assert files_of(services.settings.data_dir, "ana")
    world.now_ms += HOUR_MS
    assert sweep_endings(services) == []
    assert files_of(services.settings.data_dir, "ana") == []
    assert services.users.endings() == []


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Services, str]]:
    with serialised_moto() as endpoint:
        for name, value in aws_environment(endpoint).items():
            monkeypatch.setenv(name, value)
        for bucket in ("bases", "media"):
            s3_client(endpoint).create_bucket(Bucket=bucket)
        s3_client(endpoint).put_bucket_versioning(
            Bucket="bases", VersioningConfiguration={"Status": "Enabled"}
        )
        create_users_table(dynamodb_client(endpoint), "users")
        create_commits_table(dynamodb_client(endpoint), "commits")
        ssm = boto3.Session(region_name=REGION).client("ssm", endpoint_url=endpoint)
        ssm.put_parameter(Name="/secret", Value=secrets.token_hex(32), Type="SecureString")
        environ = {
            "JAVUMBO_BACKEND": "aws",
            "JAVUMBO_DATA": str(tmp_path),
            "BCRYPT_ROUNDS": "4",
            "S3_BUCKET": "bases",
            "S3_MEDIA_BUCKET": "media",
            "DYNAMODB_USERS_TABLE": "users",
            "DYNAMODB_COMMITS_TABLE": "commits",
            "SECRET_KEY_PARAMETER": "/secret",
        }
        yield build_services(load_settings(environ)), endpoint


def test_on_aws_no_object_and_no_item_is_left(aws: tuple[Services, str], tmp_path: Path) -> None:
    services, endpoint = aws
    world = World(tmp_path / "unused")
    world.services = services
    assert outcome(world.register("ana")) == "ok"
    with_everything(services, world.user())
    assert outcome(world.log_in("ana", "wrong password")) == "invalid_credentials"
    assert world.call("DELETE /api/account", {"password": PASSWORD}, caller=world.user()) == {
        "finished": True
    }
    for bucket in ("bases", "media"):
        assert s3_client(endpoint).list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert dynamodb_client(endpoint).scan(TableName="commits")["Items"] == []
    left = dynamodb_client(endpoint).scan(TableName="users")["Items"]
    assert sorted(item["username"]["S"].partition("#")[0] for item in left) == [
        "ENDINGS",
        "TRIES",
        "TRIES",
        "TRIES",
    ]
    assert outcome(world.log_in("ana")) == "invalid_credentials"
    assert outcome(world.register("ana")) == "ok"
    assert services.storage.read(owner_of(world.user()), _count) == 0
