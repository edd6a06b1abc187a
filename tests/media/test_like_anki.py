"""Checking media and naming them as real Anki does, on the same collection and files."""

import json
import random
import subprocess
import sys
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from chalicelib.collection.media_names import MAX_NAME_BYTES, normalised_media_name
from chalicelib.collection.media_references import media_references
from chalicelib.media import MediaEntry, MediaLibrary, check_media
from tests.media.conftest import OpenLibrary
from tests.support.collections import make_note, new_connection, save

ANKI_SIDE = Path(__file__).with_name("anki_side.py")

NAMES = (
    *("a.png", "b c.jpg", "d&e.mp3", "é.png", "あ.webm", "_f.png", "UPPER.PNG", "con_.png"),
    *("bracket.png", "g.h.i.gif", "noext", "x.svg", "q#r.png", "100%.png", "zero.png", "sub.png"),
)
SPELLINGS = (
    *(lambda name: name, lambda name: name.replace("&", "&amp;"), lambda name: f" {name}"),
    *(lambda name: name.replace("é", "e\u0301"), lambda name: name.replace("con_", "con")),
    *(lambda name: name.replace("br", "b[r]"), lambda name: name.replace("é", "&eacute;")),
    *(lambda name: f"http://example.com/{name}", lambda name: f"HTTPS://x/{name}"),
    *(lambda name: f"//x/{name}", lambda name: f"s/{name}", lambda name: f"&bad;{name}"),
)
FORMS = (
    *("<img src={}>", '<img src="{}">', "<img alt=x src='{}' width=3>", "<IMG SRC='{}'>"),
    *("[sound:{}]", "[sound:{}", "<audio src='{}'>", "<video src={} controls>"),
    *("<object data='{}'>", '<source src="{}">', "<a href='{}'>", "<img title='>' src={}>"),
    *("[latex]{}[/latex]", "[$]{}[/$]", "[$$]<b>{}</b><br>&lt;[/$$]", "[LaTeX]{}<div>x[/LATEX]"),
    *("{{{{c1::[latex]{}[/latex]}}}}", "[$]a{{{{c1::{}::hint}}}}b{{{{c2::c}}}}[/$]", "[latex]{}"),
    *("[$]{}[$]{}[/$][/$]", "[$][/$]{}[/$]", "{{{{c1::[latex]}}}}[/latex]{}[/latex]"),
)


def anki(asked: dict[str, Any]) -> Any:
    done = subprocess.run(
        [sys.executable, str(ANKI_SIDE)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def reference(rng: random.Random) -> str:
    name = rng.choice(SPELLINGS if rng.random() < 0.4 else SPELLINGS[:1])(rng.choice(NAMES))
    return rng.choice(FORMS).replace("{}", name).replace("{{", "{").replace("}}", "}")


def entries(folder: Path) -> list[MediaEntry]:
    return [
        MediaEntry(file.name, b"", b"", file.stat().st_size, 0, "") for file in folder.iterdir()
    ]


@pytest.mark.parametrize("seed", range(4))
def test_missing_and_unused_are_what_anki_finds(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    folder = tmp_path / "check.media"
    folder.mkdir()
    for name in rng.sample(NAMES, 8):
        (folder / name).write_bytes(b"" if name == "zero.png" else b"x")
    with closing(new_connection()) as conn:
        for number in range(60):
            fields = ["".join(reference(rng) for _ in range(rng.randrange(3))) for _ in range(2)]
            make_note(conn, [f"{number} {fields[0]}", fields[1]])
        ours = check_media(media_references(conn), entries(folder))
        file = save(conn, tmp_path / "check.anki2")
    theirs = anki({"collection": str(file)})
    assert {"missing": ours.missing, "unused": ours.unused, "note_ids": ours.note_ids} == theirs
    assert ours.missing


def test_a_file_whose_name_is_taken_gets_the_name_that_anki_gives_it(
    tmp_path: Path, open_library: OpenLibrary
) -> None:
    """Of files without an extension see below."""
    library = open_library()
    names = ["a.png", "x" * 200 + ".png", ".hidden", "a.b.c.png", "é" * 80 + ".jpg", "con.mp3"]
    names += [
        "end.",
        "a" * 10 + "." + "e" * 30,
        "あ" * 60 + "." + "い" * 9,
        "b[r]a.png",
        "../up.png",
    ]
    files = [[name, content] for name in names for content in ("1", "2", "1")]
    theirs = anki({"collection": str(tmp_path / "names.anki2"), "add": files})
    assert [library.add(name, [content.encode()]) for name, content in files] == theirs
    for first, second in pairwise(theirs):
        assert first != second


def test_without_an_extension_the_name_does_not_end_with_a_point(library: MediaLibrary) -> None:
    library.add("noext", [b"1"])
    name = library.add("noext", [b"2"])
    assert name == "noext-da4b9237bacccdf19c0760cab7aec4a8359010b0"
    assert normalised_media_name(name) == name
    assert len(library.add("y" * 200, [b"1"]).encode()) <= MAX_NAME_BYTES
    assert len(library.add("y" * 200, [b"2"]).encode()) <= MAX_NAME_BYTES
