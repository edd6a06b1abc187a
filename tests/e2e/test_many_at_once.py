"""Many requests at once over HTTP: what was acknowledged is in the export, once."""

import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import local_http
from tests.support.anki import assert_clean
from tests.support.server import PASSWORD, SERVE, Person, serving

WRITERS = 20
EACH = 4


def test_every_acknowledged_write_of_twenty_writers_is_in_the_export(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as base_url:
        person = Person(base_url, "busy", sample_deck=False)
        authorization = person.http.headers["Authorization"]

        def write(writer: int) -> list[str]:
            acknowledged = []
            with local_http.Client(base_url=base_url, timeout=120) as http:
                for n in range(EACH):
                    front = f"writer {writer} card {n}"
                    body = {"deck_id": 1, "front": front, "back": ""}
                    headers = {"Authorization": authorization}
                    answer = http.post("/api/cards", json=body, headers=headers)
                    assert answer.status_code in (200, 409), answer.text
                    if answer.status_code == 200:
                        acknowledged.append(front)
            return acknowledged

        with ThreadPoolExecutor(WRITERS) as pool:
            acknowledged = [front for fronts in pool.map(write, range(WRITERS)) for front in fronts]
        file = person.export(tmp_path / "export.anki2")
        person.close()
    assert Counter(exported_fronts(file)) == Counter(acknowledged)
    assert len(acknowledged) >= WRITERS
    assert_clean(file)


@pytest.mark.parametrize("tabs", [2, 10])
def test_tabs_that_answer_one_card_at_once_answer_it_once(tmp_path: Path, tabs: int) -> None:
    with serving(tmp_path / "data") as base_url:
        person = Person(base_url, "tabs", sample_deck=False)
        person.card(1, "one card")
        (card,) = person.next_cards(1)
        body = {"card_id": card["id"], "rating": 3, "answer_token": card["answer_token"]}

        def tab(_: int) -> httpx.Response:
            headers = dict(person.http.headers)
            return local_http.post(f"{base_url}/api/review", json=body, headers=headers, timeout=60)

        with ThreadPoolExecutor(tabs) as pool:
            answers = list(pool.map(tab, range(tabs)))
        file = person.export(tmp_path / "export.anki2")
        person.close()
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (tabs - 1)
    assert count(file, "revlog") == 1


def test_without_tokens_each_acknowledged_answer_is_logged(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as base_url:
        person = Person(base_url, "blunt", sample_deck=False)
        card_id = person.card(1, "one card")["card_id"]
        headers = dict(person.http.headers)

        def answer(n: int) -> int:
            body = {"card_id": card_id, "rating": n % 4 + 1}
            url = f"{base_url}/api/review"
            return local_http.post(url, json=body, headers=headers, timeout=60).status_code

        with ThreadPoolExecutor(10) as pool:
            statuses = Counter(pool.map(answer, range(10)))
        file = person.export(tmp_path / "export.anki2")
        person.close()
    assert set(statuses) <= {200, 409}
    assert count(file, "revlog") == statuses[200]


def test_two_servers_over_one_directory_lose_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as first, serving(data, SERVE) as second:
        person = Person(first, "two-servers", sample_deck=False)
        headers = dict(person.http.headers)

        def write(n: int) -> str | None:
            body = {"deck_id": 1, "front": f"card {n}", "back": ""}
            server = (first, second)[n % 2]
            answer = local_http.post(f"{server}/api/cards", json=body, headers=headers, timeout=60)
            assert answer.status_code in (200, 409), answer.text
            return f"card {n}" if answer.status_code == 200 else None

        with ThreadPoolExecutor(8) as pool:
            acknowledged = [front for front in pool.map(write, range(40)) if front]
        file = person.export(tmp_path / "export.anki2")
        person.close()
    assert Counter(exported_fronts(file)) == Counter(acknowledged)


def test_ten_people_at_once_each_do_the_whole_job(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as base_url:

        def job(n: int) -> int:
            person = Person(base_url, f"person-{n}", sample_deck=False)
            deck = person.deck("Words")
            for word in range(10):
                person.card(deck, f"word {word}")
            cards: list[dict[str, Any]] = person.next_cards(deck)
            for card in cards[:5]:
                person.answer(card, 3)
            left = person.ok("GET", "/api/decks")["decks"]
            person.close()
            return sum(deck["counts"]["learn"] for deck in left)

        with ThreadPoolExecutor(10) as pool:
            assert list(pool.map(job, range(10))) == [5] * 10


def test_of_many_registrations_of_one_name_one_succeeds(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as base_url:
        account = {"username": "wanted", "name": "Somebody", "password": PASSWORD}

        def register(_: int) -> int:
            return local_http.post(f"{base_url}/register", json=account, timeout=60).status_code

        with ThreadPoolExecutor(12) as pool:
            statuses = Counter(pool.map(register, range(12)))
        assert statuses == {200: 1, 400: 11}
        person = Person(base_url, "wanted", registered=True)
        assert len(person.ok("GET", "/api/decks")["decks"]) == 2
        person.close()


def exported_fronts(file: Path) -> list[str]:
    conn = sqlite3.connect(file)
    fronts = [flds.split("\x1f")[0] for (flds,) in conn.execute("SELECT flds FROM notes")]
    conn.close()
    return fronts


def count(file: Path, table: str) -> int:
    conn = sqlite3.connect(file)
    (rows,) = conn.execute(f"SELECT count(*) FROM {table}").fetchone()
    conn.close()
    return int(rows)
