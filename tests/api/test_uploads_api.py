"""Large files over HTTP: where to send them, what is taken, and importing them."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import local_http
from tests.support.server import Person, serving

BYTES = {"Content-Type": "application/octet-stream"}
MAX_BODY_BYTES = 1_000_000
PATIENCE_S = 60


def offered(person: Person, size: int, file_format: str = "anki2") -> dict[str, Any]:
    body = {"bytes": size, "format": file_format}
    offer: dict[str, Any] = person.ok("POST", "/api/uploads", json=body)
    return offer


def sent(person: Person, file: bytes, file_format: str = "anki2") -> str:
    offer = offered(person, len(file), file_format)
    assert (offer["method"], offer["fields"]) == ("PUT", {})
    # The address alone is enough: no token goes with it.
    answer = local_http.put(
        f"{str(person.http.base_url).rstrip('/')}{offer['url']}", content=file, headers=BYTES
    )
    assert answer.json() == {"success": True, "bytes": len(file)}
    upload_id: str = offer["upload_id"]
    return upload_id


def exported(person: Person, tmp_path: Path) -> bytes:
    return person.export(tmp_path / f"{person.username}.anki2").read_bytes()


def finished(person: Person, import_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        shown: dict[str, Any] = person.ok("GET", f"/api/imports/{import_id}")
        if shown["state"] in {"done", "failed"}:
            return shown
        assert time.monotonic() < deadline, shown
        time.sleep(0.05)


def test_a_small_file_is_imported_at_once(
    new_person: Callable[..., Person], tmp_path: Path
) -> None:
    giver, taker = new_person(sample_deck=False), new_person(sample_deck=False)
    giver.card(1, "given")
    upload_id = sent(taker, exported(giver, tmp_path))
    done = taker.ok("POST", "/api/imports", json={"upload_id": upload_id})
    assert (done["import_id"], done["state"]) == (upload_id, "done")
    assert done["result"]["notes"]["new"] == 1
    assert taker.ok("GET", "/api/cards")["pagination"]["total"] == 1
    shown = taker.ok("GET", f"/api/imports/{upload_id}")
    assert shown["result"] == done["result"]
    assert [one["kind"] for one in taker.ok("GET", "/api/backups")["backups"]] == ["import"]
    assert taker.ok("GET", "/api/undo")["undo"] == ["Import"]


def test_a_file_larger_than_a_request_may_be_is_imported_in_the_background(
    new_person: Callable[..., Person], tmp_path: Path
) -> None:
    giver, taker = new_person(sample_deck=False), new_person(sample_deck=False)
    for number in range(100):
        giver.card(1, f"{number} " + "x" * 60_000)
    file = exported(giver, tmp_path)
    assert len(file) > 5 * MAX_BODY_BYTES
    upload_id = sent(taker, file)
    started = taker.call("POST", "/api/imports", json={"upload_id": upload_id})
    assert (started.status_code, started.json()["success"]) == (202, True)
    assert finished(taker, upload_id)["result"]["notes"]["new"] == 100
    assert taker.ok("GET", "/api/cards")["pagination"]["total"] == 100


def test_a_file_that_cannot_be_used_is_an_error_each_time_it_is_asked_for(person: Person) -> None:
    upload_id = sent(person, b"SQLite format 3\0 or not")
    for _ in range(2):
        person.fails(422, "unusable_file", "POST", "/api/imports", json={"upload_id": upload_id})
    shown = person.ok("GET", f"/api/imports/{upload_id}")
    assert (shown["state"], shown["failure"]["error"]) == ("failed", "unusable_file")


@pytest.mark.parametrize("extra", [1, MAX_BODY_BYTES, 3 * MAX_BODY_BYTES])
def test_more_than_was_agreed_on_is_refused_and_not_kept(person: Person, extra: int) -> None:
    offer = offered(person, 2 * MAX_BODY_BYTES)
    for content in (bytes(2 * MAX_BODY_BYTES + extra), chunks(2 * MAX_BODY_BYTES + extra)):
        answer = person.call("PUT", offer["url"], content=content, headers=BYTES)
        assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    body = {"upload_id": offer["upload_id"]}
    person.fails(404, "not_found", "POST", "/api/imports", json=body)


def chunks(size: int) -> Iterator[bytes]:
    return (bytes(1000) for _ in range(size // 1000 + 1))


def test_as_much_as_was_agreed_on_is_taken_in_pieces_too(person: Person) -> None:
    offer = offered(person, 3 * MAX_BODY_BYTES)
    content = (bytes(1000) for _ in range(3 * MAX_BODY_BYTES // 1000))
    answer = person.call("PUT", offer["url"], content=content, headers=BYTES)
    assert answer.json() == {"success": True, "bytes": 3 * MAX_BODY_BYTES}


def test_a_file_over_the_limit_is_not_offered_a_place(person: Person) -> None:
    body = {"bytes": 2**40, "format": "apkg"}
    person.fails(413, "too_large", "POST", "/api/uploads", json=body)


@pytest.mark.parametrize(
    "body",
    [
        {"bytes": 0, "format": "apkg"},
        {"bytes": 5, "format": "exe"},
        {"bytes": "5", "format": "apkg"},
        {"bytes": 5},
        {"format": "apkg"},
    ],
)
def test_a_bad_wish_is_400(person: Person, body: dict[str, Any]) -> None:
    person.fails(400, "invalid_input", "POST", "/api/uploads", json=body)


@pytest.mark.parametrize("token", ["x", "a.b", "WyJ1cGxvYWQiXQ.AAAA", "%00", "a/b"])
def test_a_forged_address_takes_and_gives_nothing(base_url: str, token: str) -> None:
    for size in (10, MAX_BODY_BYTES - 1):
        answer = local_http.put(f"{base_url}/uploads/{token}", content=bytes(size), headers=BYTES)
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    assert local_http.get(f"{base_url}/downloads/{token}").status_code == 404


def test_a_forged_address_allows_no_large_body(base_url: str) -> None:
    content = bytes(2 * MAX_BODY_BYTES)
    answer = local_http.put(f"{base_url}/uploads/x.y", content=content, headers=BYTES)
    assert answer.status_code in {404, 413}


def test_the_address_of_an_upload_is_none_of_a_download(person: Person) -> None:
    token = offered(person, 10)["url"].removeprefix("/uploads/")
    person.call("PUT", f"/uploads/{token}", content=b"x", headers=BYTES)
    person.fails(404, "not_found", "GET", f"/downloads/{token}")


def test_an_upload_that_was_never_sent_cannot_be_imported(person: Person) -> None:
    body = {"upload_id": offered(person, 10)["upload_id"]}
    person.fails(404, "not_found", "POST", "/api/imports", json=body)


def test_a_strangers_upload_and_import_are_not_found(
    new_person: Callable[..., Person], tmp_path: Path
) -> None:
    owner, stranger = new_person(), new_person()
    upload_id = sent(owner, exported(owner, tmp_path))
    body = {"upload_id": upload_id}
    stranger.fails(404, "not_found", "POST", "/api/imports", json=body)
    owner.ok("POST", "/api/imports", json=body)
    stranger.fails(404, "not_found", "GET", f"/api/imports/{upload_id}")
    stranger.fails(404, "not_found", "POST", "/api/imports", json=body)


def test_an_upload_is_imported_in_one_way(person: Person, tmp_path: Path) -> None:
    upload_id = sent(person, exported(person, tmp_path))
    person.ok("POST", "/api/imports", json={"upload_id": upload_id})
    other = {"upload_id": upload_id, "mode": "replace"}
    person.fails(400, "invalid_input", "POST", "/api/imports", json=other)


def test_a_browser_may_send_a_file_from_the_page(person: Person) -> None:
    offer = offered(person, 10)
    asked = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "PUT"}
    answer = person.call("OPTIONS", offer["url"], headers=asked)
    assert answer.status_code == 200
    assert "PUT" in answer.headers["access-control-allow-methods"]
    sent = person.call("PUT", offer["url"], content=b"x", headers=BYTES)
    assert sent.headers["access-control-allow-origin"] == "http://localhost:5173"


def test_only_so_many_files_wait_at_a_time(person: Person) -> None:
    for _ in range(5):
        sent(person, b"waiting")
    body = {"bytes": 5, "format": "apkg"}
    person.fails(429, "too_many_requests", "POST", "/api/uploads", json=body)


@pytest.fixture(scope="module")
def roomy_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("plain") / "data"
    with serving(data, MAX_UPLOAD_BYTES="2000") as address:
        yield address


def test_the_limit_of_uploads_is_a_setting(roomy_url: str) -> None:
    person = Person(roomy_url, "somebody")
    offered(person, 2000)
    person.fails(413, "too_large", "POST", "/api/uploads", json={"bytes": 2001, "format": "apkg"})
    person.close()
