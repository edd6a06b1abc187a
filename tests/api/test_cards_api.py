import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.server import Person


def test_a_card_is_added_shown_changed_and_deleted(person: Person) -> None:
    deck = person.deck("Words")
    added = person.card(deck, "<b>casa</b>", "house", tags=["noun", "A1"])
    card_id = added["card_id"]
    card = person.ok("GET", f"/api/cards/{card_id}")["card"]
    assert card["note_id"] == added["note_id"]
    assert (card["front"], card["back"]) == ("<b>casa</b>", "house")
    assert card["tags"] == ["A1", "noun"]
    assert (card["state"], card["due_position"], card["due_at"]) == ("new", 1, None)
    assert card["fields"] == {"Front": "<b>casa</b>", "Back": "house"}
    assert card["question"] == "<b>casa</b>"
    assert card["answer"].endswith("house")
    other = person.deck("Elsewhere")
    changes = {"back": "home", "tags": ["x"], "deck_id": other}
    changed = person.ok("PUT", f"/api/cards/{card_id}", json=changes)["card"]
    assert (changed["back"], changed["tags"], changed["deck_name"]) == ("home", ["x"], "Elsewhere")
    deleted = person.ok("DELETE", f"/api/cards/{card_id}")["deleted"]
    assert deleted == {"cards": 1, "notes": 1}
    person.fails(404, "not_found", "GET", f"/api/cards/{card_id}")


def test_any_notetype_by_its_fields(person: Person) -> None:
    deck = person.deck("D")
    names = {one["name"] for one in person.ok("GET", "/api/notetypes")["notetypes"]}
    assert {"Basic", "Cloze"} <= names
    body = {
        "deck_id": deck,
        "notetype": "cloze",
        "fields": {"Text": "{{c1::Lisboa}} is in {{c2::Portugal}}"},
    }
    added = person.ok("POST", "/api/cards", json=body)
    assert len(added["card_ids"]) == 2
    second = person.ok("GET", f"/api/cards/{added['card_ids'][1]}")["card"]
    assert "[...]" in second["question"]
    assert "Lisboa" in second["question"]


def test_a_duplicate_is_told_or_refused(person: Person) -> None:
    deck = person.deck("D")
    first = person.card(deck, "casa")
    assert "duplicate_of" not in first
    assert person.card(deck, "casa")["duplicate_of"] == first["note_id"]
    body = {"deck_id": deck, "front": "casa", "back": "", "allow_duplicate": False}
    person.fails(400, "duplicate", "POST", "/api/cards", json=body)
    body["front"] = "another"
    assert "duplicate_of" not in person.ok("POST", "/api/cards", json=body)


def test_pages_of_a_deck_and_of_everything(person: Person) -> None:
    deck, other = person.deck("A"), person.deck("B")
    for n in range(5):
        person.card(deck, f"a{n}")
    person.card(other, "b")
    query = {"deck_id": deck, "page": 2, "per_page": 2, "sort": "-created"}
    answer = person.ok("GET", "/api/cards", params=query)
    assert [card["front"] for card in answer["cards"]] == ["a2", "a1"]
    assert answer["pagination"] == {"total": 5, "page": 2, "per_page": 2, "total_pages": 3}
    assert person.ok("GET", "/api/cards")["pagination"]["total"] == 6
    empty = person.ok("GET", "/api/cards", params={"page": 99})
    assert empty["cards"] == []


def test_a_search_finds_sorts_and_pages(person: Person) -> None:
    deck, other = person.deck("Geo"), person.deck("Geo::Rivers")
    for n, front in enumerate(("Tejo", "tâmisa", "Sena", "Reno")):
        person.card(other if n % 2 else deck, front, "river", tags=["eu::rivers"] if n else [])

    def fronts(**query: Any) -> list[str]:
        answer = person.ok("GET", "/api/cards", params=query)
        assert answer["pagination"]["total"] >= len(answer["cards"])
        return [card["front"] for card in answer["cards"]]

    assert fronts(q="river", sort="sort_field") == ["Reno", "Sena", "Tejo", "tâmisa"]
    assert fronts(q="river", sort="-sort_field") == ["tâmisa", "Tejo", "Sena", "Reno"]
    assert fronts(q="tag:eu", sort="deck") == ["Sena", "tâmisa", "Reno"]
    assert fronts(q="deck:geo::* or nc:tamisa") == ["tâmisa", "Reno"]
    assert fronts(q="-e*o", deck_id=other) == ["tâmisa"]
    assert fronts(q="river", deck_id=deck, per_page=3, page=2) == ["Reno"]
    assert fronts(q="is:due") == []
    paged = person.ok("GET", "/api/cards", params={"q": "river", "per_page": 3, "page": 2})
    assert paged["pagination"] == {"total": 4, "page": 2, "per_page": 3, "total_pages": 2}


