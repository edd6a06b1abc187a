"""What schemathesis cannot know: who it is, what there is to ask for, and what ends a login."""

import os
import zlib
from collections.abc import Mapping
from itertools import count
from typing import Any

import schemathesis

from tests.support import local_http
from tests.support.server import PASSWORD

# Each case of these gets somebody of its own, who is not missed afterwards.
ENDING = {
    "end",
    "logout",
    "logout_alias",
    "logout_everywhere",
    "logout_everywhere_alias",
    "change_password",
}
KEY = f"fuzz.{os.getpid()}"
_numbers = count(1)


class World:
    """Somebody with some of everything, and the names of it.

    The names stay the same even where a request has removed what they name: schemathesis repeats
    requests, and has to find itself making them up again.
    """

    def __init__(self) -> None:
        self._http = local_http.Client(base_url=os.environ["JAVUMBO_URL"], timeout=60)
        self.token = self.newcomer()
        self._http.headers["Authorization"] = f"Bearer {self.token}"
        decks = [self._made("/api/decks", name=f"Deck {n}")["deck_id"] for n in range(8)]
        cards = [self._card(decks[n % 8], n) for n in range(64)]
        presets = [self._made("/api/options", name=f"Options {n}") for n in range(4)]
        notetypes = [self._made("/api/notetypes", name=f"Notetype {n}") for n in range(4)]
        names = [self._media_file(n) for n in range(16)]
        uploads = [self._made("/api/uploads", bytes=1000, format="txt") for _ in range(3)]
        self.there: dict[str, list[Any]] = {
            "deck_id": [1, *decks],
            "card_id": cards,
            "options_id": [1, *(preset["options_id"] for preset in presets)],
            "copy_of": [1, *(notetype["notetype_id"] for notetype in notetypes)],
            "notetype_id": [notetype["notetype_id"] for notetype in notetypes],
            "name": names,
            "token": [self._media_token(), *(one["url"].split("/")[2] for one in uploads)],
            "upload_id": [one["upload_id"] for one in uploads],
            "import_id": [one["upload_id"] for one in uploads],
            "backup_id": [self._made("/api/backups")["backup"]["id"]],
            "answer_token": [self._answer_token(deck_id) for deck_id in decks],
            "password": [PASSWORD],
            "current_password": [PASSWORD],
        }

    def newcomer(self) -> str:
        """The token of somebody new."""
        account = {"username": f"fuzz{os.getpid()}.{next(_numbers)}", "password": PASSWORD}
        self._http.post("/register", json={**account, "name": "Fuzz"}).raise_for_status()
        return str(self._http.post("/login", json=account).json()["token"])

    def _made(self, path: str, **body: Any) -> Any:
        return self._http.post(path, json=body).raise_for_status().json()

    def _card(self, deck_id: int, number: int) -> int:
        note = {"deck_id": deck_id, "front": f"front {number}", "back": "back"}
        return int(self._made("/api/cards", **note)["card_id"])

    def _media_file(self, number: int) -> str:
        headers = {"Content-Type": "application/octet-stream"}
        answer = self._http.post(f"/api/media?name={number}.png", content=b"a", headers=headers)
        return str(answer.raise_for_status().json()["name"])

    def _media_token(self) -> str:
        return str(self._http.get("/api/media").json()["media_url"].split("/")[2])

    def _answer_token(self, deck_id: int) -> str:
        return str(self._http.get(f"/api/review/{deck_id}").json()["cards"][0]["answer_token"])


world = World()


@schemathesis.auth(refresh_interval=None)
class Token:
    def get(self, case: Any, _: Any) -> str:
        return world.newcomer() if _name_of(case.operation) in ENDING else world.token

    def set(self, case: Any, token: str, _: Any) -> None:
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def before_call(_: Any, case: Any, __: Any) -> None:
    """Let what is asked for well be there, half of the time."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # A key that was there before gives that request's outcome: what it made may be gone.
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = f"{KEY}.{next(_numbers)}"
    # In a story an earlier request has made what a later one asks for.
    if case.meta.phase.name != "stateful":
        case.path_parameters = _with_real(case.path_parameters)
    # The name of a new file, and one in a body, is anybody's choice.
    if _name_of(case.operation) != "add_media":
        case.query = _with_real(case.query)
    real = _with_real(case.body)
    case.body = {**real, "name": case.body["name"]} if "name" in _members(real) else real


def _members(values: Any) -> Mapping[str, Any]:
    return values if isinstance(values, Mapping) else {}


def _with_real(values: Any) -> Any:
    """Half of what names something gets the name of something that is there."""
    if not isinstance(values, Mapping):
        return values
    return {name: _real(name, value) for name, value in values.items()}


def _real(name: str, value: Any) -> Any:
    if isinstance(value, list) and name == "card_ids":
        return [_real("card_id", one) for one in value]
    if isinstance(value, bool) or not isinstance(value, int | str):
        return value
    choice = zlib.crc32(str(value).encode("utf-8", "replace"))
    there = world.there.get(name)
    if there and choice % 2 and isinstance(there[0], type(value)):
        return there[choice // 2 % len(there)]
    return value


def _name_of(operation: Any) -> str:
    return str(operation.definition.raw.get("operationId"))
