import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.server import Person

PATH = "/api/notetypes"


def notetype(person: Person, name: str = "Basic") -> Any:
    return next(one for one in person.ok("GET", PATH)["notetypes"] if one["name"] == name)


def address(person: Person, name: str = "Basic") -> str:
    return f"{PATH}/{notetype(person, name)['id']}"


def test_a_notetype_is_shown_with_all_that_can_be_changed(person: Person) -> None:
    person.card(1, "front")
    shown = notetype(person)
    assert person.ok("GET", f"{PATH}/{shown['id']}")["notetype"] == shown
    assert shown["kind"] == "standard"
    assert notetype(person, "Cloze")["kind"] == "cloze"
    assert (shown["sort_field"], shown["note_count"]) == ("Front", 1)
    assert [field["name"] for field in shown["fields"]] == ["Front", "Back"]
    assert shown["fields"][0] == {
        "name": "Front",
        "font": "Arial",
        "size": 20,
        "rtl": False,
        "sticky": False,
        "description": "",
        "plain_text": False,
        "collapsed": False,
        "exclude_from_search": False,
    }
    assert shown["templates"] == [
        {
            "name": "Card 1",
            "question": "{{Front}}",
            "answer": "{{FrontSide}}\n\n<hr id=answer>\n\n{{Back}}",
            "browser_question": "",
            "browser_answer": "",
            "deck_id": None,
        }
    ]
    assert ".card" in shown["css"]


def test_what_is_shown_can_be_sent_back_and_changes_nothing(person: Person) -> None:
    person.card(1, "front")
    before = person.call("GET", "/api/export").content
    for shown in person.ok("GET", PATH)["notetypes"]:
        fixed = ("id", "kind", "note_count")
        body = {key: value for key, value in shown.items() if key not in fixed}
        assert person.ok("PUT", f"{PATH}/{shown['id']}", json=body)["notetype"] == shown
    assert person.call("GET", "/api/export").content == before
    assert person.ok("GET", "/api/undo")["undo"] == ["Add note"]


def test_fields_and_templates_change_with_the_notes_and_cards(person: Person) -> None:
    card_id = person.card(1, "um", "one")["card_id"]
    body = {
        "name": "Words",
        "sort_field": "English",
        "fields": [
            {"name": "English", "was": "Back", "font": "Mono", "rtl": True},
            {"name": "Word", "was": "Front"},
            {"name": "Sound", "was": None, "description": "a file"},
        ],
        "templates": [
            {"name": "Card 2", "was": None, "question": "{{English}}?", "answer": "{{Word}}"},
            {"name": "Card 1"},
        ],
    }
    changed = person.ok("PUT", address(person), json=body)["notetype"]
    assert changed == notetype(person, "Words")
    assert changed["sort_field"] == "English"
    assert changed["fields"][0]["font"] == "Mono"
    assert changed["fields"][2]["description"] == "a file"
    assert [one["question"] for one in changed["templates"]] == ["{{English}}?", "{{Word}}"]
    cards = person.ok("GET", "/api/cards")["cards"]
    assert len(cards) == 2
    shown = person.ok("GET", f"/api/cards/{card_id}")["card"]
    assert shown["fields"] == {"English": "one", "Word": "um", "Sound": ""}
    assert person.ok("GET", "/api/undo")["undo"][0] == "Update notetype"
    person.ok("POST", "/api/undo")
    assert person.ok("GET", f"/api/cards/{card_id}")["card"]["fields"] == {
        "Front": "um",
        "Back": "one",
    }


@pytest.mark.parametrize(
    ("stock", "templates", "kind"),
    [
        ("basic", 1, "standard"),
        ("basic_reversed", 2, "standard"),
        ("basic_optional_reversed", 2, "standard"),
        ("basic_typing", 1, "standard"),
        ("cloze", 1, "cloze"),
        (None, 1, "standard"),
    ],
)
def test_notetypes_of_ankis_own_kinds_can_be_added(
    person: Person, stock: str | None, templates: int, kind: str
) -> None:
    made = person.ok("POST", PATH, json={"name": "Mine", "stock": stock})
    assert (made["notetype"]["id"], made["notetype"]["name"]) == (made["notetype_id"], "Mine")
    assert (len(made["notetype"]["templates"]), made["notetype"]["kind"]) == (templates, kind)
    assert person.ok("GET", "/api/undo")["undo"] == ["Add notetype"]


def test_a_copy_is_like_the_notetype_but_for_its_name(person: Person) -> None:
    person.ok("PUT", address(person), json={"css": "p {}"})
    original = notetype(person)
    copied = person.ok("POST", PATH, json={"name": "Copy", "copy_of": original["id"]})["notetype"]
    assert copied == original | {"name": "Copy", "id": copied["id"]}
    person.fails(404, "not_found", "POST", PATH, json={"name": "Other", "copy_of": 1})


