"""People who study at once, each as the web client does it for them."""

import asyncio
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx

from benchmarks.load_servers import Servers

_PASSWORD = "correct horse battery staple"  # noqa: S105
_TIMEOUT_S = 60
# As the web client fetches cards, see useStudySession.ts.
_AHEAD, _FEW = 30, 8
_ADDS_A_CARD = 0.1


@dataclass(frozen=True, slots=True)
class Pacing:
    """How people come and go on; seconds.

    They arrive evenly within `arrival_s`, look at a card for `least_s` to `most_s`, mostly nearer
    to the former, and stop after `until_s`.
    """

    arrival_s: float
    until_s: float
    least_s: float
    most_s: float

    def thinking_s(self, dice: Random) -> float:
        return dice.triangular(self.least_s, self.most_s, self.least_s + 1)


@dataclass(slots=True)
class Tally:
    """What was answered: milliseconds by operation, and what was no success."""

    ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    acknowledged: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def fail(self, name: str, why: str) -> None:
        self.failed[name] += 1
        self.errors.append(f"{name}: {why}")

    @property
    def requests(self) -> int:
        return sum(map(len, self.ms.values()))


def study_at_once(servers: Servers, names: Sequence[str], pacing: Pacing, tally: Tally) -> None:
    """Everybody registers, logs in and studies; each request goes to any of the servers."""
    asyncio.run(_all_of(servers, names, pacing, tally))


def reviews_kept(servers: Servers, names: Sequence[str]) -> dict[str, int]:
    """How many reviews each person's export has."""
    with httpx.Client(base_url=servers.addresses[0], timeout=_TIMEOUT_S) as http:
        return {name: _reviews_in(_exported(http, name)) for name in names}


async def _all_of(servers: Servers, names: Sequence[str], pacing: Pacing, tally: Tally) -> None:
    began = time.monotonic()
    people = [_Person(name, servers, pacing, tally, began) for name in names]
    arrivals = [pacing.arrival_s * number / len(people) for number in range(len(people))]
    await asyncio.gather(
        *(person.live(arrival) for person, arrival in zip(people, arrivals, strict=True))
    )


class _Person:
    def __init__(
        self, name: str, servers: Servers, pacing: Pacing, tally: Tally, began: float
    ) -> None:
        self._name = name
        self._servers = servers
        self._pacing = pacing
        self._tally = tally
        self._ends = began + pacing.until_s
        self._dice = Random(name)  # noqa: S311
        self._headers: dict[str, str] = {}

    async def live(self, arrival_s: float) -> None:
        await asyncio.sleep(arrival_s)
        async with httpx.AsyncClient(verify=False, timeout=_TIMEOUT_S) as self._http:  # noqa: S501
            account = {"username": self._name, "password": _PASSWORD}
            await self._ask("register", "POST", "/api/register", account | {"name": "A Person"})
            answer = await self._ask("login", "POST", "/api/login", account)
            if answer:
                self._headers["Authorization"] = f"Bearer {answer['token']}"
                await self._study()

    async def _study(self) -> None:
        decks = await self._ask("decks", "GET", "/api/decks")
        if not decks:
            return
        deck_id = max(decks["decks"], key=lambda deck: deck["total_cards"])["id"]
        cards = await self._queue(deck_id)
        while time.monotonic() < self._ends:
            await asyncio.sleep(self._pacing.thinking_s(self._dice))
            if cards:
                await self._answer(cards.pop(0), deck_id)
            if self._dice.random() < _ADDS_A_CARD or not cards:
                await self._add(deck_id)
            if len(cards) <= _FEW:
                cards = await self._queue(deck_id)

    async def _queue(self, deck_id: int) -> list[dict[str, Any]]:
        address = f"/api/review/{deck_id}?limit={_AHEAD}"
        answer = await self._ask("queue", "GET", address)
        return list(answer["cards"]) if answer else []

    async def _answer(self, card: dict[str, Any], deck_id: int) -> None:
        body = {
            "card_id": card["id"],
            "rating": self._dice.choices((1, 2, 3, 4), (8, 10, 75, 7))[0],
            "answer_token": card["answer_token"],
            "time_taken_ms": 6_000,
            "deck_id": deck_id,
        }
        if await self._ask("review", "POST", "/api/review", body):
            self._tally.acknowledged[self._name] += 1

    async def _add(self, deck_id: int) -> None:
        note = {"deck_id": deck_id, "front": f"word {self._dice.random()}", "back": "meaning"}
        await self._ask("cards", "POST", "/api/cards", note)

    async def _ask(self, name: str, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a success, None for what is none, which is told in the tally."""
        url = self._dice.choice(self._servers.addresses) + path
        headers = dict(self._headers)
        if method == "POST":
            headers["Idempotency-Key"] = f"{self._dice.getrandbits(128):032x}"
        began = time.perf_counter()
        try:
            answer = await self._http.request(method, url, json=body, headers=headers)
        except httpx.TransportError as error:
            self._tally.fail(name, repr(error))
            return None
        self._tally.ms[name].append((time.perf_counter() - began) * 1000)
        if not answer.is_success:
            self._tally.fail(name, f"{answer.status_code} {answer.text}")
            return None
        return answer.json()


def _exported(http: httpx.Client, name: str) -> bytes:
    account = {"username": name, "password": _PASSWORD}
    token = http.post("/api/login", json=account).raise_for_status().json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    return http.get("/api/export", headers=headers).raise_for_status().content


def _reviews_in(content: bytes) -> int:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "export.anki2")
        path.write_bytes(content)
        with closing(sqlite3.connect(path)) as conn:
            (count,) = conn.execute("SELECT count(*) FROM revlog").fetchone()
    return int(count)
