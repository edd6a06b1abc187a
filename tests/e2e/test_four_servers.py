"""Four servers over one store, one of which is killed: nothing is lost, and nothing done twice."""

import random
import sqlite3
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

import httpx

from tests.support import local_http
from tests.support.anki import assert_clean
from tests.support.server import Person, server_process

SERVERS = 4
CARDS = 200
ADDITIONS = 200
CLIENTS = 16
TRIES = 20
# The first of the servers dies when this many changes were acknowledged.
KILLED_AFTER = 120


@dataclass
class Clients:
    """Clients that repeat what was not answered, at any server, with the same key."""

    servers: list[str]
    headers: dict[str, str]
    acknowledged: list[str] = field(default_factory=list)
    replayed: int = 0
    enough: threading.Event = field(default_factory=threading.Event)

    def change(self, key: str, path: str, body: dict[str, object]) -> None:
        dice = random.Random(key)
        headers = {**self.headers, "Idempotency-Key": key}
        for _ in range(TRIES):
            try:
                url = dice.choice(self.servers) + path
                answer = local_http.post(url, json=body, headers=headers, timeout=60)
            except httpx.TransportError:
                self.replayed += 1
                continue
            if answer.status_code == 200:
                self.acknowledged.append(key)
                if len(self.acknowledged) >= KILLED_AFTER:
                    self.enough.set()
                return
            assert answer.json().get("retry"), answer.text
        raise AssertionError(f"{key} was never acknowledged")


def test_what_four_servers_acknowledge_is_there_once_though_one_is_killed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ExitStack() as stack:
        servers = [stack.enter_context(server_process(data)) for _ in range(SERVERS)]
        person = stack.enter_context(closing(Person(servers[1][0], "many", sample_deck=False)))
        cards = [person.card(1, f"card {n}")["card_id"] for n in range(CARDS)]
        clients = Clients([url for url, _ in servers], dict(person.http.headers))
        doomed = servers[0][1]
        killer = threading.Thread(target=kill_when_enough, args=(clients, doomed))
        killer.start()
        jobs = [
            *((f"answer {card}", "/api/review", {"card_id": card, "rating": 3}) for card in cards),
            *(
                (f"add {n}", "/api/cards", {"deck_id": 1, "front": f"new {n}", "back": ""})
                for n in range(ADDITIONS)
            ),
        ]
        random.Random(1).shuffle(jobs)
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda job: clients.change(job[0].replace(" ", "-"), *job[1:]), jobs))
        killer.join()
        file = person.export(tmp_path / "export.anki2")
        assert doomed.wait() < 0
    assert len(clients.acknowledged) == CARDS + ADDITIONS
    assert clients.replayed, "the killed server was asked while it died"
    answered, fronts = changes_in(file)
    assert answered == Counter(cards)
    assert fronts == Counter(
        [f"card {n}" for n in range(CARDS)] + [f"new {n}" for n in range(ADDITIONS)]
    )
    assert_clean(file)


def kill_when_enough(clients: Clients, doomed: Popen[bytes]) -> None:
    clients.enough.wait()
    doomed.kill()


def changes_in(file: Path) -> tuple[Counter[int], Counter[str]]:
    """How often each card was answered, and how often there is each front."""
    with closing(sqlite3.connect(file)) as conn:
        answered = Counter(card for (card,) in conn.execute("SELECT cid FROM revlog"))
        fronts = Counter(front for (front,) in conn.execute("SELECT sfld FROM notes"))
    return answered, fronts
