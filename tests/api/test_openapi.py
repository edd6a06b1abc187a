"""The OpenAPI document: it is valid, it has every route, and it is what the server does."""

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

import app
from chalicelib.accounts.rules import normalise_username
from chalicelib.api.documented import Username
from chalicelib.api.http import error_body
from chalicelib.api.openapi import document
from chalicelib.api.openapi.responses import error_response
from chalicelib.api.openapi.schemas import nodes
from chalicelib.api.openapi.table import OPERATIONS, key_of
from chalicelib.api.resources import RESOURCES
from chalicelib.api.routing import Route
from chalicelib.collection.deck_options.groups import RULES
from chalicelib.errors import BadInputError, ConfigurationError, JavumboError, TooManyRequestsError
from chalicelib.settings import load_settings
from tests.api.test_idempotency_api import CHANGES
from tests.api.tour import EXAMPLES, Tour
from tests.support import local_http
from tests.support.openapi import check_answer, contract
from tests.support.server import Person

ROUTES = [route for routes in RESOURCES.values() for route in routes.table]
DOCUMENT = contract().document
# A local server answers with the file itself; tests/transfers has the route.
ONLY_BEHIND_A_GATEWAY = {"GET /downloads/{token}"}
# Their second time changes nothing anyway.
WITHOUT_A_KEY = {"PUT /api/account", "POST /api/imports", "POST /api/backups"}


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_document_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(DOCUMENT).validate()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_is_described(route: Route) -> None:
    key = key_of(route)
    assert key in OPERATIONS, (
        f"{key} is not in the OpenAPI document: add it to OPERATIONS of a module in "
        "chalicelib/api/openapi/answers, with a Struct of what it answers, and a call of it to "
        "tests/api/tour.py."
    )
    described = DOCUMENT["paths"][route.path][route.method.lower()]
    assert described["summary"], f"say in the docstring of {route.view.__name__} what it does"
    assert described["summary"].endswith(".")
    if OPERATIONS[key].answer:
        schema = described["responses"]["200"]["content"]["application/json"]
        assert schema["example"], f"{key} has no example: run python -m tests.api.tour"


def test_the_document_has_the_routes_of_the_app_and_no_others() -> None:
    routed = {(method, path) for path, methods in app.app.routes.items() for method in methods}
    described = {
        (method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods
    }
    assert described == routed
    assert set(OPERATIONS) == {key_of(route) for route in ROUTES}


def test_an_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for _, operation in operations()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_takes_what_its_view_asks_for(route: Route) -> None:
    asked = _models_asked_for(route)
    told = {"body": route.body, "query": route.query}
    assert asked == {kind: model.__name__ for kind, model in told.items() if model}, (
        f"@routes.add of {route.view.__name__} must have the body and the query that it reads"
    )


def _models_asked_for(route: Route) -> dict[str, str]:
    """What the view hands to `request.body` and `request.query`."""
    found = {}
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(route.view)))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = ast.unparse(node.func)
            if called in ("request.body", "request.query"):
                found[node.func.attr] = ast.unparse(node.args[0])
    return found


def test_a_key_is_taken_by_the_routes_that_are_tried_with_one() -> None:
    keyed = {key for key, operation in OPERATIONS.items() if operation.keyed}
    assert keyed == set(CHANGES) - WITHOUT_A_KEY


def test_only_the_public_routes_ask_for_no_token() -> None:
    public = {f"{route.method} {route.path}" for route in ROUTES if route.public}
    assert {key for key, operation in operations() if operation.get("security") == []} == public
    assert DOCUMENT["security"] == [{"token": []}]


def test_another_name_of_a_route_says_of_which() -> None:
    aliases = {key: one["x-alias-of"] for key, one in operations() if "x-alias-of" in one}
    assert aliases["POST /login"] == "/api/login"
    assert all(address == f"/api{key.partition(' ')[2]}" for key, address in aliases.items())


def test_the_limits_are_those_of_the_settings() -> None:
    served = document(load_settings({"MAX_PAGE": "7", "PASSWORD_MIN_LENGTH": "11"}))
    parameters = {
        one.get("name"): one for one in served["paths"]["/api/cards"]["get"]["parameters"]
    }
    assert parameters["per_page"]["schema"]["maximum"] == 7
    password = served["components"]["schemas"]["RegisterBody"]["properties"]["password"]
    assert password["minLength"] == 11
    assert not [node for node in nodes(served) if any(key.endswith("-setting") for key in node)]


def test_no_object_of_a_body_or_an_answer_may_have_more_members() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for node in nodes(schema):
            if node.get("type") == "object" and "properties" in node:
                assert node["additionalProperties"] is False, name


def test_the_examples_are_what_the_schemas_say() -> None:
    examples = list(_examples())
    assert len(examples) > len(OPERATIONS)
    for where, schema, example in examples:
        problems = [error.message for error in contract().validator(schema).iter_errors(example)]
        assert not problems, (where, problems)


def _examples() -> Iterator[tuple[str, Any, Any]]:
    for node in nodes(DOCUMENT):
        for media in node.get("content", {}).values() if "content" in node else ():
            if "example" in media:
                yield str(node)[:200], media["schema"], media["example"]
            for named in media.get("examples", {}).values():
                yield str(node)[:200], media["schema"], named["value"]


def test_the_examples_have_no_real_token() -> None:
    tokens = {part for part in EXAMPLES.read_text().split('"') if part.startswith("eyJ")}
    assert len(tokens) <= 1


