import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.support import local_http
from tests.support.server import CHALICE_LOCAL, Person, assert_error_shape, serving

MEDIA = "/api/media"
BYTES = {"Content-Type": "application/octet-stream"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def add(person: Person, name: str, content: bytes = PNG) -> str:
    query = {"name": name}
    body = person.ok("POST", MEDIA, params=query, content=content, headers=BYTES)
    return str(body["name"])


def names(person: Person) -> list[str]:
    return [entry["name"] for entry in person.ok("GET", MEDIA)["media"]]


def media_url(person: Person) -> str:
    return str(person.ok("GET", MEDIA)["media_url"])


def get(person: Person, name: str, **headers: str) -> httpx.Response:
    """As a browser does: without the login."""
    address = f"{person.http.base_url}{media_url(person)}{quote(name, safe='')}"
    return local_http.get(address, headers=headers)


def test_a_file_that_is_added_is_listed_and_served(person: Person) -> None:
    assert add(person, "a.png") == "a.png"
    listed = person.ok("GET", MEDIA)
    (entry,) = listed["media"]
    assert (entry["name"], entry["size"], entry["type"]) == ("a.png", len(PNG), "image/png")
    assert entry["added_at"] > 1_700_000_000_000
    assert listed["usage"] == {"files": 1, "bytes": len(PNG), "quota_bytes": 2**30}
    response = get(person, "a.png")
    assert (response.status_code, response.content) == (200, PNG)


def test_the_list_is_paged_filtered_and_in_order(person: Person) -> None:
    for number in range(7):
        add(person, f"cat {number}.png", b"x")
    add(person, "dog.png", b"x")
    query: dict[str, Any] = {"name": "CAT", "page": 2, "per_page": 3}
    listed = person.ok("GET", MEDIA, params=query)
    assert [entry["name"] for entry in listed["media"]] == ["cat 3.png", "cat 4.png", "cat 5.png"]
    assert listed["pagination"] == {"total": 7, "page": 2, "per_page": 3, "total_pages": 3}
    person.fails(400, "invalid_input", "GET", MEDIA, params={"per_page": 201})
    person.fails(400, "invalid_input", "GET", MEDIA, params={"page": 0})


def test_a_taken_name_gives_another_one_and_renaming_refuses_it(person: Person) -> None:
    add(person, "a.png", b"1")
    other = add(person, "a.png", b"2")
    assert other == f"a-{hashlib.sha1(b'2').hexdigest()}.png"
    request = {"params": {"name": "a.png"}, "json": {"name": other}}
    assert person.fails(400, "invalid_input", "PUT", MEDIA, **request)["fields"]
    request["json"] = {"name": "new.png"}
    assert person.ok("PUT", MEDIA, **request)["name"] == "new.png"
    assert names(person) == sorted([other, "new.png"])
    person.fails(404, "not_found", "PUT", MEDIA, **request)


def test_a_removed_file_is_gone(person: Person) -> None:
    add(person, "a.png")
    assert person.ok("DELETE", MEDIA, params={"name": "a.png"})["deleted"] == {"media": 1}
    assert get(person, "a.png").status_code == 404
    person.fails(404, "not_found", "DELETE", MEDIA, params={"name": "a.png"})
    person.fails(400, "invalid_input", "DELETE", MEDIA)


def test_the_same_request_again_adds_renames_and_removes_nothing_twice(person: Person) -> None:
    def again(key: str, method: str, **request: Any) -> Any:
        headers = {**request.pop("headers", {}), "Idempotency-Key": key}
        first = person.ok(method, MEDIA, headers=headers, **request)
        listed = names(person)
        assert person.ok(method, MEDIA, headers=headers, **request) == first
        assert names(person) == listed
        return first

    again("1", "POST", params={"name": "a.png"}, content=b"x", headers=BYTES)
    again("2", "PUT", params={"name": "a.png"}, json={"name": "b.png"})
    again("3", "DELETE", params={"name": "b.png"})
    headers = {**BYTES, "Idempotency-Key": "1"}
    request = {"params": {"name": "a.png"}, "content": b"y", "headers": headers}
    person.fails(400, "idempotency_key_reused", "POST", MEDIA, **request)


def test_checking_tells_what_is_missing_and_what_is_not_used(person: Person) -> None:
    note = person.card(1, '<img src="gone.png">[sound:here.mp3]')["note_id"]
    for name in ("here.mp3", "spare.png", "_style.css"):
        add(person, name, name.encode())
    found = person.ok("GET", f"{MEDIA}/check")
    assert (found["missing"], found["unused"]) == (["gone.png"], ["spare.png"])
    assert found["note_ids"] == [note]


def test_cards_say_where_their_media_are(person: Person) -> None:
    card = person.card(1, "<img src=a.png>")["card_id"]
    add(person, "a.png")
    for path in ("/api/review/1", f"/api/cards/{card}"):
        address = person.ok("GET", path)["media_url"]
        assert re.fullmatch("/media/[A-Za-z0-9_-]+/", address)
        assert local_http.get(f"{person.http.base_url}{address}a.png").content == PNG


@pytest.mark.parametrize(
    "name",
    [
        *("../a.png", "..", ".", "a/b.png", "a\\b.png", "%2e%2e%2fa.png", "a%00b.png", "a\0b.png"),
        *("é.png", "e\u0301.png", "あ い.png", "a+b.png", "a b.png", "100%.png", "a?b#c.png"),
        *("CON.png", "aux", ".hidden", "a.png ", "a.", "x" * 500, "\u202egnp.exe", "😀.png"),
        *("a;b=c.png", "a&name=b.png", '"quoted".png', "<b>.png", "a,b.png", "%E9.png"),
    ],
)
def test_whatever_a_name_is_the_file_is_served_under_the_name_that_was_told(
    person: Person, name: str
) -> None:
    stored = add(person, name)
    assert names(person) == [stored]
    response = get(person, stored)
    assert (response.status_code, response.content) == (200, PNG)


@pytest.mark.parametrize("path", ["../a.png", "..%2fa.png", "%2e%2e/a.png", "%ff", "a%00", "%", ""])
def test_a_path_that_is_no_name_leads_nowhere(person: Person, path: str) -> None:
    add(person, "a.png")
    address = f"{person.http.base_url}{media_url(person)}{path}"
    response = local_http.get(address)
    assert response.status_code == 404
    assert_error_shape(response)


def test_what_cannot_be_a_name_is_400(person: Person) -> None:
    for name in ("", "/", "???"):
        request = {"params": {"name": name}, "content": b"x", "headers": BYTES}
        assert person.fails(400, "invalid_input", "POST", MEDIA, **request)["fields"]
    person.fails(415, "unsupported_media_type", "POST", MEDIA, params={"name": "a"}, json={})
    assert names(person) == []


def test_a_body_over_the_limit_is_413(person: Person) -> None:
    request = {"params": {"name": "a"}, "content": bytes(1_000_001), "headers": BYTES}
    person.fails(413, "too_large", "POST", MEDIA, **request)


def test_no_file_runs_anything(person: Person) -> None:
    for name in ("a.png", "a.svg", "a.html", "a.js", "a", "a.css"):
        add(person, name, f"<script>{name}</script>".encode())
        headers = get(person, name).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        shown = headers["content-disposition"] == "inline"
        assert shown == (name in {"a.png", "a.css"})
        assert "html" not in headers["content-type"]
        assert "script" not in headers["content-type"]
        assert headers["cache-control"].startswith("private, max-age=")


def test_parts_of_a_file_are_served(person: Person) -> None:
    add(person, "a.mp3")
    size = len(PNG)
    for asked, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=100-", 100, size),
        ("bytes=-7", size - 7, size),
        (f"bytes=10-{10**17}", 10, size),
        (f"bytes=-{10**17}", 0, size),
    ):
        response = get(person, "a.mp3", Range=asked)
        assert (response.status_code, response.content) == (206, PNG[start:end])
        assert response.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        assert response.headers["content-length"] == str(end - start)
    for asked in ("bytes=0-1,5-6", "bytes=5-4", "lines=1-2", "bytes=-", "bytes=x-1", "x"):
        response = get(person, "a.mp3", Range=asked)
        assert (response.status_code, response.content) == (200, PNG)
        assert response.headers["accept-ranges"] == "bytes"
    for asked in (f"bytes={size}-", f"bytes={10**17}-", "bytes=-0"):
        response = get(person, "a.mp3", Range=asked)
        assert response.status_code == 416
        assert response.headers["content-range"] == f"bytes */{size}"
        assert_error_shape(response)


