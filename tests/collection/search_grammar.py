"""Random searches: right ones over the searched collection, and broken ones."""

import random
from collections.abc import Callable, Sequence

from tests.collection.searched_collection import WORDS

WORDS_AND_MORE = (
    *WORDS.replace("\\", "\\\\").split(), "a\\*b", "a\\_b", "c_s*", "*asa", "_gua", "\\-", "x\\:y",
    "to", "the",
    "食", "ああ", "日本", "hint", "&amp;", "\\<b>", "1", "7", "%", "é", "É", "e\u0301",
)  # fmt: skip
NAMES = (
    "front", "Front", "back", "fränt", "FRÄNT", "Text", "Back Extra", "f*", "*t", "fr_nt", "*",
    "_*",
    "Expression", "meaning", "reading", "nothing", "b*k", "Meaning", "*e*",
)  # fmt: skip
DECKS = (
    "geo", "Geo::Capitals", "geo*", "*::*", "Straße", "STRASSE::über", "straße::", "current",
    "filtered",
    "a_b*c", "a\\_b\\*c", "日本 語", "japan*", "jlpt", "Cram", "*", "default", "_eo", "none",
    "Geo:Capitals",
)  # fmt: skip
TAGS = (
    "verb", "VERB", "verb::irregular", "verb::*", "v*", "naive", "naïve", "none", "*", "a_b",
    "a\\_b", "s", "\u017f", "日本",
    "geo", "geo::c1", "g_o", "genki*", "JLPT_5", "leech", "marked", "eech", "verb::",
)  # fmt: skip
REGEXES = (
    "casa", "^casa", "asa$", "\\d+", "[a-c]{2}", "(a|b)sa", "\\bcasa\\b", "\\w+@", "á", "[^ -~]",
    "(?-i)Casa",
    "\\p{Han}{2}", "\\p{Hiragana}", "c.*a", "x{2,}", "a{1,2}b?", "\\s", "(?s)casa.*end", "(?m)^x",
    "[[:upper:]]",
    "[\\w--\\d]", "\\x{e1}", "s+", "(casa|água).?$", "k", "(?:to )+", "\\p{Lu}\\p{Ll}", "\\bto\\b",
    "[あ-ん]", "&amp;",
)  # fmt: skip
OPERATORS = ("<", "<=", "=", "!=", ">=", ">")
STATES = (
    "new", "learn", "review", "due", "suspended", "buried", "buried-manually", "buried-sibling",
)  # fmt: skip


def random_search(rng: random.Random, depth: int = 3) -> str:
    """Something that Anki takes."""
    terms = [_negated(rng, _term(rng, depth)) for _ in range(rng.choice((1, 1, 1, 2, 2, 3)))]
    joiner = (" ", " ", " and ", " or ", " OR ", "  ", "\u3000")
    text = terms[0]
    for term in terms[1:]:
        text += rng.choice(joiner) + term
    return text


def broken_search(rng: random.Random) -> str:
    """A right search with something wrong put into it, or taken from it. It may still be right."""
    text = random_search(rng, depth=2)
    place = rng.randrange(len(text) + 1)
    if rng.random() < 0.4:
        return text[:place] + text[place + 1 :]
    wrong = (
        '"',
        "(",
        ")",
        "\\",
        ":",
        "-",
        " or ",
        " and ",
        "()",
        '""',
        "is:",
        "prop:ivl",
        "\\%",
        "and",
        "*",
        "1",
        "x",
    )
    return text[:place] + rng.choice(wrong) + text[place:]


def _negated(rng: random.Random, term: str) -> str:
    return f"-{term}" if rng.random() < 0.2 else term


def _term(rng: random.Random, depth: int) -> str:
    if depth and rng.random() < 0.2:
        return f"({random_search(rng, depth - 1)})"
    return rng.choice(_TERMS)(rng)


def _keyed(key: str, value: str, rng: random.Random) -> str:
    if any(one in value for one in ' ()"'):
        return rng.choice((f'"{key}:{value}"', f'{key}:"{value}"'))
    return rng.choice((f"{key}:{value}", f'"{key}:{value}"', f"{key.upper()}:{value}"))


