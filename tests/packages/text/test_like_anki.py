"""Text files imported and exported by us and by real Anki, compared row by row, byte by byte."""

import random
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.packages.text.export_cards import export_cards
from chalicelib.packages.text.export_notes import NoteColumns, export_notes
from chalicelib.packages.text.options import TextOptions
from tests.packages.sources import edit
from tests.packages.text.judge import (
    DATA,
    TextFile,
    compare,
    import_file,
    run_anki,
    transacted,
)
from tests.packages.text.random_files import (
    Vocabulary,
    random_collection,
    random_file,
)
from tests.support.collections import make_deck, make_note, new_connection, save, set_columns

STUDIED = DATA / "jlpt-n5-studied.anki2"
COLUMNS = ("html", "tags", "deck", "notetype", "guid")


def random_collections(seeds: range, work_dir: Path) -> list[Path]:
    paths = [
        random_collection(random.Random(seed), STUDIED, work_dir / f"collection-{seed}.anki2")
        for seed in seeds
    ]
    run_anki([{"collection": str(path), "steps": []} for path in paths])
    return paths


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Ten that differ in their doubles, decks and preferences."""
    work_dir = tmp_path_factory.mktemp("collections")
    paths = [
        random_collection(random.Random(seed), STUDIED, work_dir / f"{seed}.anki2")
        for seed in range(10)
    ]
    run_anki([{"collection": str(path), "steps": []} for path in paths])
    return paths


def random_files(seed: int, collection: Path) -> list[TextFile]:
    vocabulary = Vocabulary(collection)
    return [random_file(random.Random(1000 * seed + n), vocabulary) for n in range(20)]


def test_two_hundred_random_files_arrive_as_in_anki(
    collections: list[Path], tmp_path: Path
) -> None:
    files = [random_files(seed, path) for seed, path in enumerate(collections)]
    total: Counter[str] = Counter()
    for ours, theirs in compare(collections, files, tmp_path):
        assert ours.previews == theirs.previews
        assert ours.counts == theirs.counts
        for part in ours.contents:
            assert ours.contents[part] == theirs.contents[part], part
        for counts in ours.counts:
            total.update(counts)
    # Or else the files have nothing to do with the collections.
    assert min(total[kind] for kind in ("new", "updated", "unchanged", "conflicting")) > 10


def test_a_real_vocabulary_list_arrives_as_in_anki(fresh: Path, tmp_path: Path) -> None:
    words = (DATA / "jlpt-n5.csv").read_bytes()
    columns: dict[str, Any] = {"tags_column": 4, "guid_column": 5}
    files = [
        TextFile(words),
        TextFile(words, TextOptions(delimiter="comma"), {"delimiter": "comma"}),
        TextFile(
            words,
            TextOptions(delimiter="comma", field_columns=(1, 3), **columns),
            {"delimiter": "comma", "change": {"field_columns": [1, 3], **columns}},
        ),
    ]
    for file in files:
        [(ours, theirs)] = compare([fresh], [[file]], Path(tempfile.mkdtemp(dir=tmp_path)))
        assert ours.contents == theirs.contents
        assert ours.counts == theirs.counts


def test_a_card_that_a_changed_note_calls_for_goes_where_it_goes_in_anki(
    tmp_path: Path,
) -> None:
    with closing(new_connection()) as conn:
        away = make_deck(conn, "Away")
        for text, decks in (("together", [away, away]), ("apart", [1, away])):
            cloze = "{{c1::a}} {{c2::b}} " + text
            added = make_note(conn, [cloze, ""], notetype="Cloze")
            for card_id, deck_id in zip(added.card_ids, decks, strict=True):
                set_columns(conn, card_id, did=deck_id)
        collection = save(conn, tmp_path / "collection.anki2")
        exported = export_notes(conn, NoteColumns(deck=False)).decode()
    changed = "#deck:Given\n" + exported.replace("{{c2::b}}", "{{c2::b}} {{c3::c}}")
    [(ours, theirs)] = compare([collection], [[TextFile(changed.encode())]], tmp_path)
    assert [card[0] for card in ours.contents["cards"] if card[3] == 2] == ["Away", "Given"]
    assert ours.contents["cards"] == theirs.contents["cards"]


def written_by_anki(
    work_dir: Path, collection: Path, what: str, ids: Sequence[int] | None, shown: Sequence[str]
) -> bytes:
    copy, file = work_dir / "copy.anki2", work_dir / "export.txt"
    shutil.copy(collection, copy)
    step = {"do": what, "file": str(file), "ids": ids, "with": shown}
    results = run_anki([{"collection": str(copy), "steps": [step]}])[0]["results"]
    assert isinstance(results[0], int), results
    return file.read_bytes()


def make_answers_odd(models: dict[str, Any]) -> None:
    for notetype in models.values():
        template = notetype["tmpls"][-1]
        field = notetype["flds"][0]["name"]
        template["qfmt"] += "<STYLE>\n.a {}</style>{{Deck}} {{Tags}} {{type:" + field + "}}"
        template["afmt"] += "<hr id=answer>\n\n<br />{{Card}}<HR ID=answer> \n{{Tags}}"


@pytest.fixture(scope="module")
def well_filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection that many odd files were imported into."""
    path = tmp_path_factory.mktemp("filled") / "collection.anki2"
    random_collection(random.Random(77), STUDIED, path)
    transacted(path, lambda conn: edit(conn, "models", make_answers_odd))
    for file in random_files(77, path):
        import_file(path, file.data, file.options, now_ms=time.time_ns() // 1_000_000)
    run_anki([{"collection": str(path), "steps": []}])
    return path


@pytest.mark.parametrize(
    "shown", [COLUMNS, (), ("tags", "deck"), ("html", "guid"), ("notetype", "tags")]
)
def test_notes_are_written_byte_for_byte_as_anki_writes_them(
    well_filled: Path, tmp_path: Path, shown: tuple[str, ...]
) -> None:
    columns = NoteColumns(**{name: name in shown for name in COLUMNS})
    with closing(sqlite3.connect(well_filled)) as conn:
        note_ids = [note_id for (note_id,) in conn.execute("SELECT id FROM notes")][::3]
        for ids in (None, note_ids):
            expected = written_by_anki(tmp_path, well_filled, "notes", ids, shown)
            assert export_notes(conn, columns, note_ids=ids) == expected


@pytest.mark.parametrize("shown", [("html",), ()])
def test_cards_are_written_byte_for_byte_as_anki_writes_them(
    well_filled: Path, tmp_path: Path, shown: tuple[str, ...]
) -> None:
    with closing(sqlite3.connect(well_filled)) as conn:
        card_ids = [card_id for (card_id,) in conn.execute("SELECT id FROM cards")][::3]
        for ids in (None, card_ids):
            expected = written_by_anki(tmp_path, well_filled, "cards", ids, shown)
            assert export_cards(conn, html="html" in shown, card_ids=ids) == expected
