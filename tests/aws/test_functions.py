"""What the stage does beside answering, each in a Lambda function of its own."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.aws.stage import Person, Stage

SCHEDULED = json.loads((Path(__file__).parent / "scheduled.json").read_text())
ENVIRONMENTS = 3
PATIENCE_S = 60
# More than the log of commits keeps unfolded.
MANY_CHANGES = 70


def base_file(stage: Stage, person: Person) -> Any:
    return stage.client("s3").head_object(
        Bucket=stage.outputs["CollectionBucket"], Key=f"user_dbs/{person.username}.anki2"
    )


def generation_of(stage: Stage, person: Person) -> str:
    found = stage.client("dynamodb").get_item(
        TableName=stage.outputs["UsersTable"], Key={"username": {"S": person.username}}
    )
    generation: str = found["Item"]["generation"]["S"]
    return generation


def test_warming_reaches_three_environments_of_the_api(stage: Stage) -> None:
    report = stage.invoke("Warm", SCHEDULED)
    environments = {one["environment"] for one in report["reports"]}
    assert len(environments) == ENVIRONMENTS
    assert report["failed"] == 0


def test_warmed_environments_are_those_that_answer(stage: Stage) -> None:
    first = {one["environment"] for one in stage.invoke("Warm", SCHEDULED)["reports"]}
    second = {one["environment"] for one in stage.invoke("Warm", SCHEDULED)["reports"]}
    assert first & second


@pytest.mark.parametrize("function", ["Sweep", "Upkeep"])
def test_the_chores_leave_nothing_undone(stage: Stage, ada: Person, function: str) -> None:
    ada.deck_with_card()
    undone = stage.invoke(function, SCHEDULED)["undone"]
    assert set(undone.values()) == {0}


def test_the_fold_function_folds_whom_it_is_asked_for(stage: Stage, ada: Person) -> None:
    ada.deck_with_card()
    before = base_file(stage, ada)
    order = {"username": ada.username, "generation": generation_of(stage, ada), "space": ""}
    stage.invoke("Fold", {"fold": order})
    assert base_file(stage, ada)["ETag"] != before["ETag"]
    assert len(ada.ask("GET", "/api/decks")["decks"]) >= 1


def test_the_api_has_folded_what_becomes_too_long(stage: Stage, ada: Person) -> None:
    deck_id, _ = ada.deck_with_card()
    before = base_file(stage, ada)["ETag"]
    for n in range(MANY_CHANGES):
        ada.ask("POST", "/api/cards", {"deck_id": deck_id, "front": f"{n}?", "back": f"{n}"})
    until = time.monotonic() + PATIENCE_S
    while base_file(stage, ada)["ETag"] == before:
        assert time.monotonic() < until, "nobody has folded the collection"
        time.sleep(0.5)
    (deck,) = (one for one in ada.ask("GET", "/api/decks")["decks"] if one["id"] == deck_id)
    assert deck["total_cards"] == MANY_CHANGES + 1


PRIVATE = {"javumbo": {"do": "warm", "hold_ms": 0}}


def test_nobody_outside_can_send_a_private_event(stage: Stage, ada: Person) -> None:
    with stage.http() as stranger:
        for http in (stranger, ada.http):
            for path in ("/health", "/api/login", "/api/decks", "/warm", "/javumbo", "/"):
                for method in ("GET", "POST", "PUT"):
                    answer = http.request(
                        method,
                        path,
                        content=json.dumps(PRIVATE),
                        params={"javumbo": "warm"},
                        headers={"Content-Type": "application/json", "javumbo": "warm"},
                    )
                    assert "environment" not in answer.text, f"{method} {path}"
        assert stranger.post("/health", json=PRIVATE).status_code >= 400
    # Who may invoke the function is answered.
    assert "environment" in stage.invoke("APIHandler", PRIVATE)


def test_the_authorizer_is_not_asked_again_for_a_while(stage: Stage, ada: Person) -> None:
    """So that a person's requests cost one function each, and not two."""
    ada.deck_with_card()
    before = authorizations(stage)
    for path in ("/api/decks", "/api/stats", "/api/tags", "/api/notetypes", "/api/undo"):
        ada.ask("GET", path)
    assert authorizations(stage) == before
    # A token that nobody has seen yet is looked at.
    assert ada.http.get("/api/decks", headers={"Authorization": "Bearer x"}).status_code == 403
    assert authorizations(stage) == before + 1


def authorizations(stage: Stage) -> int:
    """How often the authorizer has run, by its log."""
    logs = stage.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=stage.outputs["JwtAuthLogName"]
    )
    return sum(
        event["message"].startswith("START RequestId") for page in pages for event in page["events"]
    )