def test_a_bad_search_is_told_by_its_place(person: Person) -> None:
    error = person.fails(
        400, "invalid_input", "GET", "/api/cards", params={"q": "house is:dew and"}
    )
    assert "«dew»" in error["message"]
    assert "at character 10" in error["fields"]["q"]


@pytest.mark.parametrize(
    "text",
    ["\ud800", "\x00", "\n", "'; DROP TABLE cards; --", "%", "?1", "{note_id}", "nid:9" * 50],
)
def test_no_search_is_an_error_of_the_server(person: Person, text: str) -> None:
    person.card(1, "front")
    quoted = quote(text, errors="surrogatepass")
    for query in (quoted, f"%22{quoted}%22", f"re:{quoted}", f"front:{quoted}", f"tag:{quoted}"):
        assert person.call("GET", f"/api/cards?q={query}").status_code in (200, 400)
    assert person.ok("GET", "/api/cards")["pagination"]["total"] == 1


@pytest.mark.parametrize(
    ("method", "path", "kwargs", "status", "field"),
    [
        ("GET", "/api/cards", {"params": {"page": 0}}, 400, "page"),
        ("GET", "/api/cards", {"params": {"per_page": 201}}, 400, "per_page"),
        ("GET", "/api/cards", {"params": {"per_page": 0}}, 400, "per_page"),
        (
            "POST",
            "/api/cards",
            {"json": {"deck_id": 1, "front": "a", "fields": {"Front": "b"}}},
            400,
            "fields",
        ),
        ("PUT", "/api/cards/999", {"json": {"tags": ["two words"]}}, 400, "tags"),
        ("GET", "/api/cards", {"params": {"sort": "id; DROP TABLE"}}, 400, "sort"),
        ("GET", "/api/cards", {"params": {"q": "(unclosed"}}, 400, "q"),
        ("GET", "/api/cards", {"params": {"q": "re:*"}}, 400, "q"),
        ("GET", "/api/cards", {"params": {"q": "a" * 2001}}, 400, "q"),
        ("GET", "/api/cards", {"params": {"deck_id": "x"}}, 400, "deck_id"),
        ("GET", "/api/cards", {"params": {"unknown": "x"}}, 400, "unknown"),
        ("GET", "/api/cards", {"params": {"deck_id": 999}}, 404, None),
        ("POST", "/api/cards", {"json": {"deck_id": 999, "front": "a", "back": "b"}}, 404, None),
        ("POST", "/api/cards", {"json": {"deck_id": 1}}, 400, "front"),
        ("POST", "/api/cards", {"json": {"deck_id": 1, "front": "a"}}, 400, "back"),
        (
            "POST",
            "/api/cards",
            {"json": {"deck_id": 1, "front": "", "back": "b"}},
            400,
            "fields.Front",
        ),
        ("POST", "/api/cards", {"json": {"deck_id": 1, "front": 1, "back": "b"}}, 400, "front"),
        (
            "POST",
            "/api/cards",
            {"json": {"deck_id": 2**63, "front": "", "back": ""}},
            400,
            "deck_id",
        ),
        (
            "POST",
            "/api/cards",
            {"json": {"deck_id": 1, "notetype": "None", "fields": {}}},
            400,
            "notetype",
        ),
        (
            "POST",
            "/api/cards",
            {"json": {"deck_id": 1, "fields": {"Front": "x", "Side": "y"}}},
            400,
            "fields.Side",
        ),
        (
            "POST",
            "/api/cards",
            {"json": {"deck_id": 1, "front": "a", "back": "b", "tags": ["two words"]}},
            400,
            "tags",
        ),
        ("PUT", "/api/cards/999", {"json": {"front": "x"}}, 404, None),
        ("PUT", "/api/cards/999", {"json": {"frnt": "x"}}, 400, "frnt"),
        ("DELETE", "/api/cards/999", {}, 404, None),
    ],
)
def test_bad_input_is_told_and_changes_nothing(
    person: Person,
    method: str,
    path: str,
    kwargs: dict[str, Any],
    status: int,
    field: str | None,
) -> None:
    before = person.call("GET", "/api/export").content
    code = "not_found" if status == 404 else "invalid_input"
    error = person.fails(status, code, method, path, **kwargs)
    if field:
        assert field in error["fields"]
    assert person.call("GET", "/api/export").content == before


