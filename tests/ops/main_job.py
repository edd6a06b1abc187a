"""Somebody's first day, in this process, with the logs of Lambda on standard output.

python -m tests.ops.main_job FILE     writes to FILE what of it was answered, as JSON
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from chalice.app import Chalice, Response
from chalice.test import Client

from chalicelib.api.request import ApiRequest
from chalicelib.services import default_services
from chalicelib.storage import Owner
from javumbo.wsgi import make_thread_local

USERNAME, DISPLAY_NAME = "wilhelmina.quux", "Wilhelmina Quux"
PASSWORD, WRONG_PASSWORD = "correct horse battery", "incorrect mule accumulator"
NEW_PASSWORD = "another donkey capacitor"
DECK, FRONT, BACK, TAG = "Xylophone repairs", "the zither", "die Zitherchen", "zymurgy"
MEDIA, SEARCH = "my-holiday-in-zanzibar.png", "yesterday"
JUNK_TOKEN = "Bearer eyJqdW5rIjoianVuayJ9.anVuaw.anVuaw"
# What no line may hold, beside the token.
SECRETS = (
    USERNAME, DISPLAY_NAME, PASSWORD, WRONG_PASSWORD, NEW_PASSWORD, DECK, FRONT, BACK, TAG, MEDIA,
    SEARCH, "Wilhelmina", "eyJqdW5r", "zanzibar", "zither", "Zitherchen",
)  # fmt: skip


class Day:
    """What was asked and answered."""

    def __init__(self, chalice_app: Chalice) -> None:
        self._http = Client(chalice_app, project_dir=str(Path(__file__).parents[2])).http
        self._token = ""
        self.tokens: list[str] = []
        self.answers: list[dict[str, Any]] = []

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer's JSON."""
        given = {"Content-Type": "application/json", "Accept": "*/*"}
        if self._token:
            given["Authorization"] = f"Bearer {self._token}"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
        answer = self._http.request(method, path, given, content)
        told = answer.json_body if isinstance(answer.json_body, dict) else {}
        self.answers.append(
            {
                "asked": f"{method} {path}",
                "status": answer.status_code,
                "request_id": told.get("request_id"),
            }
        )
        return told

    def log_in(self, password: str) -> None:
        self._token = self.ask("POST", "/api/login", {"username": USERNAME, "password": password})[
            "token"
        ]
        self.tokens.append(self._token)

    def run(self) -> None:
        self._begin()
        self._study(self._make_cards())
        self._media()
        self._go_wrong()
        self._end()

    def _begin(self) -> None:
        self.ask("GET", "/api/health")
        account = {"username": USERNAME, "password": PASSWORD}
        self.ask("POST", "/api/register", {**account, "name": DISPLAY_NAME})
        self.ask("POST", "/api/register", {**account, "name": DISPLAY_NAME})
        self.ask("POST", "/api/login", {"username": USERNAME, "password": WRONG_PASSWORD})
        self.ask("POST", "/api/login", {"username": USERNAME, "password": {"odd": WRONG_PASSWORD}})
        self.log_in(PASSWORD)

    def _make_cards(self) -> int:
        deck_id = self.ask("POST", "/api/decks", {"name": DECK}, Idempotency_Key="k1")["deck_id"]
        self.ask("POST", "/api/decks", {"name": DECK})
        note = {"deck_id": deck_id, "front": FRONT, "back": BACK, "tags": [TAG]}
        card_id = self.ask("POST", "/api/cards", note)["card_id"]
        self.ask("GET", f"/api/cards?q={quote(SEARCH)}%20tag:{TAG}")
        self.ask("GET", f"/api/cards?q=deck:%22{quote(DECK)}")
        self.ask("PUT", f"/api/cards/{card_id}", {"back": BACK + BACK})
        return int(deck_id)

    def _study(self, deck_id: int) -> None:
        self.ask("GET", "/api/decks")
        [card, *_] = self.ask("GET", f"/api/review/{deck_id}")["cards"]
        answer = {"card_id": card["id"], "rating": 3, "answer_token": card["answer_token"]}
        self.ask("POST", "/api/review", answer)
        self.ask("POST", "/api/review", answer)
        self.ask("GET", "/api/stats")
        self.ask("POST", "/api/undo")

    def _media(self) -> None:
        octets = {"Content_Type": "application/octet-stream"}
        self.ask("POST", f"/api/media?name={MEDIA}", b"a picture", **octets)
        self.ask("GET", "/api/media")
        self.ask("GET", f"/media/{USERNAME}/{MEDIA}")
        self.ask("GET", "/api/export")

    def _go_wrong(self) -> None:
        self.ask("POST", "/api/cards", b'{"front": "' + FRONT.encode())
        self.ask("POST", "/api/cards", b"<x>" + FRONT.encode(), Content_Type="text/xml")
        self.ask("DELETE", "/api/health")
        self.ask("GET", f"/api/cards/{quote(FRONT)}")
        self.ask("GET", "/api/decks", Authorization=JUNK_TOKEN)
        self.ask("PUT", "/api/account", {"name": "\u0007" + DISPLAY_NAME})
        self._meet_a_bug()
        self._meet_a_bug_in_an_answer()
        self._lose_the_collection()

    def _meet_a_bug(self) -> None:
        tags = importlib.import_module("chalicelib.api.tags")
        works = tags.routes.view("GET", "/api/tags")

        def fails(request: ApiRequest) -> dict[str, Any]:
            raise KeyError(f"{request.caller} {FRONT} {request.headers['authorization']}")

        tags.routes.add("GET", "/api/tags")(fails)
        self.ask("GET", "/api/tags")
        tags.routes.add("GET", "/api/tags")(works)

    def _meet_a_bug_in_an_answer(self) -> None:
        """It is Chalice that finds it, and logs it by itself."""
        tags = importlib.import_module("chalicelib.api.tags")
        works = tags.routes.view("GET", "/api/tags")
        tags.routes.add("GET", "/api/tags")(lambda _: Response("{}", {"X-Odd": f"{FRONT}\n"}))
        self.ask("GET", "/api/tags")
        tags.routes.add("GET", "/api/tags")(works)

    def _lose_the_collection(self) -> None:
        services = default_services()
        generation = services.users.get(USERNAME).generation  # type: ignore[union-attr]
        path = services.settings.data_dir / Owner(USERNAME, generation).base_key
        whole = path.read_bytes()
        services.storage.clean_up()
        services.storage._warm.forget(Owner(USERNAME, generation))
        path.write_bytes(whole[:4096] + FRONT.encode() * 1000)
        self.ask("GET", "/api/decks")
        path.write_bytes(whole)

    def _end(self) -> None:
        new = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        self.ask("POST", "/api/account/password", new)
        self.log_in(NEW_PASSWORD)
        self.ask("POST", "/api/logout")
        self.log_in(NEW_PASSWORD)
        self.ask("DELETE", "/api/account", {"password": NEW_PASSWORD})
        self.ask("GET", "/api/decks")


def main(file: Path) -> None:
    chalice_app = importlib.import_module("app").app
    make_thread_local(chalice_app)
    day = Day(chalice_app)
    day.run()
    with Client(chalice_app) as client:
        event = client.events.generate_cw_event(source="", detail_type="", detail={}, resources=[])
        client.lambda_.invoke("sweep", event)
    chalice_app({"javumbo": {"do": "warm"}}, None)
    file.write_text(json.dumps({"answers": day.answers, "tokens": day.tokens}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
