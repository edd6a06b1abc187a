"""Text files: gigantic lines, lying headers, and what costs more to read than to write."""

import random
from collections.abc import Callable

from tests.e2e.hostile.cells import _PIECES as HTML_PIECES
from tests.e2e.hostile.kinds import TEXT_DOORS, Kind
from tests.packages.judge import DATA
from tests.packages.text.test_any_bytes import KEYS, PIECES, VALUES

_MOST = 4_000_000


def _filled(piece: str, size: int) -> str:
    return piece * max(size // max(len(piece.encode()), 1), 1)


def _one_line(rng: random.Random) -> str:
    return _filled(
        rng.choice(["a", "a ", "a,", "\u0301", "é", "<", "\\"]), rng.choice([70_000, _MOST])
    )


def _columns(rng: random.Random) -> str:
    separator = rng.choice("\t,;| :")
    row = separator * rng.choice([999, 1_000, 100_000, 3_000_000])
    return row + "\n" + rng.choice(["", "a,b\n", row[:1000]])


def _quotes(rng: random.Random) -> str:
    piece = rng.choice(['"', '""', '"a"', '"a","', '","', '"\n', 'a"b', '"" ', '"a""b",', '\n"'])
    return rng.choice(["", '"']) + _filled(piece, rng.choice([5_000, _MOST]))


def _lines(rng: random.Random) -> str:
    line = rng.choice(
        ["\n", "\r", "\r\n", "a\n", "a,b\r", ",\n", "#\n", " \n", "\x00\n", "\ufeff\n"]
    )
    return _filled(line, rng.choice([9_000, 190_000, _MOST]))


def _same_rows(rng: random.Random) -> str:
    """Each row has to do with all that came before."""
    head = rng.choice(
        ["", "#if matches:keep both\n", "#guid column:1\n", "#match scope:notetype + deck\n"]
    )
    return head + _filled(
        rng.choice(["same,b\n", "a,same\n", "<b>same</b>,x\n"]), rng.choice([20_000, 600_000])
    )


def _lying_headers(rng: random.Random) -> str:
    numbers = ["0", "-1", "1", "3", "1001", "999999999", "9" * 30, "\u0663", "1e3", "NaN"]
    keys = [*KEYS, "", "x" * 5_000, "html\x00", "tags column "]
    values = [
        *VALUES,
        *numbers,
        "x" * 100_000,
        "a::" * 10_000,
        "\x00",
        "\ufeff",
        '"',
        '"' * 999,
        "\t" * 2000,
    ]
    lines = [f"#{rng.choice(keys)}:{rng.choice(values)}\n" for _ in range(rng.choice([1, 4, 30]))]
    return "".join(lines) + "a\tb\tc\nd\te\tf\n"


def _many_headers(rng: random.Random) -> str:
    key, value = rng.choice(KEYS), rng.choice(VALUES)
    line = rng.choice(
        [f"#{key}:{value}\n", "#\n", "#columns:a\tb\n", "#deck:A::B::C\n", "#tags:a b c\n"]
    )
    return _filled(line, rng.choice([50_000, _MOST])) + "a\tb\n"


def _decks(rng: random.Random) -> str:
    """A deck of its own for each row, each with many parents."""
    count, levels = rng.choice([(3_000, 1), (90, 30), (1_500, 1), (200, 31), (3, 10_000)])
    rows = (
        f"f{n},b,{'::'.join(f'd{n}-{level}' for level in range(levels))}\n" for n in range(count)
    )
    return "#separator:comma\n#deck column:3\n" + "".join(rows)


def _tags(rng: random.Random) -> str:
    count = rng.choice([1_000, 19_000, 90_000])
    names = (f"t{n}{rng.choice(['', '::x', 'é'])}" for n in range(count))
    return (
        "#separator:comma\n#tags column:3\nf,b," + rng.choice([" ", "::", "  "]).join(names) + "\n"
    )


def _clozes(rng: random.Random) -> str:
    """Each row asks for as many cards as one can."""
    numbers = range(1, rng.choice([50, 500, 700]))
    note = "".join(f"{{{{c{n}::a}}}}" for n in numbers)
    note = rng.choice([note, "{{c1::" * 5_000, "{{c1::a" * 3_000 + "}}" * 3_000])
    rows = "".join(f"{n} {note}\tx\n" for n in range(min(_MOST // len(note), 2_000)))
    return f"#separator:tab\n#html:true\n#notetype:Cloze\n{rows}"


def _html(rng: random.Random) -> str:
    piece = "".join(rng.choices(HTML_PIECES, k=rng.choice([1, 1, 2, 3]))).replace("\ud7a3", "")
    value = _filled(piece.replace('"', '""'), 60_000)
    rows = (f'"{n}{value}"\tback\n' for n in range(rng.choice([1, 30])))
    return "#separator:tab\n#html:true\n" + "".join(rows)


def _pieces(rng: random.Random) -> str:
    heads = [f"#{rng.choice(KEYS)}:{rng.choice(VALUES)}\n" for _ in range(rng.randrange(4))]
    return "".join(heads) + "".join(rng.choices(PIECES, k=rng.choice([40, 3_000])))


def _guids(rng: random.Random) -> str:
    guid = rng.choice(["same", "x" * 200_000, "\x00", "'", ""])
    rows = (f"{guid},f{n},b\n" for n in range(3 if len(guid) > 99 else 5_000))
    return "#separator:comma\n#guid column:1\n" + "".join(rows)


def _encoded(rng: random.Random) -> bytes:
    """Not in UTF-8, or no text at all."""
    text = "front\tback\nschön\tx\n" * rng.choice([3, 50_000])
    encoding = rng.choice(["utf-16", "utf-16-le", "utf-32", "latin-1", "cp932", "utf-7"])
    return rng.choice(
        [
            text.encode(encoding, errors="replace"),
            b"a\tb\n\xed\xa0\x80\tc\n",
            b"a\xff\tb\n",
            b"\xef\xbb\xbf" * 1000 + b"a\tb\n",
            b"a\tb\nc\x00\td\n",
            bytes(1_000_000),
            rng.randbytes(5_000),
            b"",
            b"\xef\xbb\xbf",
        ]
    )


def _damaged(rng: random.Random) -> bytes:
    data = bytearray((DATA / "jlpt-n5.csv").read_bytes())
    for _ in range(rng.choice([1, 20, 400])):
        data[rng.randrange(len(data))] = rng.choice([*b'",\t\n\r;\x00\x80', rng.randrange(256)])
    return bytes(data[: rng.randrange(len(data))])


def _utf_8(make: Callable[[random.Random], str]) -> Callable[[random.Random], bytes]:
    return lambda rng: make(rng).encode(errors="replace")[: _MOST + 100_000]


_MAKERS = {
    "one line": _one_line,
    "columns": _columns,
    "quotation marks": _quotes,
    "lines": _lines,
    "the same row": _same_rows,
    "lying headers": _lying_headers,
    "headers without end": _many_headers,
    "decks": _decks,
    "tags": _tags,
    "clozes": _clozes,
    "catastrophic HTML": _html,
    "pieces": _pieces,
    "guids": _guids,
}
KINDS = [
    *(Kind(f"text, {name}", _utf_8(make), TEXT_DOORS) for name, make in _MAKERS.items()),
    Kind("text, other encodings", _encoded, TEXT_DOORS),
    Kind("text, damaged", _damaged, TEXT_DOORS),
]
