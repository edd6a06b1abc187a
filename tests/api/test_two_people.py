"""Two people: whatever the one names of the other's is, to them, what is not there.

Every route of the app is walked; a new one that takes an id has to say here how it is asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

import app
from tests.support.server import Person

BYTES = {"Content-Type": "application/octet-stream"}


@dataclass(frozen=True)
class Ids:
    """One of each that has an id."""

    deck_id: int
    card_id: int
    note_id: int
    notetype_id: int
    options_id: int
    backup_id: str
    import_id: str
    upload_id: str
    media: str


Asked = Callable[[Ids], dict[str, Any]]


def body(**values: Any) -> Asked:
    return lambda ids: {"json": {k: v(ids) if callable(v) else v for k, v in values.items()}}


def query(**values: Any) -> Asked:
    return lambda ids: {"params": {k: v(ids) if callable(v) else v for k, v in values.items()}}


def nothing(_: Ids) -> dict[str, Any]:
    return {}


DECK, CARD = (lambda ids: ids.deck_id), (lambda ids: ids.card_id)
NOTETYPE, OPTIONS = (lambda ids: ids.notetype_id), (lambda ids: ids.options_id)
CARDS, MEDIA = (lambda ids: [ids.card_id]), (lambda ids: ids.media)
ACTIONS: list[dict[str, Any]] = [
    {"action": "suspend"},
    {"action": "delete"},
    {"action": "flag", "value": 1},
    {"action": "set_due", "days": "1"},
    {"action": "add_tags", "tags": ["mine"]},
]

# How a route is asked about somebody's things, other than with the ids in its path alone.
ASKED: dict[str, list[Asked]] = {
    "PUT /api/decks/{deck_id}": [body(name="Mine"), body(description="mine")],
    "PUT /api/decks/{deck_id}/options": [body(new={"perDay": 1})],
    "POST /api/decks/{deck_id}/unbury": [body(kind="all")],
    "POST /api/options": [body(name="Mine", copy_of=OPTIONS)],
    "PUT /api/options/{options_id}": [body(name="Mine")],
    "POST /api/notetypes": [body(name="Mine", copy_of=NOTETYPE)],
    "PUT /api/notetypes/{notetype_id}": [body(name="Mine"), body(css="mine")],
    "GET /api/cards": [
        query(deck_id=DECK),
        query(q=lambda ids: f"cid:{ids.card_id}"),
        query(q=lambda ids: f"nid:{ids.note_id}"),
        query(q=lambda ids: f"did:{ids.deck_id}"),
        query(q=lambda ids: f"mid:{ids.notetype_id}"),
        query(q="secret"),
        query(q="tag:secret"),
    ],
    "POST /api/cards": [
        body(deck_id=DECK, front="mine", back=""),
        body(deck_id=1, notetype_id=NOTETYPE, fields={"Front": "mine"}),
    ],
    "POST /api/cards/preview": [
        body(notetype_id=NOTETYPE, fields={}),
        body(notetype_id=NOTETYPE, fields={"Front": "mine"}, deck_id=DECK),
    ],
    "PUT /api/cards/{card_id}": [body(front="mine"), body(tags=["mine"]), body(deck_id=1)],
    "POST /api/cards/actions": [
        *(body(card_ids=CARDS, **action) for action in ACTIONS),
        body(card_ids=CARDS, action="move", deck_id=1),
    ],
    "POST /api/review": [body(card_id=CARD, rating=3)],
    "GET /api/stats": [query(deck_id=DECK)],
    "GET /api/export": [query(format="csv", deck_id=DECK), query(format="csv", q="secret")],
    "POST /api/imports": [body(upload_id=lambda ids: ids.upload_id)],
    "GET /api/media": [query(name=MEDIA)],
    "PUT /api/media": [
        lambda ids: {"params": {"name": ids.media}, "json": {"name": "mine.png"}},
    ],
    "DELETE /api/media": [query(name=MEDIA)],
}
# What names nobody's things: only what is in the body, or all of the caller's own.
WITHOUT_IDS = {
    "/account",
    "/account/password",
    "/backups",
    "/decks",
    "/health",
    "/import",
    "/import/preview",
    "/login",
    "/logout",
    "/logout-everywhere",
    "/media/check",
    "/openapi.json",
    "/password-strength",
    "/redo",
    "/register",
    "/tags",
    "/undo",
    "/uploads",
}
READS_ALL_OF_ONES_OWN = {"GET /api/notetypes", "GET /api/options", "POST /api/media"}
# Addresses that are signed for whoever is given them; tests of their own try to forge them.
SIGNED = {"/uploads/{token}", "/downloads/{token}", "/media/{token}/{name}"}


def walked() -> Iterator[tuple[str, str, Asked]]:
    """Every way of asking every route that takes an id."""
    for path, methods in sorted(app.app.routes.items()):
        for method in sorted(methods):
            route = f"{method} {path}"
            if path in SIGNED or path.removeprefix("/api") in WITHOUT_IDS:
                continue
            if route in READS_ALL_OF_ONES_OWN:
                continue
            assert "{" in path or route in ASKED, f"how is {route} asked for somebody's things?"
            for asked in ASKED.get(route, [nothing]):
                yield method, path, asked


def things_of(person: Person, tmp_path: Path) -> Ids:
    deck_id = person.deck("secret deck")
    presets = {"name": "secret preset"}
    options_id = person.ok("POST", "/api/options", json=presets)["options_id"]
    notetypes = person.ok("GET", "/api/notetypes")["notetypes"]
    copied = {"name": "secret notetype", "copy_of": notetypes[0]["id"]}
    notetype_id = person.ok("POST", "/api/notetypes", json=copied)["notetype_id"]
    card = person.card(deck_id, "secret front", tags=["secret"])
    other = {"deck_id": deck_id, "notetype_id": notetype_id, "fields": {"Front": "secret too"}}
    person.ok("POST", "/api/cards", json=other)
    media = {"params": {"name": "secret.png"}, "content": b"secret"}
    person.ok("POST", "/api/media", headers=BYTES, **media)
    file = person.export(tmp_path / f"{person.username}.anki2").read_bytes()
    imported, waiting = (upload(person, file) for _ in range(2))
    person.ok("POST", "/api/imports", json={"upload_id": imported})
    return Ids(
        deck_id=deck_id,
        card_id=card["card_id"],
        note_id=card["note_id"],
        notetype_id=notetype_id,
        options_id=options_id,
        backup_id=person.ok("POST", "/api/backups")["backup"]["id"],
        import_id=imported,
        upload_id=waiting,
        media="secret.png",
    )


def upload(person: Person, file: bytes) -> str:
    wanted = {"bytes": len(file), "format": "anki2"}
    offer = person.ok("POST", "/api/uploads", json=wanted)
    person.ok("PUT", offer["url"], content=file, headers=BYTES)
    upload_id: str = offer["upload_id"]
    return upload_id


def of_nobody(ids: Ids) -> Ids:
    """Ids of the same form that nobody has."""

    def another(value: int | str) -> int | str:
        if isinstance(value, int):
            return value - 86_400_000
        return value.replace("secret", "absent") if "secret" in value else f"1{value[1:]}"

    changed: dict[str, Any] = {name: another(value) for name, value in asdict(ids).items()}
    # A backup's and an upload's id begin with their time.
    for name in ("backup_id", "import_id", "upload_id"):
        made, _, rest = asdict(ids)[name].partition("-")
        changed[name] = f"{int(made) - 86_400_000}-{rest}"
    return replace(ids, **changed)


def ask(person: Person, method: str, path: str, asked: Asked, ids: Ids) -> httpx.Response:
    return person.call(method, path.format_map(asdict(ids)), **asked(ids))


def told(answer: httpx.Response, ids: Ids) -> tuple[int, str, dict[str, str]]:
    """What a caller can tell of an answer, whatever the ids were that they asked with."""
    text = answer.text
    for value in sorted(map(str, asdict(ids).values()), key=len, reverse=True):
        text = text.replace(value, "ID")
    kept = {"content-type", "retry-after", "location", "allow", "etag", "content-disposition"}
    headers = {name: value for name, value in answer.headers.items() if name in kept}
    request_id = answer.headers.get("x-request-id", "-")
    return answer.status_code, text.replace(request_id, "REQUEST"), headers


def everything_of(person: Person) -> list[Any]:
    """What a change to the person's things would show in."""
    shown = [
        person.ok("GET", path)
        for path in ("/api/account", "/api/media", "/api/backups", "/api/undo", "/api/options")
    ]
    for answer in shown:
        answer.pop("media_url", None)
    return [person.call("GET", "/api/export").content, *shown]


