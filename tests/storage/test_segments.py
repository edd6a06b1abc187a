"""Segments outlast the version of the service that wrote them."""

from contextlib import suppress
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.pages import Packing, PageChange
from chalicelib.storage.segments import (
    SPILL_BYTES,
    VERSION,
    Part,
    Segment,
    decode_changes,
    decode_segment,
    encode_changes,
    encode_segment,
    only_part,
    parts_to_spill,
)

PARTS: tuple[Part, ...] = get_args(Part)

texts = st.text("aZ0-_/é日", max_size=40)
counts = st.integers(0, 2**32 - 1)
parts = st.dictionaries(st.sampled_from(PARTS), st.binary(max_size=50))
segments = st.builds(
    Segment,
    kind=st.sampled_from(["pages", "replace", "adopt"]),
    base_seq=counts,
    page_size=st.sampled_from([0, 512, 4096, 65536]),
    page_count=counts,
    checksum=counts,
    request_key=texts,
    request_digest=st.binary(max_size=32),
    operation=texts,
    etag=texts,
    parts=parts,
    spilled=st.dictionaries(st.sampled_from(PARTS), texts),
)
changes = st.lists(
    st.builds(
        PageChange,
        number=st.integers(1, 2**32 - 2),
        packing=st.sampled_from(Packing),
        packed=st.binary(max_size=40),
    )
)


def as_fields(segment: Segment) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.msgpack.decode(encode_segment(segment))
    return fields


@given(segments)
def test_a_segment_is_read_as_it_was_written(segment: Segment) -> None:
    assert decode_segment(encode_segment(segment)) == segment


@given(changes)
def test_changes_are_read_as_they_were_written(changes: list[PageChange]) -> None:
    assert decode_changes(encode_changes(changes)) == changes


def test_segments_that_are_stored_already_are_still_read() -> None:
    """Their bytes, as they lie in logs: names and meanings of fields never change."""
    fields = {
        "k": "pages",
        "b": 7,
        "s": 4096,
        "n": 100,
        "c": 0xDEADBEEF,
        "i": "key",
        "d": b"digest",
        "o": "answer",
        "p": {"pages": msgspec.msgpack.encode([[5, 1, b"deflated"]])},
        "x": {"undo": "segments/ada/-/8-tx.undo"},
    }
    segment = Segment(
        kind="pages",
        base_seq=7,
        page_size=4096,
        page_count=100,
        checksum=0xDEADBEEF,
        request_key="key",
        request_digest=b"digest",
        operation="answer",
        parts={"pages": encode_changes([PageChange(5, Packing.OWN, b"deflated")])},
        spilled={"undo": "segments/ada/-/8-tx.undo"},
    )
    assert decode_segment(msgspec.msgpack.encode(fields)) == segment
    assert as_fields(segment) == fields
    adopted = {"k": "adopt", "e": '"etag"'}
    assert as_fields(Segment(kind="adopt", etag='"etag"')) == adopted


@given(segments, st.integers(VERSION + 1, 2**32))
def test_what_a_newer_version_wrote_is_refused(segment: Segment, version: int) -> None:
    newer = msgspec.structs.replace(segment, version=version)
    with pytest.raises(StorageUnavailableError, match="newer version"):
        decode_segment(encode_segment(newer))


@given(segments, st.dictionaries(st.sampled_from(["zz", "later", "v2"]), counts | texts))
def test_fields_that_a_later_release_adds_are_passed_over(
    segment: Segment, added: dict[str, object]
) -> None:
    """What must not be passed over comes with a new version, so that both releases may run."""
    assert decode_segment(msgspec.msgpack.encode(added | as_fields(segment))) == segment


@pytest.mark.parametrize("field", ["p", "x"])
@given(segment=segments)
def test_a_part_that_is_not_known_is_refused(field: str, segment: Segment) -> None:
    """A state may be made of it."""
    fields = as_fields(segment)
    fields[field] = fields.get(field, {}) | {"layers": b"" if field == "p" else ""}
    with pytest.raises(StorageUnavailableError):
        decode_segment(msgspec.msgpack.encode(fields))


def test_a_kind_that_is_not_known_is_refused() -> None:
    with pytest.raises(StorageUnavailableError):
        decode_segment(msgspec.msgpack.encode(as_fields(Segment(kind="pages")) | {"k": "merge"}))


@pytest.mark.parametrize("decode", [decode_segment, decode_changes])
@given(data=st.binary(max_size=200))
def test_garbage_is_refused(decode: Any, data: bytes) -> None:
    with pytest.raises(StorageUnavailableError):
        decode(b"\xc1" + data)
    with suppress(StorageUnavailableError):
        decode(data)


@given(st.data(), segments)
def test_a_damaged_segment_is_read_or_refused(data: st.DataObject, segment: Segment) -> None:
    whole = bytearray(encode_segment(segment))
    for position in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=4)):
        whole[position] = data.draw(st.integers(0, 255))
    whole = whole[: data.draw(st.integers(0, len(whole)))]
    with suppress(StorageUnavailableError):
        decode_segment(bytes(whole))


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"\x81\xa1k\xa5page",
        b"\x82\xa1k\xa5pages\xa1o\xa2\xff\xfe",
        b"\x82\xa1k\xa5pages\xa1z" + b"\x91" * 100_000 + b"\x01",
        b"\x81\xa1k\xa5pages\x00",
    ],
    ids=["nothing", "torn", "not UTF-8", "endlessly nested", "more after the end"],
)
def test_every_way_of_being_unreadable_is_told_alike(stored: bytes) -> None:
    with pytest.raises(StorageUnavailableError):
        decode_segment(stored)


@pytest.mark.parametrize("number", [0, -1, 2**32, 2**64 - 1])
def test_a_page_of_a_number_that_no_file_has_is_refused(number: int) -> None:
    with pytest.raises(StorageUnavailableError):
        decode_changes(msgspec.msgpack.encode([[number, 1, b""]]))


def test_a_dictionary_that_is_not_known_is_refused() -> None:
    with pytest.raises(StorageUnavailableError):
        decode_changes(msgspec.msgpack.encode([[1, 9, b""]]))


sizes = st.sampled_from([0, 1, SPILL_BYTES // 3, SPILL_BYTES // 2, SPILL_BYTES - 1, SPILL_BYTES])


@given(st.dictionaries(st.sampled_from(PARTS), sizes | st.integers(0, 2 * SPILL_BYTES)))
def test_the_largest_parts_are_spilled_and_no_more_than_must(sizes: dict[Part, int]) -> None:
    chosen = parts_to_spill({part: bytes(size) for part, size in sizes.items()})
    kept = [sizes[part] for part in sizes if part not in chosen]
    assert sum(kept) <= SPILL_BYTES
    assert len(set(chosen)) == len(chosen)
    if chosen:
        assert sum(kept) + sizes[chosen[-1]] > SPILL_BYTES
        assert min(sizes[part] for part in chosen) >= max(kept, default=0)


@given(segments, st.sampled_from(PARTS))
def test_one_part_can_be_kept_alone(segment: Segment, part: Part) -> None:
    only = only_part(segment, part)
    assert only.parts == ({part: segment.parts[part]} if part in segment.parts else {})
    assert only.spilled == ({part: segment.spilled[part]} if part in segment.spilled else {})
    same = msgspec.structs.replace(only, parts=segment.parts, spilled=segment.spilled)
    assert same == segment
