"""The tables that an uploaded collection may consist of: those of schema 11 or of schema 18."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.collection import schema as schema11
from chalicelib.packages.schema18 import schema as schema18


@dataclass(frozen=True, slots=True)
class Layout:
    """The tables of a schema, by name with their columns, and how they must be made.

    A table of `keyed` has row ids for ids, one of `without_rowid` has none. Of `partial_indices`
    each may be there with just this definition.
    """

    version: int
    columns: Mapping[str, frozenset[str]]
    keyed: frozenset[str]
    without_rowid: frozenset[str]
    partial_indices: Mapping[str, str]


_ROWS = frozenset({"col", "notes", "cards", "revlog"})

SCHEMA_11 = Layout(
    version=schema11.SCHEMA_VERSION,
    columns={table: frozenset(schema11.column_names(table)) for table in schema11.TABLES},
    keyed=_ROWS,
    without_rowid=frozenset(),
    partial_indices={},
)

SCHEMA_18 = Layout(
    version=schema18.SCHEMA_VERSION,
    columns={table: schema18.column_names(table) for table in schema11.TABLES | schema18.TABLES},
    keyed=_ROWS | {"deck_config", "notetypes", "decks"},
    without_rowid=schema18.WITHOUT_ROWID,
    partial_indices={
        "idx_cards_odid": "CREATE INDEX idx_cards_odid ON cards (odid) WHERE odid != 0"
    },
)


def layout_of(tables: frozenset[str]) -> Layout | None:
    """The layout whose tables are all there; None where there is none."""
    return next((each for each in (SCHEMA_18, SCHEMA_11) if tables >= each.columns.keys()), None)
