import re
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.collection.scanning import Lookahead


class CountedPattern:
    """A pattern that counts the characters it reads."""

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern)
        self.characters = 0

    def search(self, text: str, start: int) -> re.Match[str] | None:
        found = self._pattern.search(text, start)
        self.characters += (found.end() if found else len(text)) - start
        return found


texts = st.text(alphabet="ab]", max_size=60)


@given(texts, st.lists(st.integers(0, 60)).map(sorted))
def test_a_lookahead_finds_what_a_search_finds(text: str, starts: list[int]) -> None:
    ahead = Lookahead(text)
    patterns = [re.compile("]"), re.compile("ab")]

    for start in starts:
        for pattern in patterns:
            found, expected = ahead.find(pattern, start), pattern.search(text, start)
            assert (found and found.span()) == (expected and expected.span())


@given(texts)
def test_a_lookahead_reads_a_text_once_however_often_it_is_asked(text: str) -> None:
    counted = CountedPattern("]")
    ahead = Lookahead(text)

    for start in range(len(text)):
        ahead.find(cast("re.Pattern[str]", counted), start)
    assert counted.characters <= len(text)
