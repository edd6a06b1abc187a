"""Cards that are shown before they are saved."""

from typing import Any

from tests.support.server import Person


def notetype_id(person: Person, name: str) -> int:
    notetypes = person.ok("GET", "/api/notetypes")["notetypes"]
    found: int = next(one["id"] for one in notetypes if one["name"] == name)
    return found


def preview(person: Person, name: str, fields: dict[str, str], **more: Any) -> dict[str, Any]:
    body = {"notetype_id": notetype_id(person, name), "fields": fields, **more}
    shown: dict[str, Any] = person.ok("POST", "/api/cards/preview", json=body)
    return shown


def test_a_preview_is_what_the_card_becomes(person: Person) -> None:
    deck, fields = person.deck("Words"), {"Front": "<b>casa</b>", "Back": "house"}
    shown = preview(person, "Basic", fields, deck_id=deck, tags=["noun"])
    assert (shown["ordinals"], shown["duplicate_of"]) == ([0], None)
    assert person.ok("GET", "/api/cards")["cards"] == []
    added = person.card(deck, "<b>casa</b>", "house", tags=["noun"])
    card = person.ok("GET", f"/api/cards/{added['card_id']}")["card"]
    sides = {side: card[side] for side in ("question", "answer", "css")}
    assert shown["card"] == {"ord": 0, **sides}
    assert preview(person, "Basic", fields)["duplicate_of"] == added["note_id"]


def test_one_of_the_cards_is_chosen(person: Person) -> None:
    text = {"Text": "{{c1::Lisboa}} is in {{c3::Portugal}}"}
    assert preview(person, "Cloze", text)["ordinals"] == [0, 2]
    assert ">[...]</span> is in" in preview(person, "Cloze", text)["card"]["question"]
    third = preview(person, "Cloze", text, ord=2)["card"]
    assert (third["ord"], "is in <span" in third["question"]) == (2, True)
    assert third["question"].endswith(">[...]</span>")
    # A deletion that was taken away meanwhile: the first card instead.
    assert preview(person, "Cloze", text, ord=1)["card"]["ord"] == 0


def test_a_note_that_gives_no_card_shows_none(person: Person) -> None:
    for name, fields in (("Basic", {"Back": "x"}), ("Basic", {}), ("Cloze", {"Text": "none"})):
        shown = preview(person, name, fields)
        assert (shown["ordinals"], shown["card"], shown["duplicate_of"]) == ([], None, None)


def test_a_template_is_tried_out(person: Person) -> None:
    fields = {"Front": "a", "Back": "b"}
    tried = {"question": "Q {{Back}}", "answer": "{{FrontSide}} A", "css": "b {}"}
    card = preview(person, "Basic", fields, template=tried)["card"]
    assert card == {"ord": 0, "question": "Q b", "answer": "Q b A", "css": "b {}"}
    # A second one, which the notetype does not have yet.
    assert preview(person, "Basic", fields, template=tried, ord=1)["card"]["question"] == "Q b"
    wrong = {"question": "{{Nothing}}", "answer": ""}
    assert "Nothing" in preview(person, "Basic", fields, template=wrong)["card"]["question"]
    text = {"Text": "{{c1::x}} {{c2::y}}"}
    cloze = {"question": "Q {{cloze:Text}}", "answer": ""}
    assert preview(person, "Cloze", text, template=cloze, ord=1)["card"]["ord"] == 1


def test_what_cannot_be_previewed_is_refused(person: Person) -> None:
    basic = notetype_id(person, "Basic")

    def fails(status: int, code: str, **body: Any) -> dict[str, Any]:
        body = {"notetype_id": basic, "fields": {}, **body}
        answer: dict[str, Any] = person.fails(status, code, "POST", "/api/cards/preview", json=body)
        return answer

    fails(404, "not_found", notetype_id=1)
    fails(404, "not_found", fields={"Front": "x"}, deck_id=1234567)
    fails(400, "invalid_input", ord=-1)
    fails(400, "invalid_input", fields={"Elsewhere": "x"})
    tried = {"question": "{{Front}}", "answer": ""}
    assert "ord" in fails(400, "invalid_input", ord=5, template=tried)["fields"]
    fails(413, "too_large", fields={"Front": "x" * 70_000})
    fails(413, "too_large", template={"question": "x" * 70_000, "answer": ""})
