"""Fields and templates made to take long: the steps grow as the text does, not as its square."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from chalicelib.collection.cardgen import ordinals_to_generate
from chalicelib.collection.col import JsonObject
from chalicelib.collection.rendering.render import RenderedCard, render_card
from chalicelib.collection.text import field_checksum, is_blank, normalize_field, sort_field

PATTERNS = (
    *("<", "<a>", "<!--", "<style", "<style>", "<script><style>", "<img ", "<img src=", '<img "'),
    *("<img src='", "<img '\"", "<img src='><img \"", "<img \">'src=", "<img src=x ", "<object>"),
    *(
        "&",
        "&amp;",
        "&#0",
        "&nbsp;",
        "[",
        "]",
        "a[",
        "a[b]",
        " a[",
        "a[\n",
        "a[b\n",
        "<br>",
        "</div",
    ),
    *("{{c1::", "}}", "{{c1::}}", "{{c1::a{{c2::", r"\(", r"\(<", r"\({{c1::x}}", "::", "{{c1,"),
    *("{{c1::" * 10 + "x" + "}}" * 10, "{{c1::image-occlusion:" + "a=b:" * 9, "{{", "{{{", "{{x:"),
    *("{{#Front}}", "{{/Front}}", "{{Front}}", "{{text:Front}}", "<!--{{", "{{#Front}}{{/Front}}"),
)
ENDS = ("", ">\"'</style>-->}}\\)]")
FILTERS = (
    "{{text:Front}}",
    "{{furigana:Front}}{{kanji:Front}}",
    "{{cloze:Front}}{{cloze-only:Front}}",
)


def notetype(question: str, kind: int = 0) -> JsonObject:
    template = {"name": "Card 1", "qfmt": question, "afmt": question + "{{FrontSide}}"}
    return {"name": "", "type": kind, "css": "", "flds": [{"name": "Front"}], "tmpls": [template]}


def rendered(question: str, field: str) -> RenderedCard:
    return render_card(notetype(question), 0, (field,), tags="", deck_name="A")


def use_as_field(text: str) -> None:
    normalize_field(text)
    is_blank(text)
    sort_field(text)
    field_checksum(text)
    ordinals_to_generate(notetype("", 1), [text])
    for question in FILTERS:
        rendered(question, text)


def use_as_template(text: str) -> None:
    for source in (text, "{{=<% %>=}}" + text.replace("{{", "<%").replace("}}", "%>")):
        rendered(source, "x")
        ordinals_to_generate(notetype(source), ["x"])


def steps(use: Callable[[str], None], text: str) -> int:
    """How many lines of Python run."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += 1
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        use(text)
    finally:
        sys.settrace(previous)
    return count


@pytest.mark.parametrize("use", [use_as_field, use_as_template])
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_twice_the_text_takes_about_twice_the_steps(
    pattern: str, end: str, use: Callable[[str], None]
) -> None:
    once = steps(use, pattern * 50 + end)
    twice = steps(use, pattern * 100 + end)

    assert twice < 2.2 * once


@pytest.mark.parametrize("pattern", PATTERNS)
def test_long_texts_are_read_to_their_end(pattern: str) -> None:
    text = pattern * (100_000 // len(pattern)) + "".join(ENDS)

    sort_field(text)
    rendered("".join(FILTERS), text)
    ordinals_to_generate(notetype(text), ["x"])


def test_many_open_tags_before_one_end_are_read_once() -> None:
    many = "<img " * 400_000

    assert sort_field(many + ">") == ""
    assert sort_field(many + "src=a>") == " a "
    assert sort_field(many) == many


def test_nesting_is_not_limited_by_the_stack() -> None:
    depth = 20_000
    nested = "{{#Front}}" * depth + "{{Front}}" + "{{/Front}}" * depth
    clozes = "{{c1::" * depth + "x" + "}}" * depth

    assert rendered(nested, "x").question == "x"
    assert ordinals_to_generate(notetype(nested), ["x"]) == [0]
    assert ordinals_to_generate(notetype("", 1), [clozes]) == [0]
    assert "[...]" in rendered("{{cloze:Front}}", clozes).question