def test_sizes_over_the_limit_are_413(person: Person) -> None:
    body = {"deck_id": 1, "front": "x" * 70_000, "back": ""}
    person.fails(413, "too_large", "POST", "/api/cards", json=body)
    body["front"] = "x" * 1_100_000
    person.fails(413, "too_large", "POST", "/api/cards", json=body)


def test_a_failed_change_leaves_nothing_half_done(person: Person) -> None:
    card_id = person.card(1, "before")["card_id"]
    before = person.call("GET", "/api/export").content
    changes = {"front": "after", "deck_id": 424242}
    person.fails(404, "not_found", "PUT", f"/api/cards/{card_id}", json=changes)
    assert person.call("GET", "/api/export").content == before


def test_nobody_reaches_anothers_cards_or_decks(new_person: Callable[..., Person]) -> None:
    ana, bia = new_person(sample_deck=False), new_person(sample_deck=False)
    deck = ana.deck("Ana's")
    card = ana.card(deck, "secret")["card_id"]
    mine = ana.call("GET", "/api/export").content
    for method, path, body in (
        ("GET", f"/api/decks/{deck}", None),
        ("PUT", f"/api/decks/{deck}", {"name": "stolen"}),
        ("DELETE", f"/api/decks/{deck}", None),
        ("GET", f"/api/decks/{deck}/options", None),
        ("PUT", f"/api/decks/{deck}/options", {"timer": 1}),
        ("GET", f"/api/cards/{card}", None),
        ("PUT", f"/api/cards/{card}", {"front": "stolen"}),
        ("DELETE", f"/api/cards/{card}", None),
        ("GET", f"/api/review/{deck}", None),
        ("POST", "/api/review", {"card_id": card, "rating": 3}),
        ("POST", "/api/cards", {"deck_id": deck, "front": "a", "back": "b"}),
    ):
        bia.fails(404, "not_found", method, path, json=body)
    assert bia.ok("GET", "/api/cards")["cards"] == []
    assert ana.call("GET", "/api/export").content == mine


def test_ids_of_any_length_are_400(person: Person) -> None:
    for digits in ("0" * 19 + "1" + "9" * 5000, "0" * 20 + "1" * 20, "9" * 19):
        for path in ("/api/cards/", "/api/decks/", "/api/review/"):
            person.fails(400, "invalid_input", "GET", path + digits)


def test_an_empty_notetype_is_not_taken_for_basic(person: Person) -> None:
    body = {"deck_id": 1, "notetype": "", "fields": {"Front": "x"}}
    person.fails(400, "invalid_input", "POST", "/api/cards", json=body)


def test_a_card_is_changed_by_its_sides_or_by_its_fields_but_not_both(person: Person) -> None:
    card_id = person.card(1, "front")["card_id"]
    changes = {"front": "a", "fields": {"Front": "b"}}
    person.fails(400, "invalid_input", "PUT", f"/api/cards/{card_id}", json=changes)
    changed = person.ok("PUT", f"/api/cards/{card_id}", json={"fields": {"Front": "b"}})
    assert changed["card"]["front"] == "b"


def test_a_change_keeps_to_the_sizes_too(person: Person) -> None:
    card_id = person.card(1, "front")["card_id"]
    changes = {"back": "x" * 70_000}
    person.fails(413, "too_large", "PUT", f"/api/cards/{card_id}", json=changes)


