"""Where a collection whose notetypes were changed here differs from Anki's."""

from typing import Any

from tests.collection.notetype_changing import CARD

Told = dict[str, Any]
_DECK, _ORDINAL = CARD.index("did"), CARD.index("ord")


def differences(ours: Told, theirs: Told) -> list[Any]:
    """Nothing, or what is different: names of parts with both values.

    Ids of what was added since are not compared, nor is the deck of a card that a note got after
    its last one went: there it is the default deck.
    """
    if "error" in ours or "error" in theirs:
        both = ours.get("error"), theirs.get("error")
        return [] if all(both) else [both]
    bare = set(theirs["bare"])
    pairs = {
        "models": (_models(ours), _models(theirs)),
        "notes": (_notes(ours), _notes(theirs)),
        "cards": (_cards(ours, bare), _cards(theirs, bare)),
        "graves": (_graves(ours), _graves(theirs)),
        **{key: (ours[key], theirs[key]) for key in ("scm", "nextPos", "curModel")},
    }
    return [(name, *_apart(*pair)) for name, pair in pairs.items() if pair[0] != pair[1]]


def _apart(ours: Any, theirs: Any) -> tuple[Any, Any]:
    """Only what is different, to be read by a person."""
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return ours, theirs
    keys = [key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key)]
    pairs = {key: _apart(ours.get(key), theirs.get(key)) for key in keys}
    return {key: pair[0] for key, pair in pairs.items()}, {k: pair[1] for k, pair in pairs.items()}


def _models(told: Told) -> dict[str, Any]:
    members = ("type", "css", "sortf", "req", "latexPre", "latexPost", "latexsvg", "did")
    return {
        name: {
            **{key: notetype[key] for key in members},
            "originalStockKind": notetype.get("originalStockKind", 0),
            "flds": [_part(part) for part in notetype["flds"]],
            "tmpls": [_part(part) for part in notetype["tmpls"]],
        }
        for name, notetype in told["models"].items()
    }


def _part(part: Told) -> Told:
    """Anki gives new parts random ids, ours have none; those of before are small."""
    known = {key: value for key, value in part.items() if value not in (None, False)}
    if not 0 < known.get("id", 0) < 1000:
        known.pop("id", None)
    return known


def _notes(told: Told) -> dict[int, Any]:
    return {row[0]: row[2:] for row in told["notes"]}


def _cards(told: Told, bare: set[int]) -> dict[tuple[int, int], Any]:
    return {
        (row[0], row[_ORDINAL]): [
            v for at, v in enumerate(row) if at != _DECK or row[0] not in bare
        ]
        for row in told["cards"]
    }


def _graves(told: Told) -> Any:
    return len(told["graves"]), [kind for _, kind in told["graves"]]
