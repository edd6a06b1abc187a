"""Whether notetypes have the same fields and templates, and one notetype that has those of two.

Source: Anki's rslib/src/notetype/merge.rs.
"""

from collections.abc import Sequence
from copy import deepcopy

from chalicelib.collection.col import JsonObject
from chalicelib.collection.notetypes.lookup import is_cloze

Origins = list[int | None]
_PARTS = ("flds", "tmpls")


def has_same_structure(one: JsonObject, other: JsonObject) -> bool:
    """Whether two notetypes have the same fields and templates in the same order."""
    return all(_match_all(one[part], other[part]) for part in _PARTS)


class Layout:
    """A copy of a notetype that takes in others; its parts know where they came from."""

    def __init__(self, notetype: JsonObject) -> None:
        self.notetype = deepcopy(notetype)
        self.renumber()

    @property
    def field_origins(self) -> Origins:
        """For each field its ordinal before, None for one that is new."""
        return [field["ord"] for field in self.notetype["flds"]]

    @property
    def template_origins(self) -> Origins:
        """As `field_origins`."""
        return [template["ord"] for template in self.notetype["tmpls"]]

    def reposition_sort_field(self) -> None:
        """Let the field to sort by be the one that comes from where it was.

        Twice, as Anki does it, which is once too often where the field has moved.
        """
        for _ in range(2):
            sort_field, origins = self.notetype["sortf"], self.field_origins
            last = len(origins) - 1
            moved = origins.index(sort_field) if sort_field in origins else min(sort_field, last)
            self.notetype["sortf"] = moved

    def take_in(self, other: "Layout") -> None:
        """Add the fields and templates that are missing, in the order of the other notetype."""
        _take_in(self.notetype["flds"], other.notetype["flds"])
        if not is_cloze(self.notetype):
            _take_in(self.notetype["tmpls"], other.notetype["tmpls"])

    def renumber(self) -> None:
        """Forget where the parts came from, and number them as they stand."""
        for part in _PARTS:
            for ordinal, each in enumerate(self.notetype[part]):
                each["ord"] = ordinal

    def with_origins_of(self, other: "Layout") -> "Layout":
        """The same parts, said to come from where those of a notetype of equal structure do."""
        copy = Layout(self.notetype)
        for part in _PARTS:
            for ours, theirs in zip(copy.notetype[part], other.notetype[part], strict=False):
                ours["ord"] = theirs["ord"]
        return copy


def _take_in(ours: list[JsonObject], theirs: Sequence[JsonObject]) -> None:
    for index, part in enumerate(theirs):
        found = next((own for own, each in enumerate(ours) if _match(each, part)), None)
        if found is None:
            ours.insert(min(index, len(ours)), part | {"ord": None})
        elif index < len(ours):
            ours[found], ours[index] = ours[index], ours[found]


def _match_all(ours: Sequence[JsonObject], theirs: Sequence[JsonObject]) -> bool:
    return len(ours) == len(theirs) and all(
        _match(one, other) for one, other in zip(ours, theirs, strict=True)
    )


def _match(one: JsonObject, other: JsonObject) -> bool:
    """By id where both have one, which survives renaming; else by name."""
    if one.get("id") is not None and other.get("id") is not None:
        return bool(one["id"] == other["id"])
    return bool(one["name"] == other["name"])
