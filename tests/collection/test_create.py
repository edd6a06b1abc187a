import json
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.collection.col import JsonObject
from chalicelib.collection.create import FIRST_DECK, create_new_user_collection
from chalicelib.collection.notetypes.stock import stock_notetypes
from chalicelib.collection.sample_deck import SAMPLE_CARDS, SAMPLE_DECK
from tests.support.anki import assert_clean
from tests.support.collections import NOW_MS, new_connection, save


def test_an_untouched_collection_of_a_new_user_is_clean_for_anki(tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        create_new_user_collection(
            conn,
            now_ms=NOW_MS,
            minutes_west=180,
            sample_deck=True,
            random_bits=random.Random(1).getrandbits,
        )
        report = assert_clean(save(conn, tmp_path / "new.anki2"))
    assert report["counts"] == {"notes": 12, "cards": 12, "revlog": 0, "graves": 0}
    assert report["decks"] == sorted(["Default", FIRST_DECK, SAMPLE_DECK])
    assert report["notetypes"] == sorted(
        [
            "Basic",
            "Basic (and reversed card)",
            "Basic (optional reversed card)",
            "Basic (type in the answer)",
            "Cloze",
        ]
    )


def test_without_the_sample_there_is_one_empty_deck(tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        create_new_user_collection(
            conn, now_ms=NOW_MS, minutes_west=0, sample_deck=False, random_bits=lambda bits: 0
        )
        report = assert_clean(save(conn, tmp_path / "new.anki2"))
    assert report["counts"]["cards"] == 0
    assert report["decks"] == sorted(["Default", FIRST_DECK])


def test_the_sample_deck_has_twelve_different_cards() -> None:
    assert len({card.front for card in SAMPLE_CARDS}) == 12
    assert len({card.tag for card in SAMPLE_CARDS}) == 12


@given(
    now_s=st.integers(min_value=1_500_000_000, max_value=2_000_000_000),
    minutes_west=st.integers(min_value=-840, max_value=840),
)
def test_day_zero_begins_at_the_last_four_in_the_morning_of_the_owner(
    now_s: int, minutes_west: int
) -> None:
    with closing(new_connection(now_ms=now_s * 1000, minutes_west=minutes_west)) as conn:
        crt, conf = conn.execute("SELECT crt, conf FROM col").fetchone()
    assert 0 <= now_s - crt < 86_400
    assert (crt - minutes_west * 60) % 86_400 == 4 * 3600
    offsets = [json.loads(conf)[name] for name in ("creationOffset", "localOffset")]
    assert offsets == [minutes_west, minutes_west]


@pytest.mark.parametrize("pragma", ["user_version", "foreign_keys"])
def test_the_file_leaves_what_anki_leaves_at_zero(pragma: str) -> None:
    with closing(new_connection()) as conn:
        assert conn.execute(f"PRAGMA {pragma}").fetchone() == (0,)


ANKIS_NOTETYPES = """
import json, sqlite3, sys
from anki.collection import Collection
Collection(sys.argv[1]).close(downgrade=True)
print(sqlite3.connect(sys.argv[1]).execute("SELECT models FROM col").fetchone()[0])
"""


def test_the_stock_notetypes_are_those_of_anki(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ANKIS_NOTETYPES, str(tmp_path / "anki.anki2")]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    theirs = {one["name"]: one for one in json.loads(output).values()}
    ours = stock_notetypes(first_id=1, now_s=1, usn=0)
    assert theirs.keys() - {one["name"] for one in ours} == {"Image Occlusion"}
    for notetype in ours:
        assert described(notetype) == described(theirs[notetype["name"]])


def described(notetype: JsonObject) -> JsonObject:
    """What people see of a notetype; ids and times aside."""
    plain = ("name", "type", "sortf", "did", "css", "latexPre", "latexPost", "req")
    return {
        **{name: notetype[name] for name in (*plain, "originalStockKind")},
        "fields": [field["name"] for field in notetype["flds"]],
        "templates": [(one["name"], one["qfmt"], one["afmt"]) for one in notetype["tmpls"]],
    }


def test_every_sample_note_has_a_guid_of_its_own() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        create_new_user_collection(
            conn,
            now_ms=NOW_MS,
            minutes_west=0,
            sample_deck=True,
            random_bits=random.Random(1).getrandbits,
        )
        (guids,) = conn.execute("SELECT count(DISTINCT guid) FROM notes").fetchone()
    assert guids == 12
