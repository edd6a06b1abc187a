"""Text that compresses about as well as people's own: words of syllables, some of them common."""

from random import Random

_ONSETS = ("", "b", "br", "d", "f", "g", "k", "kl", "l", "m", "n", "p", "r", "s", "st", "t", "v")
_VOWELS = ("a", "e", "i", "o", "u", "é", "ou", "ai", "ō")
_ENDS = ("", "", "n", "r", "s", "t", "l")
_VOCABULARY = 4000
_MAX_SYLLABLES = 4
_LINE_BREAK_EVERY = 60


class Words:
    """A vocabulary from which texts of any length are made."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._vocabulary = [self._word() for _ in range(_VOCABULARY)]

    def text(self, shortest: int, longest: int) -> str:
        """As many words as it takes for a length between the two, short ones more often."""
        wanted = shortest + (longest - shortest) * self._random.random() ** 3
        words: list[str] = []
        length = 0
        while length < wanted:
            words.append(self._common_word())
            length += len(words[-1]) + 1
        if len(words) > _LINE_BREAK_EVERY:
            words.insert(_LINE_BREAK_EVERY, "<br>")
        return " ".join(words)

    def _common_word(self) -> str:
        return self._vocabulary[int(_VOCABULARY * self._random.random() ** 2)]

    def _word(self) -> str:
        syllables = self._random.randint(1, _MAX_SYLLABLES)
        return "".join(
            self._random.choice(part)
            for _ in range(syllables)
            for part in (_ONSETS, _VOWELS, _ENDS)
        )
