"""Our regular expressions match what Python's do where both mean the same."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.collection.search.regex import RegexError, compile_regex

ATOMS = st.sampled_from(
    [
        "a",
        "b",
        "B",
        "\\n",
        ".",
        "\\d",
        "\\w",
        "\\W",
        "\\s",
        "[ab]",
        "[^a]",
        "[a-c]",
        "\\b",
        "\\B",
        "^",
        "$",
    ]
)


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeats = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,1}", "*?", "+?"])
    return st.one_of(
        st.lists(inner, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=3).map("|".join).map("({})".format),
        st.builds("(?:{}){}".format, inner, repeats),
    )


PATTERNS = st.recursive(ATOMS, combined, max_leaves=8)
TEXTS = st.text("abBc1 \n", max_size=8)


@given(PATTERNS, TEXTS.filter(bool), st.sampled_from(["", "i", "m", "s", "im"]))
@settings(max_examples=600, deadline=None)
def test_a_pattern_matches_where_pythons_does(pattern: str, text: str, flags: str) -> None:
    # Python's $ also stands before a newline at the very end, and its \B not in an empty text.
    pythons = pattern if "m" in flags else pattern.replace("$", "\\Z")
    modes = re.RegexFlag(sum(getattr(re, flag.upper()) for flag in flags))
    expected = re.search(pythons, text, modes) is not None
    assert compile_regex(pattern, flags).matches(text) is expected


@given(PATTERNS, st.lists(TEXTS, min_size=2, max_size=6))
@settings(max_examples=200, deadline=None)
def test_earlier_texts_do_not_matter(pattern: str, texts: list[str]) -> None:
    matcher = compile_regex(pattern)
    assert [matcher.matches(text) for text in texts] == [
        compile_regex(pattern).matches(text) for text in texts
    ]


@given(PATTERNS, TEXTS)
@settings(max_examples=300, deadline=None)
def test_what_is_required_is_in_every_text_that_matches(pattern: str, text: str) -> None:
    matcher = compile_regex(pattern)
    if matcher.matches(text):
        assert matcher.required.lower() in text.lower()


def test_what_is_required_is_found() -> None:
    required = {"abc": "abc", "a(bc)d.e": "abcd", "a|b": "", "(x|y)long+z": "lon", "\\bto\\b": "to"}
    assert {pattern: compile_regex(pattern).required for pattern in required} == required


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("stra\u00dfe", "STRA\u1e9eE", True),
        ("k", "\u212a", True),
        ("i", "\u0130", False),
        ("i", "\u0131", False),
        ("[a-z]", "\u017f", True),
        ("[^k]", "\u212a", False),
        ("\u03c3", "\u03c2\u03a3", True),
        ("(?-i:K)", "k", False),
        (r"\p{Greek}", "\u03b1", True),
        (r"\P{Greek}", "\u03b1", False),
        (r"\pL", "1", False),
        (r"[\p{L}--[aeiou]]", "e", False),
        (r"[\w&&[^\d]]", "7", False),
        (r"[a-c~~b-d]", "b", False),
        (r"\x{1F600}", "\U0001f600", True),
        (r"\u00e1", "\u00c1", True),
        (r"\s", "\x1f", False),
        (r"\d", "\u0967", True),
        ("(?x) a b # c", "ab", True),
        ("(?m)^b$", "a\nb\nc", True),
        (r"\b{start}a", "ba a", True),
        (r"a\b{end}", "ab", False),
        ("a{ 2 , 3 }", "aa", True),
    ],
)
def test_the_rules_of_anki_hold(pattern: str, text: str, found: bool) -> None:
    assert compile_regex(pattern).matches(text) is found


NO_PATTERNS = [
    "(?=a)", "(?<!a)", r"\1", "(", ")", "*", "a{", "a{2,1}", "[", "[b-a]", r"[\d-z]", r"\y",
    r"\p{x}",
    "(?z)", "(?i-i)", "(?P<n>a)(?P<n>b)", r"\x{110000}", r"\xg1", r"[\b]", "(?R)a", "(?-u)a",
    "a{1000000000}", "((a{100}){100}){100}", "a" + "*" * 60, "(" * 60 + ")" * 60,
    "[" * 60 + "]" * 60,
]  # fmt: skip


@pytest.mark.parametrize("pattern", NO_PATTERNS)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(RegexError):
        compile_regex(pattern)


def test_nothing_repeated_endlessly_is_read_at_once() -> None:
    assert compile_regex("(){1000000000}(a{0}){999999999}b").matches("b")


def test_steps_are_forgotten_without_harm() -> None:
    matcher = compile_regex("[^a]b{3}")
    text = "".join(map(chr, range(0x4E00, 0x9E00))) * 2
    assert not matcher.matches(text)
    assert matcher.matches(text + "bbb")


@pytest.mark.parametrize("text", ["b" * 100_000, "".join(map(chr, range(0x4E00, 0x9000)))])
def test_matching_one_long_text_can_be_ended(text: str) -> None:
    matcher = compile_regex("a")
    matcher.matches("b")
    looks: list[None] = []

    def end_later() -> None:
        looks.append(None)
        if len(looks) > 3:
            raise TimeoutError

    matcher.guard(end_later)
    with pytest.raises(TimeoutError):
        matcher.matches(text)
