"""Somebody who uses every route once, and well.

python -m tests.api.tour     records the answers as the examples of the OpenAPI document
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import httpx

from chalicelib.api.openapi.table import OPERATIONS
from tests.support.openapi import contract
from tests.support.server import PASSWORD, Person, serving

EXAMPLES = Path(__file__).parents[2] / "chalicelib" / "api" / "openapi" / "examples.json"
BYTES = {"Content-Type": "application/octet-stream"}
KEY = {"Idempotency-Key": "0b6e5c1e-9f43-4a53-8d0e-5a3a7a1f6c2d"}

_NOTES = b"#separator:tab\nel perro\tthe dog\tanimals\nel gato\tthe cat\tanimals\n"
_MAX_SHOWN = 6
_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl"


class Tour:
    """What was asked and answered, by method and path of the document; the first good answers."""

    def __init__(self, base_url: str, username: str) -> None:
        self.answered: dict[str, tuple[httpx.Request, httpx.Response]] = {}
        self._base_url = base_url
        self._username = username
        self.ana = Person(base_url, username, name="Ana", utc_offset_minutes=-180)
        self._watch(self.ana)

    def _watch(self, person: Person) -> None:
        person.http.event_hooks["response"].append(self._note)

    def _note(self, response: httpx.Response) -> None:
        request = response.request
        template = contract().template_of(request.method, request.url.path)
        if template and response.status_code < 300:
            self.answered.setdefault(f"{request.method} {template}", (request, response))

    def run(self) -> None:
        """The whole tour."""
        self._service_and_account()
        deck_id = self._decks()
        self._cards(deck_id)
        self._notetypes()
        self._study(deck_id)
        self._media()
        self._moving()
        self._leaving()
        self.ana.close()

    def _service_and_account(self) -> None:
        ok = self.ana.ok
        for prefix in ("", "/api"):
            ok("GET", f"{prefix}/health")
            account = {
                "username": f"{self._username}.{prefix[1:] or 'short'}",
                "password": PASSWORD,
            }
            ok("POST", f"{prefix}/register", json={**account, "name": "Ana"})
            ok("POST", f"{prefix}/login", json={**account, "utc_offset_minutes": -180})
        self.ana.call("GET", "/openapi.json").raise_for_status()
        ok("GET", "/api/account")
        ok("PUT", "/api/account", json={"name": "Ana Souza", "language": "pt-BR"})

    def _decks(self) -> int:
        ok = self.ana.ok
        deck = {"name": "Spanish::Animals", "description": "Words of the first lessons."}
        deck_id: int = ok("POST", "/api/decks", json=deck, headers=KEY)["deck_id"]
        ok("GET", "/api/decks")
        ok("GET", f"/api/decks/{deck_id}")
        ok("PUT", f"/api/decks/{deck_id}", json={"new_limit": 15})
        ok("GET", f"/api/decks/{deck_id}/options")
        changes = {"new": {"perDay": 30, "delays": [1, 10]}}
        ok("PUT", f"/api/decks/{deck_id}/options", json=changes)
        made = ok("POST", "/api/options", json={"name": "Easy decks", "copy_of": 1})
        ok("GET", "/api/options")
        ok("PUT", f"/api/options/{made['options_id']}", json={"rev": {"perDay": 100}})
        ok("DELETE", f"/api/options/{made['options_id']}")
        left = self.ana.deck("To be deleted")
        ok("DELETE", f"/api/decks/{left}")
        return deck_id

    def _cards(self, deck_id: int) -> None:
        ok = self.ana.ok
        note = {"deck_id": deck_id, "front": "el perro", "back": "the dog", "tags": ["animals"]}
        card_id = ok("POST", "/api/cards", json=note)["card_id"]
        other_id = self.ana.card(deck_id, "el gato", "the cat")["card_id"]
        ok("GET", "/api/cards", params={"q": "tag:animals", "per_page": 20, "sort": "-created"})
        ok("GET", f"/api/cards/{card_id}")
        ok("PUT", f"/api/cards/{card_id}", json={"back": "the dog (m.)"})
        ok("GET", "/api/tags")
        basic = ok("GET", "/api/notetypes")["notetypes"][0]["id"]
        shown = {"notetype_id": basic, "fields": {"Front": "el pez", "Back": "the fish"}}
        ok("POST", "/api/cards/preview", json=shown)
        bury = {"action": "bury", "card_ids": [card_id, other_id]}
        ok("POST", "/api/cards/actions", json=bury)
        ok("POST", f"/api/decks/{deck_id}/unbury", json={"kind": "user"})
        ok("DELETE", f"/api/cards/{other_id}")

    def _notetypes(self) -> None:
        ok = self.ana.ok
        ok("GET", "/api/notetypes")
        new = {"name": "Words with sound", "stock": "basic_reversed"}
        notetype = ok("POST", "/api/notetypes", json=new)["notetype_id"]
        ok("GET", f"/api/notetypes/{notetype}")
        fields = [{"name": "Front"}, {"name": "Back"}, {"name": "Sound", "was": None}]
        ok("PUT", f"/api/notetypes/{notetype}", json={"fields": fields})
        ok("DELETE", f"/api/notetypes/{notetype}")

    def _study(self, deck_id: int) -> None:
        ok = self.ana.ok
        card = self.ana.next_cards(deck_id)[0]
        self.ana.answer(card, 3)
        ok("GET", f"/api/cards/{card['id']}/info")
        ok("GET", "/api/undo")
        ok("POST", "/api/undo")
        ok("POST", "/api/redo")
        ok("GET", "/api/stats", params={"deck_id": deck_id, "days": 365})

    def _media(self) -> None:
        ok = self.ana.ok
        name = {"name": "perro.png"}
        ok("POST", "/api/media", params=name, content=b"a picture", headers=BYTES)
        address = ok("GET", "/api/media")["media_url"]
        self.ana.call("GET", f"{address}perro.png").raise_for_status()
        ok("GET", "/api/media/check")
        ok("PUT", "/api/media", params=name, json={"name": "dog.png"})
        ok("DELETE", "/api/media", params={"name": "dog.png"})

    def _moving(self) -> None:
        ok = self.ana.ok
        file = self.ana.call("GET", "/api/export").content
        ok("POST", "/api/import", params={"format": "txt"}, content=_NOTES, headers=BYTES)
        ok("POST", "/api/import/preview", content=_NOTES, headers=BYTES)
        offer = ok("POST", "/api/uploads", json={"bytes": len(file), "format": "anki2"})
        ok("PUT", offer["url"], content=file, headers=BYTES)
        started = ok("POST", "/api/imports", json={"upload_id": offer["upload_id"]})
        ok("GET", f"/api/imports/{started['import_id']}")
        backup_id = ok("POST", "/api/backups")["backup"]["id"]
        ok("GET", "/api/backups")
        ok("GET", f"/api/backups/{backup_id}")
        self.ana.call("GET", f"/api/backups/{backup_id}/file").raise_for_status()
        ok("POST", f"/api/backups/{backup_id}/restore")

    def _leaving(self) -> None:
        """Whatever ends a login, the account at last."""
        ok = self.ana.ok
        ok("POST", "/api/password-strength", json={"password": "perro123", "username": "ana"})
        for path in ("/logout", "/logout-everywhere"):
            for prefix in ("", "/api"):
                ok("POST", f"{prefix}{path}")
                self.ana.log_in()
        change = {"current_password": PASSWORD, "new_password": "a whole new sentence"}
        token = ok("POST", "/api/account/password", json=change)["token"]
        self.ana.http.headers["Authorization"] = f"Bearer {token}"
        ok("DELETE", "/api/account", json={"password": "a whole new sentence"})


def examples(tour: Tour) -> dict[str, Any]:
    """What was asked and answered in JSON, by the operation's name, long lists cut."""
    found = {}
    for key in OPERATIONS:
        request, response = tour.answered.get(key, (None, None))
        if request is None or response is None or key == "GET /openapi.json":
            continue
        shown = {}
        if request.headers.get("Content-Type") == "application/json":
            shown["request"] = _shortened(json.loads(request.content))
        if response.headers["Content-Type"] == "application/json":
            shown["answer"] = _shortened(response.json())
        if shown:
            found[key] = shown
    return found


def _shortened(value: Any, name: str = "") -> Any:
    if name == "token":
        return _TOKEN
    if isinstance(value, dict):
        return {key: _shortened(member, key) for key, member in value.items()}
    if isinstance(value, list):
        most = 2 if value and isinstance(value[0], dict | list) else _MAX_SHOWN
        return [_shortened(member) for member in value[:most]]
    return value


def main() -> None:
    """Record the examples."""
    with (
        tempfile.TemporaryDirectory() as directory,
        serving(Path(directory) / "data") as base_url,
    ):
        tour = Tour(base_url, "ana")
        tour.run()
    recorded = json.dumps(examples(tour), ensure_ascii=False, indent=1)
    EXAMPLES.write_text(f"{recorded}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
