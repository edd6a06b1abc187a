"""Media files that would run in a browser, and names that would lead elsewhere."""

import random
from functools import cache

from tests.e2e.hostile.documents import legacy_media_list
from tests.e2e.hostile.kinds import MARK, MEDIA_DOORS, PACKAGE_DOORS, Kind
from tests.e2e.hostile.material import small, zipped
from tests.packages.sources import package

_SCRIPT = b"<script>fetch('/account')</script>"
_SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script>'
    b'<foreignObject><iframe src="javascript:alert(1)"/></foreignObject>'
    b'<image href="http://127.0.0.1:9/x"/><use href="data:image/svg+xml,x#y"/></svg>'
)
_ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
    + b'<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&l;&x;</svg>'
)
_CONTENTS = [
    _SVG,
    _ENTITIES,
    _SCRIPT,
    b"<!doctype html>" + _SCRIPT,
    b"GIF89a/*" + _SCRIPT + b"*/=1;",
    b"\x89PNG\r\n\x1a\n" + _SCRIPT,
    b"%PDF-1.4 /OpenAction /JS (app.alert(1))" + _SCRIPT,
    b"\xff\xd8\xff\xfe" + _SCRIPT,
    b"\xef\xbb\xbf" + _SCRIPT,
    b"\xfe\xff" + _SVG,
    b"",
    b"MZ" + bytes(99),
    b"#!/bin/sh\n",
    b"@import url(http://127.0.0.1:9/);",
    zipped([("a.html", _SCRIPT)]),
    b"OggS" + _SCRIPT,
    b'<?xml-stylesheet href="x.xsl" type="text/xsl"?><x/>',
    b"RIFF" + _SCRIPT,
]
_SERVED_NAMES = [
    "a.svg",
    "a.SVG",
    "a.svgz",
    "a.html",
    "a.htm",
    "a.xhtml",
    "a.xml",
    "a.js",
    "a.mjs",
    "a.css",
    "a.pdf",
    "a.png",
    "a.jpg",
    "a.gif",
    "a.swf",
    "a.html.png",
    "a.png.html",
    "a",
    ".htaccess",
    "a.php",
    "a.xsl",
    "a.shtml",
    "a.mht",
    "a.wasm",
    "a.mp3",
    "a.webmanifest",
    "sw.js",
    "index.html",
    "a.html ",
    "a.html.",
]
_ODD_NAMES = [
    f"../{MARK}",
    f"../../../../../../tmp/{MARK}",
    f"/tmp/{MARK}",
    f"..\\{MARK}",
    f"%2e%2e%2f{MARK}",
    f"{MARK}\x00.png",
    f"{MARK}\r\nSet-Cookie: a=b.png",
    f'{MARK}"; filename="x.html',
    "CON",
    "nul.txt",
    "com1.png",
    ".",
    "..",
    "...",
    "",
    " ",
    "\n",
    "a" * 5_000 + ".png",
    "é" * 300,
    "\u202egnp.exe",
    "a\u0000",
    "\ufeff",
    "e\u0301.png",
    "[a].png",
    "<b>.png",
    "a:b",
    "a|b",
    "a?b",
    "a*b",
    "~",
    "-rf",
    f"file:///{MARK}",
    "\U0001f600.png",
    "\ue000",
    "\ufdd0",
    "a/b/c",
    "////",
    "a\tb",
    "_",
    "x." * 100,
]


def _content(rng: random.Random) -> bytes:
    return rng.choice(_CONTENTS)


def _in_a_package(rng: random.Random) -> bytes:
    """Listed under all kinds of names, with files of all kinds."""
    pool = [*_ODD_NAMES, *_SERVED_NAMES, *("_" + name for name in _SERVED_NAMES)]
    names = rng.choices(pool, k=rng.choice([1, 2, 6]))
    files = {str(n): _content(rng) for n in range(len(names) - rng.choice([0, 0, 1]))}
    return package(small(), {"media": legacy_media_list(names), **files})


def _good_names(rng: random.Random) -> bytes:
    names = [f"_{name}" for name in rng.sample(_SERVED_NAMES, 3)]
    files = {str(n): _content(rng) for n in range(len(names))}
    return package(small(), {"media": legacy_media_list(names), **files})


def _broken_list(rng: random.Random) -> bytes:
    return package(
        small(),
        {
            "media": rng.choice(
                [
                    b"[]",
                    b"{",
                    b"\xff\xfe",
                    b'{"0": NaN}',
                    b"[" * 100_000,
                    b'{"0": 5}',
                    b'{"-1": "_a"}',
                    b'{"../x": "_a"}',
                    b'{"0": "\\ud800"}',
                    b'{"00": "_a", "0": "_b"}',
                    b'{"0": {"a": 1}}',
                    b'{"999999999999": "_a"}',
                    b'{"\\u0663": "_a"}',
                    b"",
                    b"null",
                    b'{"0": "_a", "0": "_b"}',
                    b'{"0": "_same", "1": "_same"}',
                    b'{"collection.anki2": "_a"}',
                    b'{"media": "_a"}',
                ]
            ),
            "0": b"a",
        },
    )


@cache
def _long_list(count: int, *, held: bool) -> bytes:
    names = [f"_{n}.png" for n in range(count)]
    files = {str(n): b"" for n in range(count)} if held else {}
    return package(small(), {"media": legacy_media_list(names), **files})


def _long_lists(rng: random.Random) -> bytes:
    count = rng.choice([400_000, 90_000, 1_000])
    return _long_list(count, held=count == 1_000)


KINDS = [
    Kind("media, what would run", _content, MEDIA_DOORS, _SERVED_NAMES),
    Kind("media, odd names", _content, MEDIA_DOORS, _ODD_NAMES),
    Kind("media, in a package", _in_a_package, PACKAGE_DOORS),
    Kind("media, what would run in a package", _good_names, PACKAGE_DOORS),
    Kind("media, broken lists", _broken_list, PACKAGE_DOORS),
    Kind("media, long lists", _long_lists, PACKAGE_DOORS),
]
