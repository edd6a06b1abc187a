"""`javumbo add`: one note, many notes, and what a run that is repeated does."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from javumbo.commands import rows
from tests.client.conftest import Cli
from tests.client.stub import SILENT, Answer, Asked, Stub, ok, refused
from tests.support.server import Person

LINES = "uno\tone\tnumbers small\ndos\ttwo\n\ntres\tthree\n"


def notes(person: Person, query: str = "") -> list[tuple[str, str, list[str]]]:
    cards = person.ok("GET", "/api/cards", params={"q": query, "per_page": 200})["cards"]
    return [(card["front"], card["back"], card["tags"]) for card in cards]


@pytest.fixture
def spanish(person: Person) -> int:
    return person.deck("Spanish")


def test_one_note_is_added(ada: Cli, person: Person, spanish: int) -> None:
    ran = ada("add", "spanish", "hola", "<b>hello</b>", "--tag", "a", "--tag", "b::c")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Added note ")
    assert notes(person, "deck:Spanish") == [("hola", "<b>hello</b>", ["a", "b::c"])]


def test_a_duplicate_is_added_with_a_remark_unless_it_is_unwanted(
    ada: Cli, person: Person, spanish: int
) -> None:
    ada("add", "Spanish", "hola", "hello")
    again = ada("add", "Spanish", "hola", "hi")
    assert (again.code, again.err) == (0, "javumbo: there is another note with this first field.\n")
    refused = ada("add", "Spanish", "hola", "hey", "--no-duplicates")
    assert (refused.code, refused.out) == (1, "")
    assert len(notes(person)) == 2
    ran = ada("add", "Spanish", "--no-duplicates", stdin="hola\tx\nadios\tbye\n")
    assert (ran.code, ran.out) == (0, "1 added, 1 there before, 0 refused.\n")


def test_any_notetype_can_be_added(ada: Cli, person: Person, spanish: int) -> None:
    ran = ada("add", "Spanish", "--notetype", "Cloze", "--field", "Text={{c1::a=b}} {{c2::c}}")
    assert (ran.code, ran.out.split()[-3:]) == (0, ["with", "2", "cards."])
    ran = ada("add", "Spanish", "--notetype", "Cloze", stdin="{{c1::x}}\n{{c1::y}}\textra\ttag\n")
    assert (ran.code, ran.out) == (0, "2 added, 0 there before, 0 refused.\n")
    assert ("{{c1::y}}", "extra", ["tag"]) in notes(person)
    assert ada("add", "Spanish", "--notetype", "None", stdin="x\n").code == 1


def test_a_deck_is_made_only_if_that_is_wanted(ada: Cli, person: Person) -> None:
    ran = ada("add", "Geo::Capitals", "France", "Paris")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "javumbo: There is no deck 'Geo::Capitals'. --create makes it.\n"
    assert ada("add", "Geo::Capitals", "France", "Paris", "--create").code == 0
    assert notes(person, "deck:Geo::Capitals") == [("France", "Paris", [])]


def test_a_run_that_is_repeated_adds_nothing_twice(ada: Cli, person: Person, spanish: int) -> None:
    assert ada("add", "Spanish", stdin=LINES).out == "3 added, 0 there before, 0 refused.\n"
    assert ada("add", "Spanish", stdin=LINES).out == "0 added, 3 there before, 0 refused.\n"
    longer = "zero\t0\n" + LINES
    assert ada("add", "Spanish", stdin=longer).out == "1 added, 3 there before, 0 refused.\n"
    assert sorted(notes(person)) == [
        ("dos", "two", []),
        ("tres", "three", []),
        ("uno", "one", ["numbers", "small"]),
        ("zero", "0", []),
    ]


def test_a_repeated_run_is_known_after_more_changes_than_the_service_remembers(
    ada: Cli, person: Person, spanish: int
) -> None:
    many = "".join(f"{number}\tx\n" for number in range(130))
    ada("add", "Spanish", stdin=many)
    assert ada("add", "Spanish", stdin=many).out == "0 added, 130 there before, 0 refused.\n"
    assert person.ok("GET", "/api/cards")["pagination"]["total"] == 130


def test_what_this_machine_has_forgotten_the_service_still_knows(
    ada: Cli, person: Person, spanish: int, config: Path
) -> None:
    ada("add", "Spanish", stdin=LINES)
    (journal,) = config.glob("added-*")
    journal.unlink()
    ada("add", "Spanish", stdin=LINES)
    assert len(notes(person)) == 3


def test_equal_lines_are_as_many_notes(ada: Cli, person: Person, spanish: int) -> None:
    assert ada("add", "Spanish", stdin="a\tb\na\tb\n").code == 0
    assert len(notes(person)) == 2


def test_what_is_wanted_again_is_added_again(ada: Cli, person: Person, spanish: int) -> None:
    for _ in range(2):
        assert ada("add", "Spanish", "--again", stdin="a\tb\n").code == 0
    assert len(notes(person)) == 2


def test_other_tags_or_another_deck_are_other_notes(ada: Cli, person: Person, spanish: int) -> None:
    for arguments in (["Spanish"], ["Spanish", "--tag", "t"], ["Default"]):
        assert ada("add", *arguments, stdin="a\tb\n").out.startswith("1 added")
    assert len(notes(person)) == 3


def test_a_line_that_is_refused_stops_no_other(ada: Cli, person: Person, spanish: int) -> None:
    ran = ada("add", "Spanish", stdin="a\t1\n\tno front\nb\t2\n")
    assert (ran.code, ran.out) == (1, "2 added, 0 there before, 1 refused.\n")
    assert ran.err.startswith("javumbo: line 2: ")
    fixed = ada("add", "Spanish", stdin="a\t1\nnow\tfront\nb\t2\n")
    assert (fixed.code, fixed.out) == (0, "1 added, 2 there before, 0 refused.\n")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("a\tb\nonly\n", "Line 2 has 1 columns"),
        ("a\tb\tc\td\n", "Line 1 has 4 columns"),
        (b"a\t\xff\n", "not text in UTF-8"),
    ],
)
def test_what_is_no_list_of_notes_adds_nothing(
    given: str | bytes, said: str, ada: Cli, person: Person, spanish: int
) -> None:
    ran = ada("add", "New", "--create", stdin=given)
    assert ran.code == 2
    assert said in ran.err
    assert notes(person) == []
    assert "New" not in ada("decks").out.split()


def test_files_of_windows_are_read(ada: Cli, person: Person, spanish: int) -> None:
    ada("add", "Spanish", stdin="\ufeffa\tb\tt\r\nc\td\r\n")
    assert sorted(notes(person)) == [("a", "b", ["t"]), ("c", "d", [])]


def test_a_service_in_trouble_ends_the_run_and_the_next_one_goes_on(
    stubbed: Cli, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("javumbo.client.retrying.TROUBLE_DELAYS_S", (0.0, 0.0))
    stub.answer = spanish_stub(lambda front: SILENT if front == "dos" else None)
    assert stubbed("add", "Spanish", stdin=LINES).code == 4
    assert added_by(stub) == ["uno", "dos", "dos", "dos"]
    stub.answer = spanish_stub(lambda front: refused(503, "x") if front == "dos" else None)
    assert stubbed("add", "Spanish", stdin=LINES).code == 1
    stub.asked.clear()
    stub.answer = spanish_stub(lambda _: None)
    ran = stubbed("add", "Spanish", stdin=LINES)
    assert (ran.code, ran.out) == (0, "2 added, 1 there before, 0 refused.\n")
    assert added_by(stub) == ["dos", "tres"]


def test_what_was_added_is_forgotten_after_a_week(
    stubbed: Cli, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.answer = spanish_stub(lambda _: None)
    now_ms = 1_800_000_000_000
    monkeypatch.setattr(rows, "_now_ms", lambda: now_ms)
    stubbed("add", "Spanish", stdin="a\tb\n")
    monkeypatch.setattr(rows, "_now_ms", lambda: now_ms + rows.REMEMBERED_MS - 1)
    assert stubbed("add", "Spanish", stdin="a\tb\n").out.startswith("0 added, 1 there before")
    monkeypatch.setattr(rows, "_now_ms", lambda: now_ms + rows.REMEMBERED_MS)
    assert stubbed("add", "Spanish", stdin="a\tb\n").out.startswith("1 added")
    keys = [asked.headers["idempotency-key"] for asked in stub.asked if asked.path == "/api/cards"]
    assert len(keys) == 2
    assert keys[0] == keys[1]


def spanish_stub(trouble: Callable[[str], Answer | None]) -> Callable[[Asked], Answer]:
    deck: dict[str, Any] = {
        "id": 5,
        "name": "Spanish",
        "description": "",
        "parent_id": None,
        "level": 1,
        "counts": {"new": 0, "learn": 0, "review": 0},
        "total_cards": 0,
    }

    def answer(asked: Asked) -> Answer:
        if asked.path == "/api/decks":
            return ok(decks=[deck])
        return trouble(asked.json["front"]) or ok(note_id=1, card_id=2, card_ids=[2])

    return answer


def added_by(stub: Stub) -> list[str]:
    return [json.loads(asked.body)["front"] for asked in stub.asked if asked.path == "/api/cards"]
