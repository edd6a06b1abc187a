"""What real Anki made of some hundred operations on cards, decks and deck options.

tests/oracle_cards/make_golden.py writes the file and tells what is in it.
"""

import json
import lzma
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.collection.card_data import read_card_data, write_card_data
from chalicelib.collection.documents import new_options
from chalicelib.errors import JavumboError
from tests.oracle_cards.ours import Ours
from tests.oracle_cards.states import State, collection_of, comparable, state_of

GOLDEN = Path(__file__).with_name("cases.json.xz")

# What Anki's own screens remember, which the service has no use for.
_OF_SCREENS = {
    "curModel",
    "cardStateCustomizer",
    "newCardsIgnoreReviewLimit",
    "applyAllParentLimits",
    "fsrs",
    "fsrsHealthCheck",
    "fsrsReschedule",
}


@dataclass(frozen=True)
class GoldenCase:
    """An operation on a collection, and what Anki made of it."""

    now_ms: int
    before: State
    operation: list[Any]
    error: str | None
    after: State

    @classmethod
    def of(cls, world: dict[str, Any], number: int) -> "GoldenCase":
        operation, error, changes = world["cases"][number]
        before: State = world["before"]
        after = {
            table: [row for row in rows if row not in changes.get(table, [[]])[0]]
            + changes.get(table, [[], []])[1]
            for table, rows in before.items()
        }
        return cls(world["now_ms"], before, operation, error, after)

    @property
    def may_be_refused(self) -> bool:
        """Anki finds another name where one is taken, makes a deck anew that is moved below itself
        or does nothing, and empties the default deck instead of deleting it.
        """
        name = self.operation[0]
        before, after = (
            {key: deck["name"] for key, deck in comparable(state)["decks"].items()}
            for state in (self.before, self.after)
        )
        if name == "delete deck":
            return "1" in self._decks_below()
        renames = name in {"rename deck", "move deck"}
        return renames and (
            any("+" in known for known in after.values())
            or (name == "move deck" and before == after)
            or (name == "rename deck" and self._goes_below_itself())
        )

    def _goes_below_itself(self) -> bool:
        root = comparable(self.before)["decks"][str(self.operation[1])]["name"]
        name: str = self.operation[2]
        return name.casefold().startswith(f"{root}::".casefold())

    def _decks_below(self) -> list[str]:
        decks = comparable(self.before)["decks"]
        root = decks[str(self.operation[1])]["name"]
        return [key for key, deck in decks.items() if f"{deck['name']}::".startswith(f"{root}::")]


@cache
def golden_cases() -> list[GoldenCase]:
    worlds = json.loads(lzma.decompress(GOLDEN.read_bytes()))["worlds"]
    return [GoldenCase.of(world, n) for world in worlds for n in range(len(world["cases"]))]


def differences(case: GoldenCase) -> list[str]:
    """Where our own operation leaves something else behind than Anki's; none if both refuse."""
    with closing(collection_of(case.before)) as conn:
        try:
            Ours(conn, case.now_ms).run(*case.operation)
        except JavumboError as error:
            refusal = [f"we refused: {error!r} {error.fields}"]
            return [] if case.error or case.may_be_refused else refusal
        if case.error:
            return [f"Anki refused: {case.error}"]
        return list(_differences("", _known(case, case.after), _known(case, state_of(conn))))


def _known(case: GoldenCase, state: State) -> dict[str, Any]:
    """The state as far as both must agree on it."""
    found = comparable(state)
    conf = found["conf"]
    found["conf"] = {
        name: value
        for name, value in conf.items()
        if name not in _OF_SCREENS and not name.startswith(("_deck_", "_nt_"))
    }
    known = new_options(options_id=1, name="", now_s=0, usn=0).keys()
    for group in found["dconf"].values():
        for name in group.keys() - known:
            del group[name]
    for note in found["notes"].values():
        del note["guid"]
    for card in found["cards"].values():
        _forget_chance(case, card, found)
    there = comparable(case.before)["decks"]
    found["decks"] = {
        (key if key in there else deck["name"]): _deck(case, key, deck, is_new=key not in there)
        for key, deck in found["decks"].items()
    }
    return found


def _forget_chance(case: GoldenCase, card: dict[str, Any], found: dict[str, Any]) -> None:
    """Shuffled positions cannot be compared; `data` that a deck's end leaves as it is, need not.

    Anki keeps the time of the last answer in new cards that were reset before, and later finds
    fault with it when they become review cards; ours is taken out then.
    """
    if case.operation[0] == "set due" and _was_new(case, card["id"]):
        data = read_card_data(card["data"])
        data.pop("lrt", None)
        card["data"] = write_card_data(data)
    if case.operation[0] == "options":
        deck = found["decks"].get(str(card["odid"] or card["did"]), {})
        order = found["dconf"].get(str(deck.get("conf")), {}).get("new", {}).get("order")
        if card["type"] == 0 and order == 0:
            card["odue" if card["odid"] else "due"] = "by chance"
    if case.operation[0] == "delete deck":
        card["data"] = write_card_data(read_card_data(card["data"]))


def _was_new(case: GoldenCase, card_id: int) -> bool:
    return bool(comparable(case.before)["cards"][card_id]["type"] == 0)


def _deck(case: GoldenCase, key: str, deck: dict[str, Any], *, is_new: bool) -> dict[str, Any]:
    """New parents of a deck get their ids in another order, and are shown open.

    Anki's options screen gives decks whose options it removes the limits of the deck it shows.
    """
    kept = dict(deck)
    removes_options = case.operation[0] == "options" and case.operation[4]
    if is_new:
        for name in ("id", "collapsed", "browserCollapsed"):
            kept.pop(name)
    elif removes_options and int(key) != case.operation[1]:
        for name in ("newLimit", "reviewLimit", "newLimitToday", "reviewLimitToday"):
            kept.pop(name, None)
    return kept


def _differences(path: str, theirs: Any, ours: Any) -> Iterator[str]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in sorted({*theirs, *ours}, key=str):
            yield from _differences(f"{path}/{key}", theirs.get(key), ours.get(key))
    elif theirs != ours:
        yield f"{path}: Anki {theirs!r}, ours {ours!r}"
