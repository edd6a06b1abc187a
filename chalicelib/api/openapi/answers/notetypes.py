"""Answers about notetypes and statistics."""

from typing import Literal

import msgspec

from chalicelib.api.openapi.answers.kinds import AnkiId, Count, DeletedCardsAnswer
from chalicelib.api.openapi.operation import Operation
from chalicelib.collection.stats.graphs import Graphs
from chalicelib.errors import NotFoundError


class Field(msgspec.Struct):
    name: str
    font: str
    size: int
    rtl: bool
    sticky: bool
    description: str
    plain_text: bool
    collapsed: bool
    exclude_from_search: bool


class Template(msgspec.Struct):
    name: str
    question: str
    answer: str
    browser_question: str
    browser_answer: str
    deck_id: AnkiId | None


class Notetype(msgspec.Struct):
    id: AnkiId
    name: str
    kind: Literal["standard", "cloze"]
    note_count: Count
    sort_field: str | None
    fields: list[Field]
    templates: list[Template]
    css: str


class NotetypesAnswer(msgspec.Struct):
    notetypes: list[Notetype]


class NotetypeAnswer(msgspec.Struct):
    notetype: Notetype


class NewNotetypeAnswer(msgspec.Struct):
    notetype_id: AnkiId
    notetype: Notetype


OPERATIONS = {
    "GET /api/notetypes": Operation(answer=NotetypesAnswer),
    "POST /api/notetypes": Operation(
        answer=NewNotetypeAnswer,
        errors=(NotFoundError,),
        keyed=True,
        gives={"notetype_id": "/notetype_id"},
    ),
    "GET /api/notetypes/{notetype_id}": Operation(answer=NotetypeAnswer),
    "PUT /api/notetypes/{notetype_id}": Operation(answer=NotetypeAnswer, keyed=True),
    "DELETE /api/notetypes/{notetype_id}": Operation(answer=DeletedCardsAnswer, keyed=True),
    "GET /api/stats": Operation(answer=Graphs, errors=(NotFoundError,)),
}
