"""Which files go along: what real Anki does not show is here."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from chalicelib.packages.exporting.references import referenced_media
from tests.packages.sources import edit
from tests.support.collections import new_connection


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    with closing(new_connection()) as conn:
        yield conn


def names_in(conn: sqlite3.Connection, *, css: str = "", template: str = "") -> set[str]:
    def change(models: dict[str, dict[str, object]]) -> None:
        first = next(iter(models))
        kept = models[first]
        models.clear()
        models[first] = kept | {"css": css, "tmpls": [{"qfmt": template, "afmt": None}]}

    edit(conn, "models", change)
    return referenced_media(conn)


@pytest.mark.parametrize(
    "hostile",
    ["[sound:_", "url(_", "url( ", '@import "_', "'_", "src=_", 'url("_', "@import\t"],
)
def test_a_hostile_template_or_style_does_not_stop_an_export(
    conn: sqlite3.Connection, hostile: str
) -> None:
    text = hostile * 40_000
    names_in(conn, css=text, template=text)
    names_in(conn, css=f"url(_{' ' * 400_000}", template=f"[sound:_{'x' * 400_000}")


def test_names_as_long_as_they_can_be_are_found(conn: sqlite3.Connection) -> None:
    name = "_" + "ü" * 57 + ".css"  # 120 bytes
    for style in (f"url({name})", f'@import "{name}"', f"url( '{name}' )"):
        assert names_in(conn, css=style) == {name}
    for template in (f"[sound:{name}]", f'"{name}"', f"'{name}'", f"<img src={name}>"):
        assert names_in(conn, template=template) == {name}
