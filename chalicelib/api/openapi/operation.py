"""What the document says of a route that its code does not: the answers, and how it can fail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from chalicelib.api.routing import BYTES, Route
from chalicelib.errors import JavumboError

Schema = dict[str, Any]
# A class that msgspec can describe: a Struct or a dataclass.
Model = type[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One way in which a route succeeds: JSON with `success`, bytes, or headers only."""

    description: str
    model: Model | None = None
    content_types: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A route's answers.

    `answer` is the model of its 200; `answers` are further or other ones by status. `errors` are
    those beside what its kind of route can always end with. A `keyed` one takes an
    Idempotency-Key. `gives` are parameters of paths, by name, and where in the answer of a 200
    their values are (a JSON pointer). `body` is the model of a body that the route itself has none
    for; `choices` are the models of one by the value of its member `choice`.
    """

    answer: Model | None = None
    answers: Mapping[HTTPStatus, Answer] = field(default_factory=dict)
    errors: tuple[type[JavumboError], ...] = ()
    keyed: bool = False
    touches_storage: bool = True
    gives: Mapping[str, str] = field(default_factory=dict)
    body: Model | None = None
    choice: str = ""
    choices: Mapping[str, Model] = field(default_factory=dict)

    def takes_body(self, route: Route) -> bool:
        """Whether a request has JSON or a file as its body."""
        return bool(route.body or self.body or self.choices or route.content_type == BYTES)

    def all_answers(self) -> dict[HTTPStatus, Answer]:
        """By status, the plain 200 included."""
        plain = Answer(description="Done.", model=self.answer)
        return ({HTTPStatus.OK: plain} if self.answer else {}) | dict(self.answers)
