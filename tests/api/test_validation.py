"""What is said of bad input: in words of our own, at every place where something is wrong."""

import json
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.api.resources import RESOURCES
from chalicelib.api.validation import MAX_PROBLEMS, parse_json, parse_query
from chalicelib.errors import BadInputError


class Template(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    size: Annotated[int, msgspec.Meta(ge=0, le=9)] | msgspec.UnsetType = msgspec.UNSET


class Body(msgspec.Struct):
    number: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1
    share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0
    name: Annotated[str, msgspec.Meta(min_length=2, max_length=4)] = "name"
    kind: Literal["all", "none"] | None = None
    flag: bool = False
    days: int | str = 1
    ids: Annotated[list[int], msgspec.Meta(min_length=1, max_length=3)] = []
    values: dict[str, str] | None = None
    templates: list[Template] | None = None


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("number", "3", "must be a whole number"),
        ("number", 2.5, "must be a whole number"),
        ("number", None, "must be a whole number"),
        ("number", True, "must be a whole number"),
        ("number", 0, "must be at least 1"),
        ("number", 6, "must be at most 5"),
        ("share", "x", "must be a number"),
        ("share", 1.5, "must be at most 1.0"),
        ("name", 1, "must be text"),
        ("name", "a", "is too short: at least 2 characters"),
        ("name", "abcde", "is too long: at most 4 characters"),
        ("kind", "some", "must be one of all, none"),
        ("kind", 1, "must be one of all, none"),
        ("flag", 1, "must be true or false"),
        ("days", [], "must be a whole number or text"),
        ("ids", 1, "must be a list"),
        ("ids", [], "has too few entries: at least 1"),
        ("ids", [1, 2, 3, 4], "has too many entries: at most 3"),
        ("values", [], "must be an object"),
        ("templates", {}, "must be a list"),
        ("other", 1, "is not known here"),
    ],
)
def test_a_reason_is_in_plain_words(name: str, value: Any, reason: str) -> None:
    assert problems({name: value}) == {name: reason}


def test_everything_that_is_wrong_is_told_at_once_wherever_it_stands() -> None:
    body = {
        "number": 0,
        "ids": [1, "2", 3.5],
        "values": {"Front": "fine", "Back": 1},
        "templates": [{"name": "fine"}, {"name": 5, "size": 10}, 7, {"old": 1}],
        "more": None,
    }
    assert problems(body) == {
        "number": "must be at least 1",
        "ids.1": "must be a whole number",
        "ids.2": "must be a whole number",
        "values.Back": "must be text",
        "templates.1.name": "must be text",
        "templates.1.size": "must be at most 9",
        "templates.2": "must be an object",
        "templates.3.name": "is missing",
        "templates.3.old": "is not known here",
        "more": "is not known here",
    }


def test_a_query_is_told_of_in_the_same_words() -> None:
    with pytest.raises(BadInputError) as refused:
        parse_query({"number": "9" * 5000, "flag": "x", "kind": "some"}, Body)
    assert refused.value.fields == {
        "number": "is too large",
        "flag": "must be true or false",
        "kind": "must be one of all, none",
    }


def test_a_body_full_of_mistakes_gets_an_answer_of_a_sensible_length() -> None:
    assert len(problems({"ids": ["x"] * 100_000, "values": {str(n): n for n in range(999)}})) == (
        MAX_PROBLEMS
    )


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(Body.__struct_fields__)), JSON))
def test_whatever_is_refused_is_explained_without_the_parsers_words(body: dict[str, Any]) -> None:
    refused = refusal(body, Body)
    assert_explained(refused)
    assert {name.split(".")[0] for name in refused or {}} <= body.keys()


def test_every_body_of_the_service_is_explained_without_the_parsers_words() -> None:
    models = {route.body for routes in RESOURCES.values() for route in routes.table if route.body}
    assert models
    for model in models:
        for value in (None, 1.5, "", [None], {"a": None}, -1):
            assert_explained(refusal(dict.fromkeys(model.__struct_fields__, value), model))


def refusal(body: dict[str, Any], model: type[msgspec.Struct]) -> dict[str, str] | None:
    """The reasons by field; None for a body that is taken."""
    try:
        parse_json(json.dumps(body).encode(), model)
    except BadInputError as error:
        return error.fields
    return None


def problems(body: dict[str, Any]) -> dict[str, str]:
    refused = refusal(body, Body)
    assert refused is not None
    return refused


def assert_explained(refused: dict[str, str] | None) -> None:
    assert refused != {}
    for reason in (refused or {}).values():
        assert "`" not in reason
        assert "Expected" not in reason
        assert reason != "cannot be used"
