"""Exports over HTTP: every format, what may be chosen for each, and how the file comes."""

import csv
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from chalice.app import Response

from chalicelib.api.export import export_collection
from chalicelib.api.request import ApiRequest
from chalicelib.collection.create import create_new_user_collection
from chalicelib.services import Services, build_services
from chalicelib.settings import load_settings
from chalicelib.storage import Owner
from chalicelib.transfers import LocalDoor
from tests.support.anki import assert_clean
from tests.support.collections import NOW_MS
from tests.support.server import Person

EXTENSIONS = {
    "anki2": "anki2",
    "colpkg": "colpkg",
    "apkg": "apkg",
    "csv": "csv",
    "notes_txt": "txt",
    "cards_txt": "txt",
}
BYTES = {"Content-Type": "application/octet-stream"}


def export(person: Person, **query: Any) -> httpx.Response:
    response = person.call("GET", "/api/export", params=query)
    assert response.status_code == 200, response.text
    return response


def entries(response: httpx.Response) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows_in(package: httpx.Response, query: str, directory: Path) -> list[Any]:
    """Rows of the collection in a legacy package."""
    path = directory / "exported.anki2"
    path.write_bytes(entries(package)["collection.anki21"])
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(query).fetchall()


@pytest.mark.parametrize("name", EXTENSIONS)
def test_every_format_is_a_file_to_be_saved(person: Person, name: str) -> None:
    person.card(1, "a card")
    response = export(person, format=name)
    today = datetime.now(UTC).date().isoformat()
    assert response.headers["content-disposition"] == (
        f'attachment; filename="{person.username}-{today}.{EXTENSIONS[name]}"'
    )
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["anki2", "colpkg", "apkg"])
def test_real_anki_finds_nothing_wrong(person: Person, name: str, tmp_path: Path) -> None:
    person.card(1, "a card", tags=["marked"])
    person.answer(person.next_cards(1)[0], 3)
    file = tmp_path / f"export.{name}"
    file.write_bytes(export(person, format=name).content)
    counts = assert_clean(file)["counts"]
    assert (counts["notes"], counts["cards"], counts["revlog"]) == (1, 1, 1)


def test_without_a_format_it_is_the_collection_file(person: Person) -> None:
    assert export(person).content.startswith(b"SQLite format 3\0")


@pytest.mark.parametrize("name", ["apkg", "colpkg"])
def test_media_go_along_unless_they_are_to_stay(person: Person, name: str) -> None:
    for file in ("shown.png", "unused.png"):
        person.ok("POST", "/api/media", params={"name": file}, content=b"picture", headers=BYTES)
    person.card(1, '<img src="shown.png">')
    wanted = ["shown.png"] if name == "apkg" else ["shown.png", "unused.png"]
    with_media = entries(export(person, format=name, legacy=True))
    assert list(json.loads(with_media["media"]).values()) == wanted
    assert with_media["0"] == b"picture"
    without = entries(export(person, format=name, legacy=True, media=False))
    assert json.loads(without["media"]) == {}


def test_a_deck_goes_with_its_subdecks_as_new_unless_scheduling_is_wanted(
    person: Person, tmp_path: Path
) -> None:
    parent, child = person.deck("A"), person.deck("A::B")
    for deck_id in (1, parent, child):
        person.card(deck_id, f"in {deck_id}")
    person.answer(person.next_cards(child)[0], 3)
    studied = "SELECT count(*), sum(reps), (SELECT count(*) FROM revlog) FROM cards"
    shared = export(person, format="apkg", deck_id=parent, legacy=1)
    assert rows_in(shared, studied, tmp_path) == [(2, 0, 0)]
    kept = export(person, format="apkg", deck_id=parent, legacy=1, scheduling=True)
    assert rows_in(kept, studied, tmp_path) == [(2, 1, 1)]
    everything = export(person, format="apkg", legacy=1)
    assert rows_in(everything, studied, tmp_path) == [(3, 1, 1)]


def test_a_search_narrows_a_deck(person: Person, tmp_path: Path) -> None:
    deck_id = person.deck("Here")
    person.card(deck_id, "wanted")
    person.card(deck_id, "other")
    person.card(1, "wanted elsewhere")
    fields = "SELECT flds FROM notes"
    found = export(person, format="apkg", deck_id=deck_id, q="wanted*", legacy=1)
    assert rows_in(found, fields, tmp_path) == [("wanted\x1fback",)]
    everywhere = export(person, format="apkg", q="wanted*", legacy=1)
    assert len(rows_in(everywhere, fields, tmp_path)) == 2
    lines = export(person, format="cards_txt", deck_id=deck_id, q="wanted*").text.splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["wanted\tback"]


def test_a_spreadsheet_runs_nothing_unless_it_is_asked_to(person: Person) -> None:
    person.card(1, "=1+1", "<b>bold</b>")
    guarded = list(csv.reader(io.StringIO(export(person, format="csv").text.lstrip("\ufeff"))))
    assert guarded[1][:2] == ["'=1+1", "bold"]
    response = export(person, format="csv", guarded=False, html=True)
    plain = list(csv.reader(io.StringIO(response.text.lstrip("\ufeff"))))
    assert plain[1][:2] == ["=1+1", "<b>bold</b>"]


