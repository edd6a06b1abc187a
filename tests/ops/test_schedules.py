"""The functions of app.py, invoked as Lambda invokes them."""

import importlib
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chalice.test import Client

from chalicelib.account_services import default_account_services
from chalicelib.backups import BackupId
from chalicelib.collection.create import create_collection
from chalicelib.ops import functions
from chalicelib.ops.private_events import KEY, PrivateChalice, private_event
from chalicelib.ops.warming_authorizer import ENVIRONMENT, WARMING_QUESTION
from chalicelib.services import default_services
from chalicelib.storage import Owner

ROOT = Path(__file__).parents[2]
ADA = Owner("ada", "gen1")
CACHES = (
    default_account_services,
    default_services,
    functions.request_services,
)


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """The app over a directory."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("JAVUMBO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("JAVUMBO_CACHE", str(tmp_path / "cache"))
    for made in CACHES:
        made.cache_clear()
    sys.modules.pop("app", None)
    with Client(importlib.import_module("app").app) as client:
        yield client
    for made in CACHES:
        made.cache_clear()


@pytest.fixture
def unfolded(client: Client) -> Owner:
    """Somebody with a commit that nobody has folded."""
    storage = default_services().storage
    storage.create(ADA, new_collection)
    storage.transact(ADA, touched)
    assert storage.inspect(ADA).unfolded == 1
    return ADA


def new_collection(conn: sqlite3.Connection) -> None:
    create_collection(conn, now_ms=1_700_000_000_000, minutes_west=0)


def touched(conn: sqlite3.Connection) -> None:
    conn.execute("UPDATE col SET mod = mod + 1")


def scheduled(client: Client) -> Any:
    return client.events.generate_cw_event("aws.events", "Scheduled Event", {}, [])


def invoke(client: Client, function: str, event: Any) -> Any:
    return client.lambda_.invoke(function, event).payload


def test_the_sweep_folds_and_makes_backups(client: Client, unfolded: Owner) -> None:
    report = invoke(client, "sweep", scheduled(client))
    assert report == {"undone": {"backups": 0, "endings": 0, "folds": 0}}
    services = default_services()
    assert services.storage.inspect(unfolded).unfolded == 0
    assert [backup.kind for backup in services.backups.ids(unfolded)] == ["daily"]


def test_the_upkeep_looks_at_everybody(client: Client, unfolded: Owner) -> None:
    services = default_services()
    old, older = BackupId(1_000_000_000_000, "daily"), BackupId(900_000_000_000, "daily")
    folder = Path(os.environ["JAVUMBO_DATA"], "backups", "ada", "gen1")
    folder.mkdir(parents=True)
    for backup_id in (older, old):
        (folder / f"{backup_id}.anki2").touch()
    report = invoke(client, "upkeep", scheduled(client))
    assert report == {"undone": {"backups": 0, "transfers": 0, "media": 0}}
    assert services.backups.ids(unfolded) == [old]


def test_the_fold_function_folds(client: Client, unfolded: Owner) -> None:
    event = {"fold": {"username": "ada", "generation": "gen1", "space": ""}}
    assert invoke(client, "fold", event) == {"folded": 1}
    assert default_services().storage.inspect(unfolded).unfolded == 0


def test_the_question_that_warms_the_authorizer_gets_no_route(client: Client) -> None:
    answer = invoke(client, "jwt_auth", dict(WARMING_QUESTION))
    assert [one["Resource"] for one in answer["policyDocument"]["Statement"]] == [[]]
    assert answer["context"] == {"environment": ENVIRONMENT}


def test_no_caller_can_hold_the_authorizer(client: Client) -> None:
    arn = "arn:aws:execute-api:us-east-1:123456789012:abc/api/GET/api/decks"
    answer = invoke(client, "jwt_auth", {**WARMING_QUESTION, "methodArn": arn})
    assert [one["Resource"] for one in answer["policyDocument"]["Statement"]] == [[]]
    assert answer["context"] == {}


def test_a_private_event_makes_the_environment_ready(client: Client, unfolded: Owner) -> None:
    report = client._app(private_event("warm", hold_ms=0, resume=True), None)
    assert report["connect"] == "done"
    assert report["tidy"] == {"replicas": 0, "leftovers": 0}
    assert report["resume"] == "done"
    assert "chalicelib.api.review" in sys.modules


def test_requests_tidy_up_on_their_way_and_private_events_do_not() -> None:
    tidied = []
    small = PrivateChalice("small", at_request=lambda: tidied.append("now"))
    small.route("/")(lambda: "here")
    small.private("ask")(lambda order: {"asked": order["do"]})
    with Client(small) as client:
        assert small(private_event("ask"), None) == {"asked": "ask"}
        assert tidied == []
        assert client.http.get("/").body == b"here"
        assert tidied == ["now"]


def test_only_in_lambda_is_tmp_tidied_by_requests(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "cache" / "javumbo-file-left"
    left.mkdir(parents=True)
    os.utime(left, (0, 0))
    functions.tidy_up()
    assert left.exists()
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "javumbo-dev")
    monkeypatch.setenv("JAVUMBO_BACKEND", "local")
    functions.tidy_up()
    assert not left.exists()


def test_a_private_event_cannot_come_over_http(client: Client) -> None:
    """Whatever a caller sends is inside of what API Gateway makes."""
    event = private_event("warm", hold_ms=0)
    for path in ("/", "/warm", f"/{KEY}", "/health"):
        for method in ("get", "post"):
            answer = getattr(client.http, method)(path, body=b"{}", headers={KEY: "warm"})
            assert "environment" not in str(answer.body)
    with_context = {**event, "requestContext": {"resourcePath": "/health", "httpMethod": "GET"}}
    assert not is_answered(client, with_context)


def is_answered(client: Client, event: Any) -> bool:
    """Whether the app takes it for a private event."""
    try:
        answer = client._app(event, None)
    except (KeyError, TypeError):  # no whole request either
        return False
    return "environment" in answer


def test_what_is_neither_a_request_nor_private_is_refused(client: Client) -> None:
    assert not is_answered(client, {})
    with pytest.raises(KeyError):
        client._app(private_event("nothing of the kind"), None)
