"""What every base store keeps, whatever lies behind it."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.storage.ports import (
    BaseStore,
    NotModified,
    ObjectHead,
    PreconditionFailedError,
    StoredObject,
)

KEY = "user_dbs/ada.anki2"


def create(base: BaseStore, data: bytes, metadata: Mapping[str, str] | None = None) -> str:
    return base.put(KEY, data, metadata=metadata or {}, if_match=None)


def test_a_missing_object_is_none_and_not_an_error(any_base: BaseStore) -> None:
    assert any_base.get(KEY) is None
    assert any_base.head(KEY) is None
    assert any_base.get_if_changed(KEY, '"0"') is None
    any_base.delete(KEY)


def test_what_was_put_is_read_with_its_etag_and_metadata(any_base: BaseStore) -> None:
    etag = create(any_base, b"one", {"lineage": "a b"})
    assert any_base.get(KEY) == StoredObject(etag, {"lineage": "a b"}, b"one")
    assert any_base.head(KEY) == ObjectHead(etag, {"lineage": "a b"})


def test_only_a_changed_object_is_sent_again(any_base: BaseStore) -> None:
    first = create(any_base, b"one")
    assert any_base.get_if_changed(KEY, first) == NotModified()
    second = any_base.put(KEY, b"two", metadata={"lineage": "b"}, if_match=first)
    assert any_base.get_if_changed(KEY, second) == NotModified()
    assert any_base.get_if_changed(KEY, first) == StoredObject(second, {"lineage": "b"}, b"two")


def test_an_object_that_is_there_is_not_created_again(any_base: BaseStore) -> None:
    create(any_base, b"one")
    with pytest.raises(PreconditionFailedError):
        create(any_base, b"two")
    found = any_base.get(KEY)
    assert found
    assert found.data == b"one"


def test_a_stale_version_cannot_be_replaced(any_base: BaseStore) -> None:
    first = create(any_base, b"one")
    any_base.put(KEY, b"two", metadata={}, if_match=first)
    with pytest.raises(PreconditionFailedError):
        any_base.put(KEY, b"three", metadata={}, if_match=first)
    found = any_base.get(KEY)
    assert found
    assert found.data == b"two"


def test_a_deleted_object_cannot_be_replaced_but_created(any_base: BaseStore) -> None:
    etag = create(any_base, b"one", {"lineage": "a"})
    any_base.delete(KEY)
    assert any_base.get(KEY) is None
    with pytest.raises(PreconditionFailedError):
        any_base.put(KEY, b"two", metadata={}, if_match=etag)
    create(any_base, b"three")
    assert any_base.head(KEY) == ObjectHead(any_base.get(KEY).etag, {})  # type: ignore[union-attr]


def test_of_many_simultaneous_writers_exactly_one_wins(any_base: BaseStore) -> None:
    etag = create(any_base, b"start")

    def won(data: bytes) -> bool:
        try:
            any_base.put(KEY, data, metadata={}, if_match=etag)
        except PreconditionFailedError:
            return False
        return True

    candidates = [bytes([n]) for n in range(12)]
    with ThreadPoolExecutor(len(candidates)) as pool:
        outcomes = list(pool.map(won, candidates))
    assert outcomes.count(True) == 1
    found = any_base.get(KEY)
    assert found
    assert found.data == candidates[outcomes.index(True)]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["user_dbs/ada.anki2", "user_dbs/ada.anki2.json.anki2"]),
            st.sampled_from(["put", "delete"]),
            st.sampled_from([b"", b"a", b"b", b"cd"]),
            st.sampled_from(["current", "stale", "none"]),
        ),
        max_size=12,
    )
)
def test_any_history_reads_as_a_dictionary_with_compare_and_set_would(
    any_base: BaseStore, history: list[tuple[str, str, bytes, str]]
) -> None:
    model: dict[str, StoredObject] = {}
    for key in {key for key, *_ in history}:
        any_base.delete(key)
    for number, (key, method, data, expected) in enumerate(history):
        current = model.get(key)
        if method == "delete":
            any_base.delete(key)
            model.pop(key, None)
        else:
            etag = current.etag if current and expected == "current" else None
            etag = '"0123456789abcdef0123456789abcdef"' if expected == "stale" else etag
            metadata = {"lineage": str(number)}
            try:
                written = any_base.put(key, data, metadata=metadata, if_match=etag)
            except PreconditionFailedError:
                assert etag != (current.etag if current else None)
            else:
                assert etag == (current.etag if current else None)
                model[key] = StoredObject(written, metadata, data)
        assert any_base.get(key) == model.get(key)
