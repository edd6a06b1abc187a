"""Where the fields and cards of source notes are once their notetypes were merged."""

from dataclasses import dataclass, field

from chalicelib.collection.col import JsonObject
from chalicelib.packages.notetype_structure import Layout, Origins


@dataclass(slots=True)
class Places:
    """The new places of fields and templates, by the source ids of notetypes that were joined."""

    fields: dict[int, Origins] = field(default_factory=dict)
    templates: dict[int, dict[int, int]] = field(default_factory=dict)

    def record(self, notetype_id: int, joined: Layout) -> None:
        """Take note that a source notetype was rearranged, maybe once more."""
        moved = {old: new for new, old in enumerate(joined.template_origins) if old is not None}
        before = self.fields.get(notetype_id)
        if before is None:
            self.fields[notetype_id], self.templates[notetype_id] = joined.field_origins, moved
            return
        self.fields[notetype_id] = [
            None if origin is None else before[origin] for origin in joined.field_origins
        ]
        known = self.templates[notetype_id]
        self.templates[notetype_id] = {old: moved.get(new, new) for old, new in known.items()}

    def fields_of(self, notetype_id: int, values: list[str]) -> list[str]:
        """The values of a source note in their places."""
        origins = self.fields.get(notetype_id)
        return values if origins is None else moved_fields(origins, values)

    def ordinal_of(self, notetype_id: int, ordinal: int) -> int:
        """The ordinal of a source card in its place."""
        return self.templates.get(notetype_id, {}).get(ordinal, ordinal)


@dataclass(frozen=True, slots=True)
class MergedNotetypes:
    """The notetypes to use here by their source ids, and where their notes' fields and cards go.

    `are_joined` where ours were joined with them. Our notes that got another notetype by that
    count as changed when they were before, in `modified_before`, epoch seconds by their ids.
    """

    by_source_id: dict[int, JsonObject]
    places: Places
    modified_before: dict[int, int]
    are_joined: bool


def moved_fields(origins: Origins, values: list[str]) -> list[str]:
    """The values in their new places; what is new is empty."""
    known = dict(enumerate(values))
    return ["" if origin is None else known.get(origin, "") for origin in origins]