def test_every_note_has_a_guid_of_its_own(person: Person, tmp_path: Path) -> None:
    for n in range(3):
        person.card(1, f"card {n}")
    with closing(sqlite3.connect(person.export(tmp_path / "guids.anki2"))) as conn:
        assert conn.execute("SELECT count(DISTINCT guid) FROM notes").fetchone() == (3,)


def test_a_move_to_where_the_card_is_changes_nothing(person: Person) -> None:
    card_id = person.card(1, "front")["card_id"]
    before = person.call("GET", "/api/export").content
    person.ok("PUT", f"/api/cards/{card_id}", json={"deck_id": 1})
    assert person.call("GET", "/api/export").content == before


def test_a_notetype_is_chosen_by_its_id_as_well_as_by_its_name(person: Person) -> None:
    by_name = {one["name"]: one["id"] for one in person.ok("GET", "/api/notetypes")["notetypes"]}
    cloze, basic = by_name["Cloze"], by_name["Basic"]
    body = {"deck_id": 1, "notetype_id": cloze, "fields": {"Text": "{{c1::a}} {{c2::b}}"}}
    added = person.ok("POST", "/api/cards", json=body)
    assert len(added["card_ids"]) == 2
    card = person.ok("GET", f"/api/cards/{added['card_id']}")["card"]
    assert (card["notetype"], card["notetype_id"], card["ord"]) == ("Cloze", cloze, 0)
    person.ok("POST", "/api/cards", json=body | {"notetype": "cloze"})
    for wrong in (
        {"notetype": "Basic"},
        {"notetype_id": 77},
        {"notetype_id": basic, "notetype": "Cloze"},
    ):
        error = person.fails(400, "invalid_input", "POST", "/api/cards", json=body | wrong)
        assert set(error["fields"]) == {"notetype_id"}


def test_a_listed_card_says_whether_it_is_marked_or_buried(person: Person) -> None:
    plain = person.card(1, "plain", tags=["unmarked"])["card_id"]
    other = person.card(1, "other", tags=["MARKED"])["card_id"]
    person.ok("POST", "/api/cards/actions", json={"action": "bury", "card_ids": [other]})
    cards = {card["id"]: card for card in person.ok("GET", "/api/cards")["cards"]}
    assert {card_id: (card["marked"], card["buried"]) for card_id, card in cards.items()} == {
        plain: (False, False),
        other: (True, True),
    }


def test_tags_are_listed_with_the_notes_that_have_them(person: Person) -> None:
    assert person.ok("GET", "/api/tags")["tags"] == []
    person.card(1, "one", tags=["Verb", "b::c"])
    person.card(1, "two", tags=["verb", "b1"])
    person.card(1, "three", tags=["b", "only"])
    card_id = person.card(1, "four", tags=["b", "gone"])["card_id"]
    person.ok("PUT", f"/api/cards/{card_id}", json={"tags": ["b"]})
    assert person.ok("GET", "/api/tags")["tags"] == [
        {"name": "b", "notes": 2},
        {"name": "b::c", "notes": 1},
        {"name": "b1", "notes": 1},
        {"name": "only", "notes": 1},
        {"name": "Verb", "notes": 2},
    ]


def test_card_info_has_the_answers_to_a_card(person: Person) -> None:
    deck = person.deck("D")
    card_id = person.card(deck, "front")["card_id"]
    path = f"/api/cards/{card_id}/info"
    fresh = person.ok("GET", path)["info"]
    assert (fresh["due_position"], fresh["reviews"], fresh["first_review_at"]) == (1, [], None)
    person.answer(person.next_cards(deck)[0], 4)
    info = person.ok("GET", path)["info"]
    assert [(one["kind"], one["rating"]) for one in info["reviews"]] == [("learning", 4)]
    assert info["latest_review_at"] == info["first_review_at"] == info["reviews"][0]["reviewed_at"]
    assert (info["state"], info["deck_name"], info["template"]) == ("review", "D", "Card 1")
    person.fails(404, "not_found", "GET", "/api/cards/1/info")