def test_what_a_browser_has_is_not_sent_again(person: Person) -> None:
    add(person, "a.png")
    etag = get(person, "a.png").headers["etag"]
    for known in (etag, f'W/"x", {etag}', f"W/{etag}", "*"):
        response = get(person, "a.png", **{"If-None-Match": known})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == etag
    assert get(person, "a.png", **{"If-None-Match": '"other"'}).status_code == 200
    part = {"Range": "bytes=0-1"}
    assert get(person, "a.png", **part, **{"If-Range": etag}).status_code == 206
    assert get(person, "a.png", **part, **{"If-Range": '"other"'}).status_code == 200


def test_head_tells_what_get_would_send(person: Person) -> None:
    add(person, "a.png")
    response = httpx.head(f"{person.http.base_url}{media_url(person)}a.png")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == str(len(PNG))
    assert response.headers["content-type"] == "image/png"


def test_nobody_reaches_another_persons_files(new_person: Callable[..., Person]) -> None:
    ada, bob = new_person(sample_deck=False), new_person(sample_deck=False)
    add(ada, "hers.png", b"hers")
    add(ada, "both.png", b"hers")
    add(bob, "both.png", b"his")
    assert names(bob) == ["both.png"]
    assert get(bob, "both.png").content == b"his"
    assert get(bob, "hers.png").status_code == 404
    bob.fails(404, "not_found", "DELETE", MEDIA, params={"name": "hers.png"})
    request = {"params": {"name": "hers.png"}, "json": {"name": "mine.png"}}
    bob.fails(404, "not_found", "PUT", MEDIA, **request)
    hers, his = media_url(ada), media_url(bob)
    assert hers != his
    mixed = hers[: len(hers) // 2] + his[len(his) // 2 :]
    for address in (mixed, f"{hers}../", his.replace("/media/", "/media/x"), "/media/"):
        response = local_http.get(f"{ada.http.base_url}{address}hers.png")
        assert response.status_code == 404
        assert_error_shape(response)
    assert get(ada, "hers.png").content == b"hers"


def test_the_login_is_no_token_and_the_token_no_login(person: Person) -> None:
    add(person, "a.png")
    login = person.http.headers["Authorization"].removeprefix("Bearer ")
    assert person.call("GET", f"/media/{login}/a.png").status_code == 404
    token = media_url(person).split("/")[2]
    headers = {"Authorization": f"Bearer {token}"}
    assert local_http.get(f"{person.http.base_url}{MEDIA}", headers=headers).status_code == 401


def test_looking_changes_nothing(person: Person) -> None:
    """Somebody who has never had a file gets no index by asking for some."""
    assert names(person) == []
    person.ok("GET", f"{MEDIA}/check")
    assert get(person, "a.png").status_code == 404
    person.fails(404, "not_found", "DELETE", MEDIA, params={"name": "a.png"})
    assert names(person) == []


def test_chalice_local_serves_files_and_parts_of_them_too(tmp_path: Path) -> None:
    with serving(tmp_path / "data", CHALICE_LOCAL) as base_url:
        person = Person(base_url, "ada", sample_deck=False)
        for name in ("a.png", "a.svg", "é.bin"):
            add(person, name)
            assert get(person, name).content == PNG
            part = get(person, name, Range="bytes=250-259")
            assert (part.status_code, part.content) == (206, PNG[250:260])
            assert get(person, name, Range="bytes=999999-").status_code == 416
        person.close()
