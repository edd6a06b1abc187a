"""Sets of characters: cases, words, digits, blanks and Unicode's categories.

Sources: Unicode Technical Standard 18 (RL1.2, Annex C) and Unicode's CaseFolding.txt, as Rust's
`regex` follows them.
"""

import unicodedata
from collections import defaultdict
from functools import cache, lru_cache

from chalicelib.collection.search.regex.syntax import Predicate

# No character from here on has another case, but for what comes after this gap is far away too.
_CASED_END = 0x1E944
_OWN_CASE_ONLY = frozenset("\u0130\u0131")  # folded in Turkish alone
_JOINERS = "\u200c\u200d"
_CIRCLED = ((0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189))
_BLANKS = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
_NAMES_OF_CATEGORIES = {
    "letter": "L", "casedletter": "LC", "uppercaseletter": "Lu", "lowercaseletter": "Ll",
    "titlecaseletter": "Lt", "modifierletter": "Lm", "otherletter": "Lo", "mark": "M",
    "nonspacingmark": "Mn", "spacingmark": "Mc", "enclosingmark": "Me", "number": "N",
    "decimalnumber": "Nd", "digit": "Nd", "letternumber": "Nl", "othernumber": "No",
    "punctuation": "P", "punct": "P", "connectorpunctuation": "Pc", "dashpunctuation": "Pd",
    "openpunctuation": "Ps", "closepunctuation": "Pe", "initialpunctuation": "Pi",
    "finalpunctuation": "Pf", "otherpunctuation": "Po", "symbol": "S", "mathsymbol": "Sm",
    "currencysymbol": "Sc", "modifiersymbol": "Sk", "othersymbol": "So", "separator": "Z",
    "spaceseparator": "Zs", "lineseparator": "Zl", "paragraphseparator": "Zp", "other": "C",
    "control": "Cc", "cntrl": "Cc", "format": "Cf", "surrogate": "Cs", "privateuse": "Co",
    "unassigned": "Cn",
}  # fmt: skip
_CATEGORIES = frozenset(_NAMES_OF_CATEGORIES.values())
# How the names of a script's letters begin. A few signs that scripts share are not told apart.
_SCRIPTS = {
    "arabic": ("ARABIC ",), "armenian": ("ARMENIAN ",), "bengali": ("BENGALI ",),
    "bopomofo": ("BOPOMOFO ",), "cyrillic": ("CYRILLIC ",), "devanagari": ("DEVANAGARI ",),
    "georgian": ("GEORGIAN ",), "greek": ("GREEK ",),
    "han": ("CJK UNIFIED", "CJK COMPATIBILITY IDEO", "IDEOGRAPHIC ITERATION", "IDEOGRAPHIC NUMBER"),
    "hangul": ("HANGUL ", "HALFWIDTH HANGUL "), "hebrew": ("HEBREW ",),
    "hiragana": ("HIRAGANA LETTER", "HIRAGANA ITERATION", "HIRAGANA VOICED ITERATION"),
    "katakana": ("KATAKANA LETTER", "KATAKANA ITERATION", "KATAKANA VOICED ITERATION",
                 "HALFWIDTH KATAKANA LETTER"),
    "khmer": ("KHMER ",), "lao": ("LAO ",), "latin": ("LATIN ", "FULLWIDTH LATIN "),
    "mongolian": ("MONGOLIAN ",), "tamil": ("TAMIL ",), "thai": ("THAI ",),
    "tibetan": ("TIBETAN ",),
}  # fmt: skip


@lru_cache(maxsize=4096)
def fold(character: str) -> str:
    """What all cases of a character have in common."""
    if character in _OWN_CASE_ONLY:
        return character
    upper = character.upper()
    lower = (upper if len(upper) == 1 else character).lower()
    return lower if len(lower) == 1 else character


@lru_cache(maxsize=4096)
def cases(character: str) -> tuple[str, ...]:
    """The character in all its cases."""
    return _cases_by_fold().get(fold(character), (character,))


@cache
def _cases_by_fold() -> dict[str, tuple[str, ...]]:
    found = defaultdict(list)
    for character in map(chr, range(_CASED_END)):
        found[fold(character)].append(character)
    return {key: tuple(group) for key, group in found.items() if len(group) > 1}


def in_any_case(matches: Predicate) -> Predicate:
    return lambda character: any(map(matches, cases(character)))


def is_word(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character == "_"
    category = unicodedata.category(character)
    return category[0] in "LM" or category in ("Nd", "Nl", "Pc") or _is_joiner(character)


def _is_joiner(character: str) -> bool:
    code = ord(character)
    return character in _JOINERS or any(first <= code <= last for first, last in _CIRCLED)


def is_digit(character: str) -> bool:
    return unicodedata.category(character) == "Nd"


def is_blank(character: str) -> bool:
    return character in _BLANKS


def is_alphabetic(character: str) -> bool:
    return character.isalpha() or unicodedata.category(character) == "Nl"


def property_named(name: str) -> Predicate | None:
    r"""The set of `\p{name}`; None when there is none of this name here."""
    kind, equals, value = name.replace(":", "=").partition("=")
    key, kind = _loose(value if equals else name), _loose(kind) if equals else ""
    if kind in ("", "gc", "generalcategory") and (found := _category(key)):
        return found
    if kind in ("", "sc", "script", "scx", "scriptextensions") and key in _SCRIPTS:
        starts = _SCRIPTS[key]
        return lambda character: _is_of_script(character, starts)
    return _PLAIN_PROPERTIES.get(key) if not kind else None


def _loose(name: str) -> str:
    return "".join(one for one in name.lower() if one not in " _-")


def _category(key: str) -> Predicate | None:
    category = _NAMES_OF_CATEGORIES.get(key, key.capitalize())
    if key == "lc" or category == "LC":
        return lambda character: unicodedata.category(character) in ("Lu", "Ll", "Lt")
    if category not in _CATEGORIES:
        return None
    return lambda character: unicodedata.category(character).startswith(category)


def _is_of_script(character: str, starts: tuple[str, ...]) -> bool:
    is_sign = unicodedata.category(character)[0] in "LMN"
    return is_sign and unicodedata.name(character, "").startswith(starts)


_PLAIN_PROPERTIES: dict[str, Predicate] = {
    "any": lambda _: True,
    "ascii": str.isascii,
    "assigned": lambda character: unicodedata.category(character) != "Cn",
    "alphabetic": is_alphabetic,
    "alpha": is_alphabetic,
    "uppercase": str.isupper,
    "lowercase": str.islower,
    "whitespace": is_blank,
}

# The classes of POSIX, ASCII only.
POSIX_CLASSES: dict[str, Predicate] = {
    "alnum": lambda one: one.isascii() and one.isalnum(),
    "alpha": lambda one: one.isascii() and one.isalpha(),
    "ascii": str.isascii,
    "blank": lambda one: one in "\t ",
    "cntrl": lambda one: one < " " or one == "\x7f",
    "digit": lambda one: "0" <= one <= "9",
    "graph": lambda one: "!" <= one <= "~",
    "lower": lambda one: "a" <= one <= "z",
    "print": lambda one: " " <= one <= "~",
    "punct": lambda one: "!" <= one <= "~" and not one.isalnum(),
    "space": lambda one: one in "\t\n\v\f\r ",
    "upper": lambda one: "A" <= one <= "Z",
    "word": lambda one: one.isascii() and (one.isalnum() or one == "_"),
    "xdigit": lambda one: one in "0123456789abcdefABCDEF",
}