def test_no_route_reads_changes_or_betrays_what_is_somebody_elses(
    new_person: Callable[..., Person], tmp_path: Path
) -> None:
    ana, bob = new_person(sample_deck=False), new_person(sample_deck=False)
    ids = things_of(ana, tmp_path)
    absent = of_nobody(ids)
    before = everything_of(ana), everything_of(bob)
    seen = 0
    for method, path, asked in walked():
        theirs = ask(bob, method, path, asked, ids)
        nobodys = ask(bob, method, path, asked, absent)
        assert told(theirs, ids) == told(nobodys, absent), f"{method} {path} {asked(ids)}"
        # With a search or a name there is an answer: of what is one's own, that is of nothing.
        assert "secret" not in theirs.text.replace(str(asked(ids)), ""), (method, path)
        if "{" in path:
            assert theirs.status_code == 404, (method, path, asked(ids), theirs.text)
        seen += 1
    assert seen > 40
    assert (everything_of(ana), everything_of(bob)) == before


def test_what_the_walk_asks_finds_things_for_their_owner(
    new_person: Callable[..., Person], tmp_path: Path
) -> None:
    """Or the walk above would prove nothing."""
    reading = [(path, asked) for method, path, asked in walked() if method == "GET"]
    ana = new_person(sample_deck=False)
    ids = things_of(ana, tmp_path)
    absent = of_nobody(ids)
    for path, asked in reading:
        own, nobodys = (ask(ana, "GET", path, asked, one) for one in (ids, absent))
        assert own.status_code == 200, (path, own.text)
        if asked(ids) != asked(absent) or "{" in path:
            assert told(own, ids) != told(nobodys, absent), path


