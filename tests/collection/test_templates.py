import contextlib
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.collection.rendering.templates import (
    Field,
    ShownParts,
    TemplateError,
    Text,
    has_content,
    no_such_field,
    parse_template,
)

NAMES = ("Front", "Back", "My Field", "表", "a:b")


@dataclass(frozen=True)
class Part:
    """`{{#name}}..{{/name}}`, or with ^ if negated: the model of a conditional."""

    name: str
    negated: bool
    inside: "list[Node]"


Node = str | Field | Part

names = st.sampled_from(NAMES)
# Nothing that, followed by anything, is a closing delimiter.
plain = st.text(alphabet="ab<>/ \n#^}", max_size=5).filter(
    lambda text: "}}" not in text and not text.endswith("}")
)
fields = st.builds(
    Field,
    name=names.filter(lambda name: ":" not in name),
    filters=st.lists(st.sampled_from(("text", "hint", "x", "")), max_size=3).map(tuple),
)
trees: st.SearchStrategy[list[Node]] = st.recursive(
    st.lists(st.one_of(plain, fields), max_size=4),
    lambda inner: st.lists(
        st.one_of(plain, fields, st.builds(Part, names, st.booleans(), inner)), max_size=4
    ),
    max_leaves=12,
)
filled_names = st.frozensets(names)
soup = st.lists(
    st.sampled_from(
        ("{{", "}}", "{", "}", "#", "^", "/", "<!--", "-->", "Front", " ", ":", "<%", "%>")
    ),
    max_size=20,
).map("".join)
any_template = st.one_of(soup, soup.map("{{=<% %>=}}".__add__), st.text(max_size=30))


def written(nodes: list[Node]) -> str:
    return "".join(
        node
        if isinstance(node, str)
        else node.source
        if isinstance(node, Field)
        else f"{{{{{'#^'[node.negated]}{node.name}}}}}{written(node.inside)}{{{{/{node.name}}}}}"
        for node in nodes
    )


def shown(nodes: list[Node], filled: frozenset[str]) -> list[str | Field]:
    """The leaves that the model shows."""
    leaves: list[str | Field] = []
    for node in nodes:
        if not isinstance(node, Part):
            leaves.append(node)
        elif (node.name in filled) != node.negated:
            leaves += shown(node.inside, filled)
    return leaves


@given(trees, filled_names)
def test_a_template_shows_what_its_conditions_allow(
    tree: list[Node], filled: frozenset[str]
) -> None:
    parts = ShownParts(filled)
    tokens = [token for token in parse_template(written(tree)) if parts.goes_on(token)]

    text = "".join(token.text for token in tokens if isinstance(token, Text))
    assert text == "".join(leaf for leaf in shown(tree, filled) if isinstance(leaf, str))
    found = [token for token in tokens if isinstance(token, Field)]
    assert found == [leaf for leaf in shown(tree, filled) if isinstance(leaf, Field)]


@given(trees, filled_names)
def test_a_template_has_content_if_it_shows_a_filled_field(
    tree: list[Node], filled: frozenset[str]
) -> None:
    fields = [leaf for leaf in shown(tree, filled) if isinstance(leaf, Field)]

    has_filled = any(field.name in filled for field in fields)
    assert has_content(parse_template(written(tree)), filled) == has_filled


@given(trees)
def test_the_other_delimiters_mean_the_same(tree: list[Node]) -> None:
    source = written(tree)
    other = source.replace("{{", "<%").replace("}}", "%>")

    assert parse_template("\n{{=<% %>=}}" + other) == parse_template(source)


@given(trees, st.lists(st.sampled_from(("{{Front}}", "{{#x}}", "{{/x}}", "{{", "<%")), max_size=5))
def test_nothing_in_a_comment_counts(tree: list[Node], commented: list[str]) -> None:
    comment = f"<!--{''.join(commented)}-->"

    tokens = parse_template("{{Back}}" + written(tree))
    assert parse_template(comment + "{{Back}}" + written(tree)) == [Text(comment), *tokens[1:]]


@given(trees, names)
def test_an_open_condition_is_a_problem(tree: list[Node], name: str) -> None:
    with pytest.raises(TemplateError, match="Missing"):
        parse_template(f"{{{{#{name}}}}}{written(tree)}")
    with pytest.raises(TemplateError, match="but missing"):
        parse_template(f"{written(tree)}{{{{/{name}}}}}")
    with pytest.raises(TemplateError, match="but expected"):
        parse_template(f"{{{{^{name}}}}}{written(tree)}{{{{/other}}}}")


@given(any_template)
def test_a_template_parses_or_says_why_not(source: str) -> None:
    with contextlib.suppress(TemplateError):
        assert has_content(parse_template(source), {"Front"}) in {True, False}


@given(fields)
def test_a_problem_quotes_the_template(field: Field) -> None:
    problem = str(no_such_field(field))

    assert f"\u2068{field.source}\u2069" in problem
    assert parse_template(field.source)[1] == field
