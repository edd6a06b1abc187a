"""Everything a person can do to their collection, as random requests."""

import random
from collections.abc import Callable
from typing import Any

import httpx

from tests.support.clocked_server import FileClock
from tests.support.server import Person

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

WORDS = ["casa", "gato", "água", "日本語", "two words", "<b>bold</b>", "a&amp;b", "x" * 300, "42"]
TAGS = ["verbo", "Verbo", "nível::um", "nível::dois", "marked", "leech", "日本"]


class Somebody:
    """A person at random work; every choice comes from `chance`."""

    def __init__(self, person: Person, clock: FileClock) -> None:
        self.person = person
        self.clock = clock
        self.chance = random.Random(0)

    def call(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        response = self.person.call(method, path, **kwargs)
        assert response.status_code in (200, 400, 404, 409), (method, path, kwargs, response.text)
        return response

    def decks(self) -> list[dict[str, Any]]:
        decks: list[dict[str, Any]] = self.person.ok("GET", "/api/decks")["decks"]
        return decks

    def some_deck(self) -> int:
        deck_id: int = self.chance.choice(self.decks())["id"]
        return deck_id

    def cards(self) -> list[dict[str, Any]]:
        query = {"per_page": 200, "sort": self.chance.choice(["created", "-due"])}
        cards: list[dict[str, Any]] = self.person.ok("GET", "/api/cards", params=query)["cards"]
        return cards

    def some_cards(self, most: int = 5) -> list[int]:
        ids = [card["id"] for card in self.cards()]
        return self.chance.sample(ids, min(len(ids), self.chance.randint(1, most)))

    def cards_of_some_note(self) -> list[int]:
        notes: dict[int, list[int]] = {}
        for card in self.cards():
            notes.setdefault(card["note_id"], []).append(card["id"])
        return self.chance.choice(list(notes.values())) if notes else []

    def text(self) -> str:
        return f"{self.chance.choice(WORDS)} {self.chance.randint(0, 40)}"

    def tags(self) -> list[str]:
        return self.chance.sample(TAGS, self.chance.randint(0, 3))

    def deck_name(self) -> str:
        levels = [
            self.chance.choice(["A", "B", "C d", "é"]) for _ in range(self.chance.randint(1, 3))
        ]
        return "::".join(levels)


Operation = Callable[[Somebody], httpx.Response | None]


def answer(one: Somebody) -> httpx.Response | None:
    decks = [deck["id"] for deck in one.decks() if any(deck["counts"].values())]
    if not decks:
        return None
    deck = one.chance.choice(decks)
    cards = one.person.next_cards(deck, limit=3)
    if not cards:
        return None
    card = cards[0]
    body = {
        "card_id": card["id"],
        "rating": one.chance.choices([1, 2, 3, 4], [3, 1, 4, 2])[0],
        "answer_token": card["answer_token"],
        "time_taken_ms": one.chance.choice([0, 1500, 90_000]),
        "deck_id": deck,
    }
    if one.chance.random() < 0.1:
        body["answered_at"] = one.clock.now_ms() - one.chance.randint(0, 3 * DAY_MS)
    return one.call("POST", "/api/review", json=body)


def add_note(one: Somebody) -> httpx.Response:
    body: dict[str, Any] = {"deck_id": one.some_deck(), "tags": one.tags()}
    notetypes = one.person.ok("GET", "/api/notetypes")["notetypes"]
    notetype = one.chance.choice(notetypes)
    fields = {field["name"]: one.text() for field in notetype["fields"]}
    first = next(iter(fields))
    fields[first] += " {{c1::a}} {{c2::b}}" if one.chance.random() < 0.5 else ""
    return one.call(
        "POST", "/api/cards", json=body | {"notetype": notetype["name"], "fields": fields}
    )


def edit_note(one: Somebody) -> httpx.Response | None:
    for card_id in one.some_cards(1):
        fields = one.person.ok("GET", f"/api/cards/{card_id}")["card"]["fields"]
        name = one.chance.choice(list(fields))
        change = {"fields": {name: one.text() + one.chance.choice(["", " {{c3::x}}"])}}
        return one.call("PUT", f"/api/cards/{card_id}", json=change | {"tags": one.tags()})
    return None


def delete_note(one: Somebody) -> httpx.Response | None:
    """The last card of a note: Anki's Check Database would make any other one again."""
    cards = one.cards_of_some_note()
    return one.call("DELETE", f"/api/cards/{cards[0]}") if len(cards) == 1 else None


def add_deck(one: Somebody) -> httpx.Response:
    return one.call("POST", "/api/decks", json={"name": one.deck_name(), "description": "d"})


def rename_deck(one: Somebody) -> httpx.Response:
    return one.call("PUT", f"/api/decks/{one.some_deck()}", json={"name": one.deck_name()})


def delete_deck(one: Somebody) -> httpx.Response:
    return one.call("DELETE", f"/api/decks/{one.some_deck()}")


def change_options(one: Somebody) -> httpx.Response:
    chance = one.chance
    change = {
        "new": {
            "perDay": chance.choice([0, 2, 20, 200]),
            "bury": chance.random() < 0.5,
            "order": chance.randint(0, 1),
            "delays": chance.choice([[1, 10], [], [1440], [30]]),
        },
        "rev": {"perDay": chance.choice([1, 10, 200]), "bury": chance.random() < 0.5},
        "lapse": {
            "leechFails": chance.choice([1, 2, 8]),
            "leechAction": chance.randint(0, 1),
            "delays": chance.choice([[10], [], [2880]]),
            "mult": chance.choice([0, 0.5]),
        },
        "newMix": chance.randint(0, 2),
        "reviewOrder": chance.randint(0, 12),
        "newSortOrder": chance.randint(0, 4),
        "newGatherPriority": chance.randint(0, 5),
        "buryInterdayLearning": chance.random() < 0.5,
    }
    return one.call("PUT", f"/api/decks/{one.some_deck()}/options", json=change)


def act_on_cards(one: Somebody) -> httpx.Response | None:
    chance = one.chance
    card_ids = one.some_cards(6)
    if not card_ids:
        return None
    actions: list[dict[str, Any]] = [
        {"action": "suspend"},
        {"action": "unsuspend"},
        {"action": "bury"},
        {"action": "unbury"},
        {"action": "flag", "value": chance.randint(0, 7)},
        {"action": "move", "deck_id": one.some_deck()},
        {"action": "reset", "restore_position": chance.random() < 0.5},
        {"action": "reset", "reset_counts": True},
        {"action": "set_due", "days": chance.choice(["0", "3", "2-9", "1-4!", 5, -3])},
        {"action": "reposition", "starting_from": chance.randint(0, 9), "step": 2},
        {"action": "reposition", "starting_from": 3, "step": 1, "shift_existing": True},
        {"action": "add_tags", "tags": chance.sample(TAGS, 2)},
        {"action": "remove_tags", "tags": [chance.choice([*TAGS, "nível", "*", "n*::d*"])]},
        {"action": "delete", "card_ids": one.cards_of_some_note()},
    ]
    action = {"card_ids": card_ids} | chance.choice(actions)
    return one.call("POST", "/api/cards/actions", json=action)


def unbury_deck(one: Somebody) -> httpx.Response:
    body = {"kind": one.chance.choice(["all", "siblings", "user"])}
    return one.call("POST", f"/api/decks/{one.some_deck()}/unbury", json=body)


def limit_deck(one: Somebody) -> httpx.Response:
    name = one.chance.choice(["new_limit", "review_limit", "new_limit_today", "review_limit_today"])
    body = {name: one.chance.choice([None, 0, 1, 30])}
    return one.call("PUT", f"/api/decks/{one.some_deck()}", json=body)


def presets(one: Somebody) -> list[int]:
    return [preset["id"] for preset in one.person.ok("GET", "/api/options")["presets"]]


def add_preset(one: Somebody) -> httpx.Response:
    body = {"name": one.text(), "copy_of": one.chance.choice(presets(one))}
    return one.call("POST", "/api/options", json=body)


def use_preset(one: Somebody) -> httpx.Response:
    body = {"options_id": one.chance.choice(presets(one))}
    return one.call("PUT", f"/api/decks/{one.some_deck()}", json=body)


def delete_preset(one: Somebody) -> httpx.Response:
    return one.call("DELETE", f"/api/options/{one.chance.choice(presets(one))}")


def some_notetype(one: Somebody) -> dict[str, Any]:
    notetypes = one.person.ok("GET", "/api/notetypes")["notetypes"]
    notetype: dict[str, Any] = one.chance.choice(notetypes)
    return notetype


def add_notetype(one: Somebody) -> httpx.Response:
    body = {"name": one.text(), "copy_of": some_notetype(one)["id"]}
    return one.call("POST", "/api/notetypes", json=body)


def delete_notetype(one: Somebody) -> httpx.Response:
    return one.call("DELETE", f"/api/notetypes/{some_notetype(one)['id']}")


def change_notetype(one: Somebody) -> httpx.Response:
    notetype, chance = some_notetype(one), one.chance
    fields = [{"name": field["name"], "was": field["name"]} for field in notetype["fields"]]
    templates = [{"name": t["name"], "was": t["name"]} for t in notetype["templates"]]
    change = chance.randint(0, 6)
    if change == 0:
        fields.append({"name": f"Field {chance.randint(0, 30)}", "was": None})
    elif change == 1:
        fields.pop(chance.randrange(len(fields)))
    elif change == 2:
        chance.shuffle(fields)
    elif change == 3:
        chance.choice(fields)["name"] = f"Renamed {chance.randint(0, 30)}"
    elif change == 4:
        question = f"{{{{{chance.choice(fields)['name']}}}}} {chance.randint(0, 99)}"
        name = f"Card {chance.randint(0, 30)}"
        templates.append({"name": name, "was": None, "question": question, "answer": "a"})
    elif change == 5:
        templates.pop(chance.randrange(len(templates)))
    else:
        chance.shuffle(templates)
    body = {"fields": fields, "templates": templates, "css": one.text()}
    return one.call("PUT", f"/api/notetypes/{notetype['id']}", json=body)


def search(one: Somebody) -> httpx.Response:
    text = one.chance.choice(
        ["casa", "deck:A", "is:due", "tag:verbo -is:new", "(rated:7 or added:3)", "prop:ivl>2", "("]
    )
    return one.call("GET", "/api/cards", params={"q": text})


def look_at_stats(one: Somebody) -> httpx.Response:
    days = one.chance.choice([0, 30, 365])
    return one.call("GET", "/api/stats", params={"days": days, "deck_id": one.some_deck()})


def wait(one: Somebody) -> None:
    """Time goes by; what is longer than a night outlives the token."""
    hours = one.chance.choice([1, 9, 24, 24, 72, 300])
    one.clock.set(one.clock.now_ms() + hours * HOUR_MS)
    one.person.log_in()


def travel(one: Somebody) -> httpx.Response:
    minutes = one.chance.choice([-180, 0, 60, 120, 540])
    return one.call("PUT", "/api/account", json={"utc_offset_minutes": minutes})


def undo(one: Somebody) -> httpx.Response:
    return one.call("POST", "/api/undo")


def redo(one: Somebody) -> httpx.Response:
    return one.call("POST", "/api/redo")


OPERATIONS: dict[str, tuple[int, Operation]] = {
    "answer": (40, answer),
    "add note": (14, add_note),
    "edit note": (8, edit_note),
    "delete note": (2, delete_note),
    "act on cards": (24, act_on_cards),
    "add deck": (3, add_deck),
    "rename deck": (3, rename_deck),
    "limit deck": (3, limit_deck),
    "unbury deck": (2, unbury_deck),
    "delete deck": (1, delete_deck),
    "change options": (4, change_options),
    "add preset": (2, add_preset),
    "use preset": (2, use_preset),
    "delete preset": (1, delete_preset),
    "add notetype": (2, add_notetype),
    "change notetype": (5, change_notetype),
    "delete notetype": (1, delete_notetype),
    "search": (2, search),
    "look at stats": (2, look_at_stats),
    "wait": (12, wait),
    "travel": (1, travel),
    "undo": (8, undo),
    "redo": (4, redo),
}