def test_a_file_of_somebody_else_is_not_under_ones_own_media_address(
    new_person: Callable[..., Person],
) -> None:
    ana, bob = new_person(sample_deck=False), new_person(sample_deck=False)
    media = {"params": {"name": "secret.png"}, "content": b"secret"}
    ana.ok("POST", "/api/media", headers=BYTES, **media)
    address = bob.ok("GET", "/api/media")["media_url"]
    theirs, nobodys = (bob.call("GET", address + name) for name in ("secret.png", "absent.png"))
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json()["message"] == nobodys.json()["message"]
    own = ana.ok("GET", "/api/media")["media_url"]
    assert ana.call("GET", own + "secret.png").content == b"secret"


@pytest.mark.parametrize("name", ["X-Username", "X-User", "Cookie", "X-Amzn-Principal-Id"])
def test_who_one_is_follows_from_the_token_alone(
    new_person: Callable[..., Person], name: str
) -> None:
    ana, bob = new_person(sample_deck=False), new_person(sample_deck=False)
    ana.deck("secret deck")
    headers = {name: ana.username, "X-Principal-Id": ana.username}
    params = {"username": ana.username}
    answer = bob.call("GET", "/api/account", headers=headers)
    assert answer.json()["account"]["username"] == bob.username
    assert "secret" not in bob.call("GET", "/api/decks", headers=headers, params=params).text
