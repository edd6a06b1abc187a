"""What a person does, from the registration to the end of the account."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from javumbo.deploy.smoke_run import Check, Service, expect

_SQLITE = b"SQLite format 3\x00"
_PICTURE = b"\x89PNG\r\n\x1a\n"
_FILE = {"Content-Type": "application/octet-stream"}
# More than goes in one request, so that what is in it is imported in steps.
_BIG_NOTES, _BIG_FIELD = 75, 60_000
_PATIENCE_S = 180


class Person:
    """Somebody who registers, does everything once, and is gone afterwards."""

    def __init__(
        self,
        service: Service,
        username: str,
        password: str,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._service = service
        self._username = username
        self._password = password
        self._pause = pause
        self._login: dict[str, str] = {}
        self._deck_id = 0

    def checks(self) -> Sequence[Check]:
        inside = ("login",)
        return (
            Check("register", self.register),
            Check("login", self.log_in, ("register",)),
            Check("decks", self.make_deck, inside),
            Check("cards", self.add_card, ("decks",)),
            Check("review", self.review, ("cards",)),
            Check("stats", self.look_at_stats, ("review",)),
            Check("media", self.keep_media, inside),
            Check("export", self.export, ("review",)),
            Check("backup", self.back_up, inside),
            Check("upload", self.upload, inside),
            Check("import in steps", self.import_in_steps, inside),
            Check("large export", self.export_much, ("import in steps",)),
            Check("logout", self.log_out, inside),
            Check("delete account", self.delete_account, ("register",)),
        )

    def register(self) -> str:
        person = {
            "username": self._username,
            "name": "Smoke test",
            "password": self._password,
            "sample_deck": False,
        }
        self._service.json("POST", "/api/register", json=person)
        return self._username

    def log_in(self) -> None:
        credentials = {"username": self._username, "password": self._password}
        answer = self._service.json("POST", "/api/login", json=credentials)
        self._login = {"Authorization": f"Bearer {answer['token']}"}

    def make_deck(self) -> None:
        self._deck_id = self._ask("POST", "/api/decks", json={"name": "Smoke"})["deck_id"]
        decks = self._ask("GET", "/api/decks")["decks"]
        expect(self._deck_id in [deck["id"] for deck in decks], "the new deck is not listed")

    def add_card(self) -> None:
        card = {"deck_id": self._deck_id, "front": "smoke", "back": "fumée"}
        headers = {"Idempotency-Key": "smoke-1"}
        first = self._ask("POST", "/api/cards", json=card, headers=headers)
        again = self._ask("POST", "/api/cards", json=card, headers=headers)
        expect(first["card_id"] == again["card_id"], "the same request made two cards")
        found = self._ask("GET", "/api/cards", params={"q": 'back:"fumée"'})
        expect(found["pagination"]["total"] == 1, "the search does not find the card")

    def review(self) -> None:
        queue = f"/api/review/{self._deck_id}"
        card = self._ask("GET", queue)["cards"][0]
        answer = {"card_id": card["id"], "rating": 4, "answer_token": card["answer_token"]}
        self._ask("POST", "/api/review", json=answer)
        expect(not self._ask("GET", queue)["cards"], "the card is still there after Easy")

    def look_at_stats(self) -> None:
        count = self._ask("GET", "/api/stats")["today"]["answer_count"]
        expect(count == 1, f"{count} answers are counted instead of one")

    def keep_media(self) -> str:
        self._ask(
            "POST", "/api/media", params={"name": "smoke.png"}, content=_PICTURE, headers=_FILE
        )
        address = self._ask("GET", "/api/media")["media_url"] + "smoke.png"
        found = self._service.ask("GET", address, follow_redirects=True)
        expect(found.content == _PICTURE, "the file comes back as another one")
        return "from S3" if found.history else ""

    def export(self) -> str:
        accept = {**self._login, "Accept": "application/octet-stream"}
        found = self._service.ask("GET", "/api/export", headers=accept)
        expect(found.content.startswith(_SQLITE), "the export is no collection")
        name = found.headers.get("Content-Disposition", "")
        expect("attachment" in name, "a browser would show the export instead of saving it")
        return f"{len(found.content)} bytes"

    def back_up(self) -> None:
        self._ask("POST", "/api/backups")
        expect(self._ask("GET", "/api/backups")["backups"], "the backup is not listed")

    def upload(self) -> None:
        report = self._imported(b"smoke one\tun\nsmoke two\tdeux\n")
        expect(report["notes"]["new"] == 2, f"imported: {report['notes']}")  # noqa: PLR2004

    def import_in_steps(self) -> str:
        lines = [f"big {number}\t{'x' * _BIG_FIELD}\n" for number in range(_BIG_NOTES)]
        content = "".join(lines).encode()
        report = self._imported(content)
        expect(report["notes"]["new"] == _BIG_NOTES, f"imported: {report['notes']}")
        return f"{len(content)} bytes"

    def export_much(self) -> str:
        accept = {**self._login, "Accept": "application/octet-stream"}
        answer = self._service.ask("GET", "/api/export", headers=accept)
        elsewhere = answer.headers["content-type"].startswith("application/json")
        if elsewhere:
            answer = self._service.ask("GET", answer.json()["url"])
        expect(answer.content.startswith(_SQLITE), "the export is no collection")
        return "from S3" if elsewhere else ""

    def log_out(self) -> None:
        credentials = {"username": self._username, "password": self._password}
        token = self._service.json("POST", "/api/login", json=credentials)["token"]
        login = {"Authorization": f"Bearer {token}"}
        # Before the first use, or the gateway's cache would know the token for a while.
        self._service.json("POST", "/api/logout", headers=login)

    def delete_account(self) -> None:
        self._login = self._login or self._fresh_login()
        body = {"password": self._password}
        finished = self._ask("DELETE", "/api/account", json=body)["finished"]
        credentials = {"username": self._username, "password": self._password}
        self._service.json("POST", "/api/login", 401, json=credentials)
        expect(finished, "the rest is still being removed")

    def _fresh_login(self) -> dict[str, str]:
        self.log_in()
        return self._login

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        headers = {**self._login, **request.pop("headers", {})}
        return self._service.json(method, path, headers=headers, **request)

    def _imported(self, content: bytes) -> Any:
        wanted = {"bytes": len(content), "format": "tsv"}
        offer = self._ask("POST", "/api/uploads", json=wanted)
        self._send(offer, content)
        job = self._started({"upload_id": offer["upload_id"], "deck_id": self._deck_id or 1})
        for _ in range(_PATIENCE_S):
            if job["state"] in {"done", "failed"}:
                break
            self._pause(1)
            job = self._ask("GET", f"/api/imports/{job['import_id']}")
        expect(job["state"] == "done", f"the import is {job['state']}: {job.get('failure')}")
        return job["result"]

    def _send(self, offer: Mapping[str, Any], content: bytes) -> None:
        if offer["method"] == "POST":
            form: dict[str, Any] = {"data": offer["fields"], "files": {"file": content}}
            self._service.ask("POST", offer["url"], 204, **form)
        else:
            self._service.ask(offer["method"], offer["url"], content=content, headers=_FILE)

    def _started(self, what: Mapping[str, Any]) -> Any:
        """Small files are imported at once (200), large ones in steps (202)."""
        answer = self._service.ask_any("POST", "/api/imports", json=what, headers=self._login)
        expect(answer.status_code in {200, 202}, f"{answer.status_code} {answer.text[:200]!r}")
        return answer.json()
