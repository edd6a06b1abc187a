"""Imports taken back and made again, under all options, over collections that diverged."""

import random
import sqlite3
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from chalicelib.collection.undo.recording import UndoRecorder, apply_inverse
from chalicelib.importer import Wanted
from chalicelib.packages import ImportOptions
from chalicelib.packages.import_options import UpdateCondition
from chalicelib.services import Services, build_services
from chalicelib.settings import load_settings
from chalicelib.storage import Owner, Reversion, Way
from tests.packages import mutations
from tests.packages.test_like_anki import STUDIED_COLLECTION
from tests.support.content import content

OWNER = Owner("reader", "1")
CONDITIONS: tuple[UpdateCondition, ...] = ("if_newer", "always", "never")
ALL_OPTIONS = [
    ImportOptions(
        with_scheduling=scheduling,
        with_deck_configs=presets,
        update_notes=notes,
        update_notetypes=notetypes,
        merge_notetypes=joined,
    )
    for scheduling, presets, joined, notes, notetypes in product(
        (True, False), (True, False), (True, False), CONDITIONS, CONDITIONS
    )
]
CHANGES: list[mutations.Change] = [
    mutations.newer_notes,
    mutations.fewer_notes,
    mutations.newer_notetypes,
    mutations.renamed_fields,
    mutations.more_fields,
    mutations.other_questions,
    mutations.more_templates,
    mutations.renamed_decks,
    mutations.own_options,
]


@pytest.fixture
def services(tmp_path: Path) -> Services:
    environ = {"JAVUMBO_DATA": str(tmp_path / "data"), "JAVUMBO_CACHE": str(tmp_path / "cache")}
    return build_services(load_settings(environ))


def diverged(rng: random.Random) -> bytes:
    with (
        closing(sqlite3.connect(STUDIED_COLLECTION)) as source,
        closing(sqlite3.connect(":memory:")) as conn,
    ):
        source.backup(conn)
        for change in rng.sample(CHANGES, rng.randint(1, 5)):
            change(conn, rng)
        conn.commit()
        return conn.serialize()


def adopt(services: Services, owner: Owner, file: bytes) -> None:
    def build(conn: sqlite3.Connection) -> None:
        with closing(sqlite3.connect(":memory:")) as source:
            source.deserialize(file)
            for sql in source.iterdump():
                if sql.startswith(("CREATE", "INSERT")) and "sqlite_" not in sql[:30]:
                    conn.execute(sql)

    services.storage.create(owner, build)


def rows(services: Services, owner: Owner, path: Path) -> dict[str, Any]:
    services.storage.image_to(owner, path)
    return content(path)


def step(services: Services, owner: Owner, way: Way) -> None:
    def revert(conn: sqlite3.Connection, inverse: bytes) -> dict[str, Any]:
        apply_inverse(conn, inverse, services.now_ms())
        return {}

    services.storage.revert(owner, Reversion(way, revert, None, UndoRecorder()))


@pytest.mark.parametrize("part", range(2))
def test_an_import_is_one_step_to_take_back_and_to_make_again(
    services: Services, tmp_path: Path, part: int
) -> None:
    changed = 0
    for number, options in enumerate(ALL_OPTIONS[part::4]):
        rng = random.Random(100 * part + number)
        owner, path = Owner(f"reader{number}", "1"), tmp_path / "rows.anki2"
        adopt(services, owner, diverged(rng))
        before = rows(services, owner, path)
        services.importer.run(owner, diverged(rng), Wanted(options=options), None)
        after = rows(services, owner, path)
        changed += before != after
        if before != after:
            assert len(services.storage.history(owner).undo) == 1
            step(services, owner, "undo")
            assert rows(services, owner, path) == before, options
            step(services, owner, "redo")
            assert rows(services, owner, path) == after, options
    assert changed > len(ALL_OPTIONS) // 8
