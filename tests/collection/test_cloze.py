import re
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.collection.rendering.cloze import cloze_html, cloze_only, cloze_ordinals, has_cloze


@dataclass(frozen=True)
class Cloze:
    """The model of a cloze deletion."""

    number: int
    inside: "list[Node]"
    hint: str | None


Node = str | Cloze

plain = st.text(alphabet="abc é{日", min_size=1, max_size=5).filter(lambda text: "{{" not in text)
hints = st.one_of(st.none(), plain)
nodes: st.SearchStrategy[list[Node]] = st.recursive(
    st.lists(plain, max_size=3),
    lambda inner: st.lists(
        st.one_of(plain, st.builds(Cloze, st.integers(1, 4), inner, hints)), max_size=3
    ),
    max_leaves=8,
)
PIECES = (
    *("{{c1::", "{{c2::", "{{c1,2::", "{{c0::", "{{c70000::", "{{c", "}}", "::", r"\(", r"\)"),
    *("image-occlusion:", "rect:", "left=1:", "a", "<b>", "\n", '"'),
)
soup = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
numbers = st.integers(1, 4)


def written(nodes: list[Node]) -> str:
    return "".join(
        node
        if isinstance(node, str)
        else f"{{{{c{node.number}::{written(node.inside)}"
        + ("" if node.hint is None else f"::{node.hint}")
        + "}}"
        for node in nodes
    )


def all_clozes(nodes: list[Node]) -> list[Cloze]:
    here = [node for node in nodes if isinstance(node, Cloze)]
    return [each for cloze in here for each in (cloze, *all_clozes(cloze.inside))]


def hidden(nodes: list[Node], number: int) -> str:
    """What one card's question shows, by the model, without any tags."""
    return "".join(
        node
        if isinstance(node, str)
        else f"[{'...' if node.hint is None else node.hint}]"
        if node.number == number
        else hidden(node.inside, number)
        for node in nodes
    )


def without_tags(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html)


@given(nodes, numbers)
def test_a_question_hides_its_own_clozes_and_no_others(nodes: list[Node], number: int) -> None:
    html = cloze_html(written(nodes), number=number, reveal=False)

    asked = number in {cloze.number for cloze in all_clozes(nodes)}
    assert without_tags(html) == (hidden(nodes, number) if asked else "")


@given(nodes, numbers)
def test_an_answer_reveals_all_clozes(nodes: list[Node], number: int) -> None:
    html = cloze_html(written(nodes), number=number, reveal=True)

    asked = number in {cloze.number for cloze in all_clozes(nodes)}
    assert without_tags(html) == (hidden(nodes, 0) if asked else "")
    assert html.count('class="cloze"') == sum(each.number == number for each in all_clozes(nodes))


@given(nodes)
def test_every_cloze_number_asks_for_its_card(nodes: list[Node]) -> None:
    numbers = {cloze.number for cloze in all_clozes(nodes)}

    assert cloze_ordinals(["", written(nodes)]) == {number - 1 for number in numbers}
    assert {number for number in range(6) if has_cloze(written(nodes), number)} == numbers


@given(nodes, numbers)
def test_speech_says_only_what_is_asked(nodes: list[Node], number: int) -> None:
    asked = [cloze for cloze in all_clozes(nodes) if cloze.number == number]

    said = cloze_only(written(nodes), number=number, reveal=True)
    assert said == ", ".join(hidden(cloze.inside, 0) for cloze in asked)
    said = cloze_only(written(nodes), number=number, reveal=False)
    assert said == ", ".join(cloze.hint or "..." for cloze in asked)


@given(nodes, plain)
def test_a_cloze_that_is_not_closed_goes_with_what_follows(nodes: list[Node], text: str) -> None:
    before = written(nodes)

    assert cloze_ordinals([before + "{{c9::" + text]) == cloze_ordinals([before])
    number = next(iter(cloze_ordinals([before])), 0) + 1
    whole = cloze_html(before + "{{c9::" + text, number=number, reveal=True)
    assert whole == cloze_html(before, number=number, reveal=True)


@given(st.one_of(soup, st.text(max_size=30)), numbers, st.booleans())
def test_any_text_can_be_asked_about(text: str, number: int, reveal: bool) -> None:
    assert isinstance(cloze_html(text, number=number, reveal=reveal), str)
    assert isinstance(cloze_only(text, number=number, reveal=reveal), str)
    assert all(0 <= ordinal < 500 for ordinal in cloze_ordinals([text]))


@given(nodes, numbers)
def test_no_tag_is_left_inside_of_mathjax(nodes: list[Node], number: int) -> None:
    inside = written(nodes)

    html = cloze_html(rf"{{{{c{number}::x}}}} \({inside}\)", number=number, reveal=True)
    assert html.endswith(rf"\({hidden(nodes, 0)}\)")


def test_what_a_question_hides_grows_to_a_limit_only() -> None:
    nested = "{{c1::" * 10 + "<x>" + "}}" * 10

    once = cloze_html(nested, number=1, reveal=False)
    often = cloze_html(nested * 1000, number=1, reveal=False)
    assert len(once) < 1_000_000
    assert len(often) < 2_000_000
    assert often.count("[...]") == 1000