def test_a_notetype_is_removed_with_its_notes(person: Person) -> None:
    person.card(1, "gone")
    fields = {"Front": "gone too", "Back": "x"}
    name = "Basic (and reversed card)"
    body = {"deck_id": 1, "notetype": name, "fields": fields}
    person.ok("POST", "/api/cards", json=body)
    path = address(person, name)
    assert person.ok("DELETE", path)["deleted"] == {"cards": 2, "notes": 1}
    person.fails(404, "not_found", "GET", path)
    person.fails(404, "not_found", "DELETE", path)
    person.fails(404, "not_found", "PUT", path, json={"css": ""})
    assert person.ok("GET", "/api/cards")["pagination"]["total"] == 1
    for shown in person.ok("GET", PATH)["notetypes"][1:]:
        person.ok("DELETE", f"{PATH}/{shown['id']}")
    (last,) = person.ok("GET", PATH)["notetypes"]
    person.fails(400, "invalid_input", "DELETE", f"{PATH}/{last['id']}")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"css": 1}, "css"),
        ({"fields": [{"name": "Front", "size": -1}]}, "fields.0.size"),
        ({"fields": [{"name": "Front", "colour": "red"}]}, "fields.0.colour"),
        ({"fields": [{"was": "Front"}]}, "fields.0.name"),
        ({"fields": [{"name": "Front", "was": ""}]}, "fields.Front"),
        ({"templates": [{"name": "Card 1", "question": "{{Nobody}}"}]}, "templates.Card 1"),
        ({"templates": [{"name": "Card 1", "deck_id": 77}]}, "templates.Card 1"),
        ({"kind": "cloze"}, "kind"),
        ({"name": "CLOZE"}, "name"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_changes(
    person: Person, body: dict[str, Any], field: str
) -> None:
    path = address(person)
    before = person.call("GET", "/api/export").content
    assert field in person.fails(400, "invalid_input", "PUT", path, json=body)["fields"]
    assert person.call("GET", "/api/export").content == before


@pytest.mark.parametrize(
    "body",
    [
        {"css": "x" * 65537},
        {"templates": [{"name": "Card 1", "question": "{{Front}}" + "x" * 65536}]},
        {"templates": [{"name": "Card 1", "browser_answer": "é" * 32769}]},
        {"fields": [{"name": "Front", "description": "x" * 65537}]},
    ],
)
def test_texts_have_a_limit(person: Person, body: dict[str, Any]) -> None:
    person.fails(413, "too_large", "PUT", address(person), json=body)


@pytest.mark.parametrize(
    "body",
    [{}, {"name": ""}, {"name": "basic"}, {"name": "x", "stock": "image"}, {"name": "x" * 121}],
)
def test_a_new_notetype_needs_a_name_of_its_own_and_a_known_kind(
    person: Person, body: dict[str, Any]
) -> None:
    person.fails(400, "invalid_input", "POST", PATH, json=body)
    both = {"name": "x", "stock": "basic", "copy_of": notetype(person)["id"]}
    assert "stock" in person.fails(400, "invalid_input", "POST", PATH, json=both)["fields"]


def test_a_template_sends_new_cards_to_its_deck(person: Person) -> None:
    deck = person.deck("Home")
    template = {"name": "Card 1", "deck_id": deck}
    person.ok("PUT", address(person), json={"templates": [template]})
    assert notetype(person)["templates"][0]["deck_id"] == deck
    card = person.card(1, "front")["card_id"]
    assert person.ok("GET", f"/api/cards/{card}")["card"]["deck_id"] == deck
    person.ok("DELETE", f"/api/decks/{deck}")
    person.ok("PUT", address(person), json={"templates": [template], "css": "still fine"})
    person.ok("PUT", address(person), json={"templates": [template | {"deck_id": None}]})


names = st.sampled_from(("Front", "Back", "Card 1", "x", "#", "", "a\ud800", "\x00", "日本"))
texts = st.sampled_from(
    ("{{Front}}", "{{cloze:Text}}", "{{#Front}}", "{{=<% %>=}}<%x%>", "")
) | st.text(max_size=10)
ids = st.sampled_from((1, 0, -1, 2**63, 2**70, None, "1"))
junk: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just([{}])
)
fields = st.lists(
    st.fixed_dictionaries(
        {"name": names},
        optional={
            "was": names | st.none(),
            "size": st.integers(),
            "rtl": st.booleans(),
            "font": texts,
        },
    )
    | junk,
    max_size=4,
)
templates = st.lists(
    st.fixed_dictionaries(
        {"name": names},
        optional={"was": names | st.none(), "question": texts, "answer": texts, "deck_id": ids},
    )
    | junk,
    max_size=3,
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "name": names | junk,
        "css": texts | junk,
        "sort_field": names | junk,
        "fields": fields | junk,
        "templates": templates | junk,
        "copy_of": ids,
        "stock": st.sampled_from(("basic", "cloze", "image", "", None)),
    },
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=bodies, at=st.integers(min_value=0, max_value=4), method=st.sampled_from(("PUT", "POST"))
)
def test_whatever_is_sent_is_answered_without_a_fault(
    person: Person, body: dict[str, Any], at: int, method: str
) -> None:
    shown = person.ok("GET", PATH)["notetypes"]
    path = PATH if method == "POST" else f"{PATH}/{shown[at % len(shown)]['id']}"
    if method == "PUT" and body.get("copy_of", "") == "":
        body = {key: value for key, value in body.items() if key not in ("copy_of", "stock")}
    # Written here: the client itself refuses lone surrogates.
    content, headers = json.dumps(body), {"Content-Type": "application/json"}
    response = person.call(method, path, content=content, headers=headers)
    assert response.status_code in (200, 400, 404, 413), response.text


@pytest.mark.parametrize("notetype_id", ["0", "x", "9" * 30, "1"])
def test_an_id_that_is_none_is_refused(person: Person, notetype_id: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        response = person.call(method, f"{PATH}/{notetype_id}", json={})
        assert response.status_code == (404 if notetype_id == "1" else 400)
