"""What people do with the service, on what is deployed."""

import os
import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import genanki
import pytest

from tests.aws.stage import Person, Stage
from tests.support import local_http

MEDIA_BYTES = 6_000_000
PATIENCE_S = 90


def test_registering_studying_and_taking_it_all_out(ada: Person, tmp_path: Path) -> None:
    deck_id, card_id = ada.deck_with_card()
    shown = ada.ask("GET", f"/api/review/{deck_id}")
    (card,) = shown["cards"]
    assert card["id"] == card_id
    assert shown["counts"] == {"new": 1, "learn": 0, "review": 0}
    answer = {"card_id": card_id, "rating": 3, "answer_token": card["answer_token"]}
    assert ada.ask("POST", "/api/review", answer)["counts"]["learn"] == 1
    assert ada.ask("GET", "/api/stats")["success"] is True

    export = ada.http.get("/api/export")
    path = tmp_path / "collection.anki2"
    path.write_bytes(export.content)
    with closing(sqlite3.connect(path)) as collection:
        (reviews,) = collection.execute("select count(*) from revlog").fetchone()
        fields = [row[0] for row in collection.execute("select flds from notes")]
    assert reviews == 1
    assert "Capital of Peru?\x1fLima" in fields


def test_two_people_never_see_each_others_cards(registered: Callable[[], Person]) -> None:
    ada, bob = registered(), registered()
    deck_id, card_id = ada.deck_with_card()
    assert bob.http.get(f"/api/cards/{card_id}").status_code == 404
    assert bob.http.get(f"/api/decks/{deck_id}").status_code == 404


def test_a_large_package_goes_in_and_out_past_the_service(ada: Person, tmp_path: Path) -> None:
    package = package_with_media(tmp_path)
    import_id = upload(ada, package)
    assert finished(ada, import_id)["result"]["notes"]["new"] == 1

    offer = ada.ask("GET", "/api/export?format=colpkg")
    assert offer["bytes"] > MEDIA_BYTES
    with local_http.Client(trust_env=False, timeout=PATIENCE_S) as outside:
        fetched = outside.get(offer["url"])
    assert fetched.status_code == 200
    assert len(fetched.content) == offer["bytes"]
    assert fetched.content.startswith(b"PK")
    assert "attachment" in fetched.headers["content-disposition"]


def package_with_media(folder: Path) -> Path:
    picture = folder / "picture.png"
    picture.write_bytes(random.Random(1).randbytes(MEDIA_BYTES))
    model = genanki.Model(
        1607392319,
        "Simple",
        fields=[{"name": "Front"}, {"name": "Back"}],
        templates=[{"name": "Card", "qfmt": "{{Front}}", "afmt": "{{Back}}"}],
    )
    deck = genanki.Deck(2059400110, "Pictures")
    deck.add_note(genanki.Note(model=model, fields=['<img src="picture.png">', "what it is"]))
    package = genanki.Package(deck)
    package.media_files = [str(picture)]
    path = folder / "deck.apkg"
    package.write_to_file(str(path))
    return path


def upload(person: Person, package: Path) -> str:
    """Send the file as a browser does, and have it imported; the import's id."""
    size = package.stat().st_size
    offer = person.ask("POST", "/api/uploads", {"bytes": size, "format": "apkg"})
    assert offer["method"] == "POST"
    assert not offer["url"].startswith("/")
    with (
        local_http.Client(trust_env=False, timeout=PATIENCE_S) as outside,
        package.open("rb") as file,
    ):
        sent = outside.post(offer["url"], data=offer["fields"], files={"file": file})
    assert sent.is_success, sent.text
    started = person.ask("POST", "/api/imports", {"upload_id": offer["upload_id"]})
    import_id: str = started["import_id"]
    return import_id


def finished(person: Person, import_id: str) -> Any:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found = person.ask("GET", f"/api/imports/{import_id}")
        if found["state"] in {"done", "failed"}:
            assert found["state"] == "done", found
            return found
        time.sleep(0.5)
    raise AssertionError("the import did not end")


def test_a_restored_backup_is_the_collection_again(ada: Person) -> None:
    _, card_id = ada.deck_with_card()
    backup = ada.ask("POST", "/api/backups")["backup"]
    ada.ask("DELETE", f"/api/cards/{card_id}")
    ada.ask("POST", f"/api/backups/{backup['id']}/restore")
    assert ada.ask("GET", f"/api/cards/{card_id}")["card"]["id"] == card_id


def test_an_ended_account_leaves_nothing_behind(ada: Person, stage: Stage) -> None:
    ada.deck_with_card()
    body = {"password": "correct horse battery"}
    assert ada.ask("DELETE", "/api/account", body)["success"] is True
    found = stage.client("s3").list_objects_v2(
        Bucket=stage.outputs["CollectionBucket"], Prefix=f"user_dbs/{ada.username}"
    )
    assert found["KeyCount"] == 0


@pytest.mark.parametrize("token", ["", "Bearer none", f"Bearer {os.urandom(20).hex()}"])
def test_without_a_login_nobody_gets_anywhere(stage: Stage, token: str) -> None:
    with stage.http() as http:
        answer = http.get("/api/decks", headers={"Authorization": token} if token else {})
    assert answer.status_code in {401, 403}
    assert "decks" not in answer.text