def _from(key: str, values: Sequence[str]) -> Callable[[random.Random], str]:
    return lambda rng: _keyed(key, rng.choice(values), rng)


def _word(rng: random.Random) -> str:
    return rng.choice(WORDS_AND_MORE)


def _phrase(rng: random.Random) -> str:
    return f'"{_word(rng)} {_word(rng)}"' if rng.random() < 0.5 else f'"{_word(rng)}"'


def _field(rng: random.Random) -> str:
    name, way = rng.choice(NAMES), rng.choice(("", "", "re:", "nc:"))
    values = REGEXES if way == "re:" else (*WORDS_AND_MORE, "", "*", "_*", "*casa*", "*a*")
    value = way + rng.choice(values)
    return f'"{name}:{value}"' if any(one in name + value for one in ' ()"') else f"{name}:{value}"


def _tag(rng: random.Random) -> str:
    way = rng.choice(("", "", "", "nc:", "re:"))
    return _keyed("tag", way + rng.choice(REGEXES if way == "re:" else TAGS), rng)


def _property(rng: random.Random) -> str:
    name, values = rng.choice(_PROPERTIES)
    return f"prop:{name}{rng.choice(OPERATORS)}{rng.choice(values)}"


def _days(rng: random.Random) -> str:
    key = rng.choice(("added", "edited", "introduced", "rated", "resched"))
    button = rng.choice((":1", ":2", ":3", ":4")) if key == "rated" and rng.random() < 0.4 else ""
    return f"{key}:{rng.choice((0, 1, 2, 3, 7, 30, 400))}{button}"


def _ids(rng: random.Random) -> str:
    notes = [str(1767700800000 + 3 * rng.randrange(120)) for _ in range(rng.randint(1, 4))]
    return f"{rng.choice(('nid', 'cid'))}:{','.join(notes)}"


_PROPERTIES: tuple[tuple[str, Sequence[str]], ...] = (
    ("ivl", ("0", "1", "7", "20", "60")),
    ("due", ("-9", "-1", "0", "1", "3", "30")),
    ("reps", ("0", "3", "9")),
    ("lapses", ("0", "1", "4")),
    ("ease", ("1.3", "2.1", "2.3", "2.5", "3")),
    ("pos", ("0", "50", "300")),
    ("rated", ("0", "-1", "-3:1", "-10", "-2:3")),
    ("resched", ("0", "-1", "-9")),
    ("s", ("3.25", "5", "20")),
    ("d", ("0.2", "0.5", "0.75")),
    ("r", ("0.5", "0.9", "0.97")),
    ("cdn:v", ("2", "2.5", "3")),
    ("cds:t", ("Abc", "abc", "x")),
)

_TERMS: tuple[Callable[[random.Random], str], ...] = (
    _word, _word, _phrase, _field, _field, _field, _tag, _tag, _property, _property, _days, _ids,
    _from("deck", DECKS), _from("deck", DECKS),
    _from("is", STATES),
    _from("flag", [str(flag) for flag in range(8)]),
    _from("card", ("1", "2", "3", "Card 1", "rück*", "Recall", "cloze", "rück\\_wärts\\*")),
    _from("note", ("basic*", "JLPT", "Básico (änd)", "bás*", "cloze", "none")),
    _from("mid", ("1607392320", "1767700800001", "5")),
    _from("did", ("5000", "6000,1", "1767700800001", "7")),
    _from("preset", ("default", "Ñandú", "ñANDÚ", "Geo options", "none")),
    _from("w", ("casa", "água", "s_lk", "k*n", "to", "silk", "50%", "straße")),
    _from("nc", ("água", "agua", "naïve", "straße", "\u03c3", "*gu_")),
    _from("re", REGEXES),
    _from("sc", ("casa", "hint", "naive and", "c1")),
    _from("has-cd", ("v", "t", "x")),
    _from("dupe", ("1607392320,ああ", "1607392320,会う", "1,x", "1607392320,<b>ああ</b>")),
)  # fmt: skip
