"""Fields and templates of a notetype in their new order, each with where it came from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.collection.col import JsonObject
from chalicelib.collection.notetypes.names import check_name, check_unique
from chalicelib.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Part:
    """A field or template as it is to be.

    `was` is its present name; where that is not given, the one of the same name is meant unless
    `is_new`. `members` are those of the file's schema that get other values.
    """

    name: str
    was: str | None = None
    is_new: bool = False
    members: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """What fields and templates do not have in common; `member` names their list in errors."""

    member: str
    most: int
    clean: Callable[[str], str]
    blank: Callable[[int, str], JsonObject]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The parts in their new order; `origins` are their old ordinals, None for new ones."""

    parts: list[JsonObject]
    origins: list[int | None]
    old_count: int

    @property
    def is_changed(self) -> bool:
        """Whether any part was added, removed or moved."""
        return self.origins != list(range(self.old_count))

    @property
    def removed(self) -> list[int]:
        """The old ordinals that are gone."""
        return sorted(set(range(self.old_count)) - set(self.origins))

    @property
    def moved(self) -> dict[int, int]:
        """The new ordinals of parts that got another one, by the old one."""
        return {old: new for new, old in enumerate(self.origins) if old is not None and old != new}


def arranged(
    present: Sequence[JsonObject], wanted: Sequence[Part] | None, kind: Kind
) -> Arrangement:
    """The parts as they are wanted; None: as they are.

    Raises BadInputError for no part, too many, one that is not there or is meant twice, and for
    names that cannot be used.
    """
    if wanted is None:
        wanted = [Part(part["name"], was=part["name"]) for part in present]
    if not wanted:
        raise BadInputError(fields={kind.member: "there must be at least one"})
    if len(wanted) > max(kind.most, len(present)):
        raise BadInputError(fields={kind.member: f"there can be at most {kind.most}"})
    origins = _origins(present, wanted, kind.member)
    parts = [
        _made(present, part, origin, ordinal, kind)
        for ordinal, (part, origin) in enumerate(zip(wanted, origins, strict=True))
    ]
    check_unique((part["name"] for part in parts), kind.member)
    return Arrangement(parts, origins, len(present))


def _origins(
    present: Sequence[JsonObject], wanted: Sequence[Part], member: str
) -> list[int | None]:
    left = {part["name"]: ordinal for ordinal, part in reversed(list(enumerate(present)))}
    known = set(left)
    origins: list[int | None] = []
    for part in wanted:
        name = part.was if part.was is not None else part.name
        if part.is_new or (part.was is None and name not in known):
            origins.append(None)
        elif name in left:
            origins.append(left.pop(name))
        else:
            reason = "is meant twice" if name in known else "is not there"
            raise BadInputError(fields={f"{member}.{part.name}": f"'{name}' {reason}"})
    return origins


def _made(
    present: Sequence[JsonObject], wanted: Part, origin: int | None, ordinal: int, kind: Kind
) -> JsonObject:
    before = None if origin is None else present[origin]
    name = kind.clean(wanted.name)
    check_name(name, f"{kind.member}.{wanted.name}", before=before["name"] if before else None)
    part = kind.blank(ordinal, name) if before is None else before
    return {**part, **wanted.members, "name": name, "ord": ordinal}
