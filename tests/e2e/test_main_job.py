"""The job that a newcomer does, on the servers that a newcomer starts, judged by real Anki."""

from collections import Counter
from pathlib import Path

import pytest

from tests.support import local_http
from tests.support.anki import assert_clean
from tests.support.server import CHALICE_LOCAL, SERVE, Person, serving

DATA = Path(__file__).parent.parent / "data"
BROUGHT = {"notes": 318, "cards": 630, "revlog": 2838}
SAMPLE = 12
ANSWERS = 50


@pytest.mark.parametrize("command", [SERVE, CHALICE_LOCAL], ids=["javumbo", "chalice"])
def test_bring_a_real_deck_study_it_and_take_it_back_to_anki(
    tmp_path: Path, command: list[str]
) -> None:
    with serving(tmp_path / "data", command) as base_url:
        person = Person(base_url, "newcomer", utc_offset_minutes=-180)
        report = person.import_file(DATA / "jlpt-n5-legacy.apkg")
        brought = {name: report[name] for name in ("cards", "revlog")}
        assert {"notes": report["notes"]["new"], **brought} == BROUGHT
        decks = {deck["name"]: deck for deck in person.ok("GET", "/api/decks")["decks"]}
        capitals = decks["Geo::Capitals"]
        assert capitals["parent_id"] == decks["Geo"]["id"]
        ratings = study(person, [deck["id"] for deck in decks.values() if deck["level"] == 1])
        assert sum(ratings.values()) == ANSWERS
        assert set(ratings) == {1, 2, 3, 4}
        person.card(capitals["id"], "Brasil", "Brasília")
        person.close()

    # What was acknowledged is there after a restart.
    with serving(tmp_path / "data", command) as base_url:
        person = Person(base_url, "newcomer", registered=True)
        after = assert_clean(person.export(tmp_path / "export.anki2"))
        person.close()
    assert after["counts"] == {
        "notes": BROUGHT["notes"] + SAMPLE + 1,
        "cards": BROUGHT["cards"] + SAMPLE + 1,
        "revlog": BROUGHT["revlog"] + ANSWERS,
        "graves": 0,
    }


def test_an_untouched_collection_of_a_new_user_is_clean_for_anki(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as base_url:
        person = Person(base_url, "fresh")
        report = assert_clean(person.export(tmp_path / "fresh.anki2"))
        person.close()
    assert report["counts"] == {"notes": SAMPLE, "cards": SAMPLE, "revlog": 0, "graves": 0}


def study(person: Person, deck_ids: list[int]) -> Counter[int]:
    """Answer the next card of these decks until there were enough answers, each button in turn."""
    ratings: Counter[int] = Counter()
    while sum(ratings.values()) < ANSWERS:
        card = next(card for deck in deck_ids for card in person.next_cards(deck, limit=1))
        rating = sum(ratings.values()) % 4 + 1
        person.answer(card, rating)
        ratings[rating] += 1
    return ratings


def test_both_servers_share_data_and_secret(tmp_path: Path) -> None:
    with serving(tmp_path / "data", SERVE) as base_url:
        person = Person(base_url, "moving")
        authorization = person.http.headers["Authorization"]
        before = person.call("GET", "/api/export").content
        person.close()
    with serving(tmp_path / "data", CHALICE_LOCAL) as base_url:
        headers = {"Authorization": authorization}
        response = local_http.get(f"{base_url}/api/export", headers=headers)
        assert response.status_code == 200
        assert response.content == before