def _kinds_of_error(kind: type[JavumboError] = JavumboError) -> Iterator[type[JavumboError]]:
    if kind is not ConfigurationError:
        yield kind
    for narrower in kind.__subclasses__():
        if narrower.__module__ == JavumboError.__module__:
            yield from _kinds_of_error(narrower)


@pytest.mark.parametrize("kind", list(_kinds_of_error()))
def test_every_error_is_of_the_one_shape(kind: type[JavumboError]) -> None:
    error = kind.__new__(kind)
    JavumboError.__init__(error, fields={"name": "is missing"})
    schema = error_response([kind])["content"]["application/json"]["schema"]
    contract().validator(schema).validate(error_body(error, "an-id"))
    others = [other for other in _kinds_of_error() if other is not kind]
    other = others[0].__new__(others[0])
    JavumboError.__init__(other)
    assert not contract().validator(schema).is_valid(error_body(other, "an-id"))


def test_who_is_to_wait_is_told_for_how_long() -> None:
    assert error_response([TooManyRequestsError])["headers"]["Retry-After"]["required"]


_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 40000),
    st.floats(-1, 40000),
    st.text(max_size=4),
    st.lists(st.integers(-1, 40000) | st.floats(0, 2, exclude_min=True), max_size=4),
)
_options = [(block, name) for block, rules in RULES.items() for name in rules]


@given(option=st.sampled_from(_options), value=_values)
def test_the_ranges_of_options_are_those_that_are_accepted(
    option: tuple[str, str], value: Any
) -> None:
    block, name = option
    if isinstance(value, float) and value.is_integer():
        value += 0.5  # JSON Schema takes 1.0 for a whole number
    body = {block: {name: value}} if block else {name: value}
    schema = {"$ref": "#/components/schemas/DeckOptionsChanges"}
    accepted = contract().validator(schema).is_valid(body)
    assert accepted == RULES[block][name].accepts(value), (option, value)


@given(st.text("abzAZ09._-é /", min_size=1, max_size=40))
def test_the_pattern_of_usernames_is_their_rule(username: str) -> None:
    schema = msgspec.json.schema(Username)
    try:
        normalise_username(username)
        allowed = True
    except BadInputError:
        allowed = False
    assert contract().validator(schema).is_valid(username) == allowed


def test_the_server_serves_the_document(base_url: str) -> None:
    response = local_http.get(f"{base_url}/openapi.json")
    assert response.headers["content-type"] == "application/json"
    served = response.json()
    assert served == document(load_settings({}))
    assert set(served["paths"]) == set(app.app.routes)


@pytest.fixture(scope="module")
def tour(base_url: str) -> Tour:
    """Whose answers were compared with the document as they came in."""
    tour = Tour(base_url, "traveller")
    tour.run()
    return tour


def test_every_route_answers_well_to_somebody(tour: Tour) -> None:
    unseen = {key for key, _ in operations()} - set(tour.answered) - ONLY_BEHIND_A_GATEWAY
    assert not unseen, f"call them in tests/api/tour.py: {sorted(unseen)}"


def test_errors_are_answered_as_they_are_described(person: Person) -> None:
    """One of each class that a caller can bring about; the others are in the tests of the views."""
    seen = {
        "bad input": person.call("POST", "/api/decks", json={"title": "A"}),
        "no token": person.call("GET", "/api/decks", headers={"Authorization": ""}),
        "not there": person.call("GET", "/api/decks/12345"),
        "method": person.call("PATCH", "/api/decks"),
        "stale": person.call(
            "POST", "/api/review", json=_answer(person) | {"answer_token": "an older one"}
        ),
        "too large": person.call("POST", "/api/decks", content=b" " * 1_100_000, headers=_JSON),
        "not JSON": person.call("POST", "/api/decks", data={"name": "A"}),
        "no such part": _part_that_is_not_there(person),
        "no package": person.call("POST", "/api/import", content=b"no zip", headers=_BYTES),
        "too many": [person.call("POST", "/login", json=_guess(person)) for _ in range(11)][-1],
    }
    statuses = [response.status_code for response in seen.values()]
    assert statuses == [400, 401, 404, 405, 409, 413, 415, 416, 422, 429]


_JSON = {"Content-Type": "application/json"}
_BYTES = {"Content-Type": "application/octet-stream"}


def _answer(person: Person) -> dict[str, Any]:
    return {"card_id": person.card(1, "front")["card_id"], "rating": 3}


def _guess(person: Person) -> dict[str, str]:
    return {"username": person.username, "password": "a wrong guess"}


def _part_that_is_not_there(person: Person) -> httpx.Response:
    person.ok("POST", "/api/media", params={"name": "a.png"}, content=b"a", headers=_BYTES)
    address = person.ok("GET", "/api/media")["media_url"]
    return person.call("GET", f"{address}a.png", headers={"Range": "bytes=9-"})


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda body: body | {"more": 1}, "more"),
        (lambda body: {"success": True}, "username"),
        (lambda body: body | {"username": 1}, "username"),
    ],
)
def test_an_answer_that_is_not_in_the_document_is_found(change: Any, complaint: str) -> None:
    good = {"success": True, "username": "ana"}
    check_answer(_answered(200, good))
    with pytest.raises(AssertionError, match=complaint):
        check_answer(_answered(200, change(good)))
    with pytest.raises(AssertionError, match="does not know"):
        check_answer(_answered(299, good))


def _answered(status: int, body: dict[str, Any]) -> httpx.Response:
    request = httpx.Request("POST", "http://localhost/api/register")
    headers = {"Content-Type": "application/json"}
    return httpx.Response(status, content=json.dumps(body), headers=headers, request=request)
