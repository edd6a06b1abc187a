import sqlite3

import pytest

from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.notetypes.lookup import (
    all_notetypes,
    field_values,
    get_notetype,
    notetype_by_name,
    notetype_for_sides,
)
from chalicelib.errors import BadInputError, NotFoundError


def test_a_front_and_a_back_go_to_basic_whatever_it_is_called(conn: sqlite3.Connection) -> None:
    models = read_document(conn, "models")
    basic = notetype_by_name(conn, "BASIC")
    models[str(basic["id"])]["name"] = "Básico"
    write_document(conn, "models", models)
    assert notetype_for_sides(conn)["name"] == "Básico"


def test_without_basic_they_go_to_the_oldest_notetype_with_two_sides(
    conn: sqlite3.Connection,
) -> None:
    models = read_document(conn, "models")
    del models[str(notetype_by_name(conn, "Basic")["id"])]
    write_document(conn, "models", models)
    assert notetype_for_sides(conn)["name"] == "Basic (and reversed card)"
    cloze, narrow = (
        notetype_by_name(conn, "Cloze"),
        notetype_by_name(conn, "Basic (type in the answer)"),
    )
    narrow["flds"] = narrow["flds"][:1]
    write_document(conn, "models", {str(one["id"]): one for one in (cloze, narrow)})
    with pytest.raises(BadInputError):
        notetype_for_sides(conn)


def test_notetypes_are_listed_by_name_and_found_by_id(conn: sqlite3.Connection) -> None:
    names = [notetype["name"] for notetype in all_notetypes(conn)]
    assert names == sorted(names, key=str.casefold)
    basic = notetype_by_name(conn, "basic")
    assert get_notetype(conn, basic["id"]) == basic
    with pytest.raises(NotFoundError):
        get_notetype(conn, 1)
    with pytest.raises(BadInputError):
        notetype_by_name(conn, "")


def test_unknown_fields_are_named(conn: sqlite3.Connection) -> None:
    basic = notetype_by_name(conn, "Basic")
    assert field_values(basic, {"Back": "b"}, ["x", "y"]) == ["x", "b"]
    with pytest.raises(BadInputError) as caught:
        field_values(basic, {"Side": "", "Other": ""}, ["", ""])
    assert set(caught.value.fields) == {"fields.Side", "fields.Other"}
