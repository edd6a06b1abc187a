"""Bringing files in."""

from typing import Annotated, Any

import msgspec

from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import BYTES, Routes
from chalicelib.api.validation import Id
from chalicelib.errors import BadInputError
from chalicelib.importer import ImportFormat, ImportMode, Wanted
from chalicelib.packages import ImportOptions
from chalicelib.packages.import_options import UpdateCondition
from chalicelib.packages.text import TextOptions
from chalicelib.packages.text.vocabulary import Delimiter, IfMatches, MatchScope

routes = Routes()

Column = Annotated[int, msgspec.Meta(ge=0, le=1000)]


class TextChoices(msgspec.Struct, kw_only=True):
    """How a text file is understood. Columns count from 1; 0 is none."""

    delimiter: Delimiter | None = None
    is_html: bool | None = None
    has_names_row: bool = False
    notetype_id: Id | None = None
    deck_id: Id | None = None
    tags_column: Column | None = None
    guid_column: Column | None = None
    if_matches: IfMatches | None = None
    match_scope: MatchScope | None = None


class TextQuery(TextChoices, kw_only=True):
    """Lists are JSON text."""

    field_columns: str | None = None
    tags: str | None = None
    updated_tags: str = "[]"

    def text_options(self) -> TextOptions:
        """Raises BadInputError for lists that are none."""
        return TextOptions(
            delimiter=self.delimiter,
            is_html=self.is_html,
            has_names_row=self.has_names_row,
            notetype_id=self.notetype_id,
            deck_id=self.deck_id,
            field_columns=_list("field_columns", self.field_columns, list[int]),
            tags_column=self.tags_column,
            guid_column=self.guid_column,
            tags=_list("tags", self.tags, list[str]),
            updated_tags=_list("updated_tags", self.updated_tags, list[str]) or (),
            if_matches=self.if_matches,
            match_scope=self.match_scope,
        )


class ImportQuery(TextQuery, kw_only=True):
    format: ImportFormat | None = None
    mode: ImportMode = "merge"
    with_scheduling: bool = True
    with_deck_configs: bool = True
    update_notes: UpdateCondition = "if_newer"
    update_notetypes: UpdateCondition = "if_newer"
    merge_notetypes: bool = False

    def wanted(self) -> Wanted:
        """Raises BadInputError for lists that are none."""
        options = ImportOptions(
            with_scheduling=self.with_scheduling,
            with_deck_configs=self.with_deck_configs,
            update_notes=self.update_notes,
            update_notetypes=self.update_notetypes,
            merge_notetypes=self.merge_notetypes,
        )
        return Wanted(format=self.format, mode=self.mode, options=options, text=self.text_options())


@routes.add("POST", "/api/import", content_type=BYTES, query=ImportQuery)
def import_file(request: ApiRequest) -> dict[str, Any]:
    """Merge a file into the caller's collection, or put it in its place: all of it, or nothing."""
    wanted = request.query(ImportQuery).wanted()
    return request.services.importer.run(request.owner, request.raw_body, wanted, request.asked())


@routes.add("POST", "/api/import/preview", content_type=BYTES, query=TextQuery)
def preview_import(request: ApiRequest) -> dict[str, Any]:
    """What is understood of a text file, to be shown and changed before it is imported."""
    options = request.query(TextQuery).text_options()
    preview = request.services.importer.preview(request.owner, request.raw_body, options)
    shown: dict[str, Any] = msgspec.to_builtins(preview)
    return shown


def _list(name: str, text: str | None, kind: type[list[Any]]) -> list[Any] | None:
    if text is None:
        return None
    try:
        values: list[Any] = msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise BadInputError(fields={name: "must be a list as JSON text"}) from None
    return values