def test_text_keeps_its_html_unless_it_is_not_wanted(person: Person) -> None:
    person.card(1, "<i>front</i>")
    for name in ("notes_txt", "cards_txt"):
        assert "<i>front</i>" in export(person, format=name).text
        assert "<i>" not in export(person, format=name, html=False).text


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"format": "zip"}, {"format"}),
        ({"deck_id": 1, "q": "a", "media": True}, {"deck_id", "q", "media"}),
        ({"scheduling": False, "legacy": False, "html": True}, {"scheduling", "legacy", "html"}),
        ({"format": "colpkg", "deck_id": 1, "scheduling": False}, {"deck_id", "scheduling"}),
        ({"format": "colpkg", "presets": False, "guarded": True}, {"presets", "guarded"}),
        ({"format": "apkg", "html": False}, {"html"}),
        ({"format": "csv", "scheduling": True, "legacy": True}, {"scheduling", "legacy"}),
        ({"format": "notes_txt", "media": True, "guarded": True}, {"media", "guarded"}),
        ({"format": "cards_txt", "presets": True}, {"presets"}),
        ({"format": "apkg", "deck_id": 0, "unknown": 1}, {"deck_id", "unknown"}),
    ],
)
def test_choices_that_a_format_does_not_leave_are_400(
    person: Person, query: dict[str, Any], fields: set[str]
) -> None:
    body = person.fails(400, "invalid_input", "GET", "/api/export", params=query)
    assert body["fields"].keys() == fields


def test_what_a_format_does_anyway_may_be_said(person: Person) -> None:
    export(person, scheduling=True, media=False)
    export(person, format="colpkg", scheduling=True, presets=True)
    export(person, format="csv", scheduling=False, media=False)


def test_there_must_be_such_a_deck_and_such_a_search(person: Person) -> None:
    query: dict[str, Any] = {"format": "apkg", "deck_id": 12345}
    person.fails(404, "not_found", "GET", "/api/export", params=query)
    query = {"format": "csv", "q": "("}
    body = person.fails(400, "invalid_input", "GET", "/api/export", params=query)
    assert body["fields"].keys() == {"q"}


def test_nobody_gets_anything_of_others(new_person: Callable[..., Person]) -> None:
    one, other = new_person(sample_deck=False), new_person(sample_deck=False)
    one.card(1, "the secret of one")
    for name in ("anki2", "csv", "notes_txt", "cards_txt"):
        assert b"the secret of one" not in export(other, format=name).content
    assert "the secret of one" in export(one, format="notes_txt").text


class AtTheGateway:
    """The view of a service on AWS, whose answers may have no more than 10,000 bytes."""

    def __init__(self, folder: Path) -> None:
        settings = load_settings({"JAVUMBO_DATA": str(folder), "SECRET_KEY": "s" * 32})
        services = build_services(settings)
        self.owner = Owner("somebody", "0" * 32)
        services.storage.create(
            self.owner,
            lambda conn: create_new_user_collection(
                conn,
                now_ms=NOW_MS,
                minutes_west=0,
                sample_deck=True,
                random_bits=services.random_bits,
            ),
        )
        limited = replace(settings, backend="aws", max_body_bytes=10_000)
        self.services: Services = replace(services, settings=limited)

    def __call__(self, **query: str) -> Any:
        request = ApiRequest(
            services=self.services,
            now_ms=NOW_MS,
            caller=self.owner.username,
            generation=self.owner.generation,
            route="GET /api/export",
            params={},
            query_params=query,
            headers={},
            raw_body=b"",
        )
        return export_collection(request)

    def fetched(self, url: str) -> bytes:
        """What is at an offered address."""
        door: LocalDoor | None = self.services.door
        assert door is not None
        with door.opened(url.rpartition("/")[2]) as download:
            return download.path.read_bytes()


def test_what_is_too_large_for_an_answer_is_offered_elsewhere(tmp_path: Path) -> None:
    gateway = AtTheGateway(tmp_path)
    answer = gateway()
    assert answer.keys() == {"url", "expires_at", "bytes"}
    content = gateway.fetched(answer["url"])
    assert content.startswith(b"SQLite format 3\0")
    assert len(content) == answer["bytes"] > 10_000
    redirection = gateway(redirect="1")
    assert isinstance(redirection, Response)
    assert redirection.status_code == 303
    assert gateway.fetched(str(redirection.headers["Location"])) == content
    small = gateway(format="notes_txt")
    assert isinstance(small, Response)
    assert small.status_code == 200


def test_an_export_leaves_no_work_files(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    gateway = AtTheGateway(tmp_path / "data")
    settings = replace(gateway.services.settings, cache_dir=cache)
    gateway.services = replace(gateway.services, settings=settings)
    for name in EXTENSIONS:
        gateway(format=name)
    assert list(cache.iterdir()) == []
