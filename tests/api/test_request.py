import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from chalicelib.api.card_view import CardPresenter
from chalicelib.api.request import ApiRequest
from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.day import timing_at
from chalicelib.collection.notetypes.lookup import notetype_by_name
from chalicelib.errors import BadInputError, TooLargeError, UnauthorizedError
from chalicelib.services import Services, build_services
from chalicelib.settings import load_settings
from tests.support.collections import NOW_MS, make_card, new_connection


def request(**headers: str) -> ApiRequest:
    no_services = cast(Services, None)
    return ApiRequest(no_services, NOW_MS, None, "", "POST /x", {}, {}, headers, b"")


@pytest.mark.parametrize("key", ["", "two words", "tab\t", "\x7f", "é", "x" * 65])
def test_what_is_no_idempotency_key_is_refused(key: str) -> None:
    with pytest.raises(BadInputError):
        request(**{"idempotency-key": key}).idempotency_key()


def test_an_idempotency_key_is_visible_ascii_or_absent() -> None:
    assert request(**{"idempotency-key": "a-Z_0~!" + "x" * 57}).idempotency_key() is not None
    assert request().idempotency_key() is None


def test_without_a_caller_there_is_no_collection() -> None:
    with pytest.raises(UnauthorizedError):
        _ = request().owner


def test_a_note_of_one_field_has_an_empty_back() -> None:
    with closing(new_connection()) as conn:
        card = make_card(conn, "only")
        shorten_basic(conn)
        shown = CardPresenter(conn, timing_at(conn, NOW_MS)).summary(card)
    assert (shown["front"], shown["back"]) == ("only", "")


def shorten_basic(conn: sqlite3.Connection) -> None:
    """Leave the notetype and its notes with one field."""
    models = read_document(conn, "models")
    basic = models[str(notetype_by_name(conn, "Basic")["id"])]
    basic["flds"] = basic["flds"][:1]
    write_document(conn, "models", models)
    conn.execute("UPDATE notes SET flds = 'only'")


def test_a_body_over_the_limit_is_refused_whatever_serves(tmp_path: Path) -> None:
    settings = load_settings({"JAVUMBO_DATA": str(tmp_path), "MAX_BODY_BYTES": "1024"})
    services = build_services(settings)
    for size in (1024, 1025):
        current = SimpleNamespace(
            method="POST",
            context={"resourcePath": "/x"},
            raw_body=b"x" * size,
            query_params=None,
            headers={},
        )
        if size > 1024:
            with pytest.raises(TooLargeError):
                ApiRequest.from_chalice(current, {}, services)
        else:
            assert ApiRequest.from_chalice(current, {}, services).raw_body == current.raw_body
