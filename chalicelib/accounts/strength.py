"""How hard a password is to guess, by zxcvbn.

The package is imported where it is used: it takes 20 ms and is of use to few requests.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from types import MappingProxyType

from chalicelib.accounts.passwords import MAX_CODE_POINTS, MAX_PASSWORD_BYTES

_MIN_WORD = 3
_MAX_WORDS = 20

# What zxcvbn says in English, as codes that clients have words for in their own language.
_WARNINGS = MappingProxyType(
    {
        "Straight rows of keys are easy to guess.": "keyboard_row",
        "Short keyboard patterns are easy to guess.": "keyboard_pattern",
        'Repeats like "aaa" are easy to guess.': "repeated_character",
        'Repeats like "abcabcabc" are only slightly harder to guess than "abc".': "repeated_part",
        'Sequences like "abc" or "6543" are easy to guess.': "sequence",
        "Recent years are easy to guess.": "recent_year",
        "Dates are often easy to guess.": "date",
        "This is a top-10 common password.": "top_10",
        "This is a top-100 common password.": "top_100",
        "This is a very common password.": "common",
        "This is similar to a commonly used password.": "like_common",
        "A word by itself is easy to guess.": "one_word",
        "Names and surnames by themselves are easy to guess.": "one_name",
        "Common names and surnames are easy to guess.": "common_name",
    }
)
_SUGGESTIONS = MappingProxyType(
    {
        "Use a few words, avoid common phrases.": "use_words",
        "No need for symbols, digits, or uppercase letters.": "no_need_for_symbols",
        "Add another word or two. Uncommon words are better.": "add_words",
        "Use a longer keyboard pattern with more turns.": "longer_pattern",
        "Avoid repeated words and characters.": "avoid_repeats",
        "Avoid sequences.": "avoid_sequences",
        "Avoid recent years.": "avoid_recent_years",
        "Avoid years that are associated with you.": "avoid_own_years",
        "Avoid dates and years that are associated with you.": "avoid_own_dates",
        "Capitalization doesn't help very much.": "capitals_help_little",
        "All-uppercase is almost as easy to guess as all-lowercase.": "all_capitals_help_little",
        "Reversed words aren't much harder to guess.": "reversal_helps_little",
        "Predictable substitutions like '@' instead of 'a' don't help very much.": (
            "substitutions_help_little"
        ),
    }
)
# zxcvbn keeps the words of the person asked about in a global.
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Strength:
    """`score` from 0 (guessed at once) to 4; a warning and suggestions as codes."""

    score: int
    warning: str | None
    suggestions: list[str]


def strength(password: str, own_texts: Iterable[str]) -> Strength:
    """How hard the password is to guess for who knows `own_texts`: the person's names."""
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # noqa: PLC0415

    # No password is longer, and the work grows with the square of the length.
    text = _normalised(password)[:MAX_PASSWORD_BYTES]
    if not text:
        return Strength(0, None, [])  # zxcvbn fails for it
    with _lock:
        found = zxcvbn(text, user_inputs=_words(own_texts))
    feedback = found["feedback"]
    return Strength(
        score=found["score"],
        warning=_WARNINGS.get(feedback["warning"]),
        suggestions=[_SUGGESTIONS[one] for one in feedback["suggestions"] if one in _SUGGESTIONS],
    )


def is_common(password: str, own_texts: Iterable[str]) -> bool:
    """Whether it is among zxcvbn's commonest passwords or one of one's own names, in any case."""
    from zxcvbn.matching import (  # type: ignore[import-untyped]  # noqa: PLC0415
        RANKED_DICTIONARIES,
    )

    text = _normalised(password).lower()
    return text in RANKED_DICTIONARIES["passwords"] or text in _words(own_texts)


def _words(own_texts: Iterable[str]) -> list[str]:
    """The texts, each whole and in its words."""
    texts = [_normalised(text).lower() for text in own_texts]
    words = [*texts, *(word for text in texts for word in text.split())]
    return [word for word in dict.fromkeys(words) if len(word) >= _MIN_WORD][:_MAX_WORDS]


def _normalised(text: str) -> str:
    return unicodedata.normalize("NFC", text[:MAX_CODE_POINTS])
