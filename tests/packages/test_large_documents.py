"""Files whose documents cost far more than their size tells: refused before that is paid."""

import tracemalloc
from typing import Any

import pytest

from chalicelib.collection.deck_names import clean_level
from chalicelib.errors import TooLargeError
from chalicelib.packages.replacing import Predecessor, make_replacement
from tests.packages.sources import collection_file, edit, opened, package
from tests.support.collections import NOW_MS

MOST_MEMORY = 64 * 1024 * 1024
MANY = {
    "lists": '{"a":[' + "[]," * 2_000_000 + "[]]}",
    "objects": '{"a":[' + '{"b":1},' * 900_000 + "1]}",
    "keys": "{" + ",".join(f'"{number:x}":0' for number in range(700_000)) + "}",
}


@pytest.mark.parametrize("name", ["conf", "tags", "models"])
@pytest.mark.parametrize("form", MANY)
def test_documents_of_very_many_values_are_refused_unread(form: str, name: str) -> None:
    text = MANY[form]
    data = collection_file(lambda conn: conn.execute(f"UPDATE col SET {name} = ?", (text,)))
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError), opened(data) as source:
            source.document("tags")
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


def test_fields_and_templates_of_all_notetypes_count_together() -> None:
    def change(models: dict[str, Any]) -> None:
        notetype = {"name": "n", "type": 0, "tmpls": [{"name": "a", "qfmt": "{{a}}"}]}
        models.clear()
        models.update(
            {str(n): {**notetype, "id": n, "flds": [{"name": "a"}] * 9} for n in range(1, 11)}
        )

    data = collection_file(lambda conn: edit(conn, "models", change))
    with opened(data, notetype_parts=100) as source:
        fields = source.col.notetypes[1]["flds"]
        assert [field["name"] for field in fields[:3]] == ["a", "a+", "a++"]
    with pytest.raises(TooLargeError), opened(data, notetype_parts=99):
        pass


def test_parents_that_a_replacement_lacks_count_as_decks(tmp_path: Any) -> None:
    def change(decks: dict[str, Any]) -> None:
        for number in range(10, 13):
            name = f"{number}::a::b"
            decks[str(number)] = {**decks["1"], "id": number, "name": name}

    data = collection_file(lambda conn: edit(conn, "decks", change))
    before = Predecessor(None, 0, 0)
    with opened(data, decks=10) as source:
        make_replacement(tmp_path / "10", source, before, now_ms=NOW_MS, media=0)
    with opened(data, decks=9) as source, pytest.raises(TooLargeError):
        make_replacement(tmp_path / "9", source, before, now_ms=NOW_MS, media=0)


def test_a_list_of_media_of_too_many_files_is_refused() -> None:
    def listed(count: int) -> bytes:
        return b"{%s}" % b",".join(b'"%d":"_%d"' % (number, number) for number in range(count))

    collection = collection_file(lambda conn: None)
    with opened(package(collection, {"media": listed(30)}), entries=30) as source:
        assert len(source.media.names) == 30
    for count in (31, 500):
        data = package(collection, {"media": listed(count)})
        with pytest.raises(TooLargeError), opened(data, entries=30):
            pass


@pytest.mark.parametrize("level", [":a", " : a : ", ":\u3000: b:c :\x85", "::", "", "a"])
def test_a_level_of_a_deck_has_no_blanks_or_colons_at_its_edges(level: str) -> None:
    cleaned = clean_level(level)
    assert cleaned == cleaned.strip().strip(":")
    assert cleaned in level
    assert len(cleaned) >= len(level) - sum(each in " :\u3000\x85" for each in level)


def test_a_field_keeps_the_blanks_inside_of_its_name() -> None:
    """And a very long run of them is looked at once."""

    def change(models: dict[str, Any]) -> None:
        for notetype in models.values():
            notetype["flds"][0]["name"] = " #/a" + " " * 1_000_000 + "b:{ "

    with opened(collection_file(lambda conn: edit(conn, "models", change))) as source:
        names = {notetype["flds"][0]["name"] for notetype in source.col.notetypes.values()}
    assert names == {"a" + " " * 1_000_000 + "b"}
