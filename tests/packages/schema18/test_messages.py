"""The tables and the wire format, with Google's protobuf and Anki's own .proto files as judges."""

import struct
from typing import Any

import pytest
from anki import deck_config_pb2, decks_pb2, import_export_pb2, notetypes_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.packages.media_list import MediaEntry, write_latest_media_list
from chalicelib.packages.package_version import PackageVersion, meta_bytes
from chalicelib.packages.schema18 import tables, wire
from chalicelib.packages.schema18.kinds import HUNDREDTHS, THOUSANDTHS
from chalicelib.packages.schema18.message import Message, Presence, decode, encode
from tests.packages.schema18.shapes import values

MESSAGES: dict[str, tuple[Message, Any]] = {
    "notetype": (tables.NOTETYPE, notetypes_pb2.Notetype.Config),
    "requirement": (tables.REQUIREMENT, notetypes_pb2.Notetype.Config.CardRequirement),
    "field": (tables.NOTETYPE_FIELD, notetypes_pb2.Notetype.Field.Config),
    "template": (tables.TEMPLATE, notetypes_pb2.Notetype.Template.Config),
    "deck": (tables.DECK_COMMON, decks_pb2.Deck.Common),
    "normal deck": (tables.NORMAL_DECK, decks_pb2.Deck.Normal),
    "day limit": (tables.DAY_LIMIT, decks_pb2.Deck.Normal.DayLimit),
    "filtered deck": (tables.FILTERED_DECK, decks_pb2.Deck.Filtered),
    "search term": (tables.SEARCH_TERM, decks_pb2.Deck.Filtered.SearchTerm),
    "options": (tables.OPTIONS, deck_config_pb2.DeckConfig.Config),
}
NAMES = list(MESSAGES)
WIRE_TYPES = {2: 5, 3: 0, 5: 0, 8: 0, 9: 2, 11: 2, 12: 2, 13: 0, 14: 0}


@pytest.mark.parametrize("name", NAMES)
def test_the_tables_have_the_fields_of_ankis_messages(name: str) -> None:
    shape, judge = MESSAGES[name]
    theirs = {
        field.number: (WIRE_TYPES[field.type], field.is_repeated, is_optional(field))
        for field in judge.DESCRIPTOR.fields
    }
    ours = {
        field.number: (
            field.kind.wire_type,
            field.presence is Presence.REPEATED,
            field.presence is Presence.OPTIONAL,
        )
        for field in shape.fields
    }
    assert ours == theirs


def is_optional(field: Any) -> bool:
    return field.has_presence and field.message_type is None


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_is_written_is_what_protobuf_writes_and_is_read_back(
    name: str, data: st.DataObject
) -> None:
    shape, judge = MESSAGES[name]
    value = data.draw(values(shape))
    written = encode(shape, value)
    assert judge.FromString(written).SerializeToString(deterministic=True) == written
    assert encode(shape, decode(shape, written)) == written
    read = decode(shape, written)
    if isinstance(read, dict):
        read.pop(tables.OTHER_KEY, None)
    assert read == value


@pytest.mark.parametrize("form", [THOUSANDTHS, HUNDREDTHS])
def test_no_part_is_lost_in_a_single(form: Any) -> None:
    for parts in range(2**16):
        single = form.parse(parts)
        assert struct.unpack("<f", struct.pack("<f", single))[0] == single
        assert form.show(wire.shortest(single)) == parts


@given(st.integers(0, 2**64 - 1), st.binary(max_size=3))
def test_numbers_come_back(value: int, rest: bytes) -> None:
    written = wire.varint(value)
    assert wire.read_varint(written + rest, 0) == (value, len(written))
    assert wire.varint(wire.signed(value)) == written


@given(st.integers(-99_999, 99_999), st.integers(-6, 6))
def test_short_decimals_stay_short(digits: int, exponent: int) -> None:
    decimal = float(f"{digits}e{exponent}")
    assert wire.shortest(wire.float32(decimal)) == decimal


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_the_shortest_text_is_the_same_single(single: float) -> None:
    assert wire.float32(wire.shortest(single)) == single


TOO_MANY_ORDINALS = wire.field(3, wire.LENGTH, b"\x00" * (wire.MOST_VALUES + 1))
BROKEN = {
    "nothing after a key": b"\x08",
    "a number without an end": b"\x08" + b"\x80" * 9,
    "a number of eleven bytes": b"\x08" + b"\x80" * 10 + b"\x01",
    "a number of more than 64 bits": b"\x08" + b"\xff" * 9 + b"\x02",
    "field 0": b"\x00\x00",
    "a field number of more than 29 bits": wire.varint(2**32) + b"\x00",
    "a group": b"\x0b\x0c",
    "an unknown kind of value": b"\x0e\x00",
    "a length beyond the end": b"\x1a\x05abc",
    "a length of 64 bits": b"\x1a" + wire.varint(2**64 - 1) + b"abc",
    "text that is no UTF-8": b"\x1a\x01\xff",
    "text where a number belongs": b"\x0a\x01a",
    "a number where text belongs": b"\x18\x01",
    "a short single": b"\x2d\x00\x00",
    "too many fields": b"\x08\x00" * (wire.MOST_VALUES + 1),
    "broken requirements": b"\x42\x02\x08",
    "too many elements": wire.field(8, wire.LENGTH, TOO_MANY_ORDINALS),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_broken_messages_are_refused(data: bytes) -> None:
    with pytest.raises(wire.WireError):
        decode(tables.NOTETYPE, data)


@pytest.mark.parametrize("packed", [b"\x0a\x03\x00\x00\x00", b"\x0a" + wire.varint(200_000)])
def test_broken_lists_of_singles_are_refused(packed: bytes) -> None:
    with pytest.raises(wire.WireError):
        decode(tables.OPTIONS, packed + bytes(200_000 if len(packed) == 4 else 0))


def test_the_last_value_counts_and_lists_may_be_packed_or_not() -> None:
    steps = b"\x0a\x04\x00\x00\x80\x3f" + b"\x0d\x00\x00\x00\x40" + b"\x0a\x00"
    unknown = b"\xf8\x07\x01" + b"\xfa\x07\x01x" + b"\xfd\x07abcd" + b"\xf9\x07abcdefgh"
    value = decode(tables.OPTIONS, steps + b"\x48\x05" + unknown + b"\x48\x07")
    assert value["new"]["delays"] == [1.0, 2.0]
    assert value["new"]["perDay"] == 7


def test_the_small_messages_are_ankis_too() -> None:
    entries = [MediaEntry("ä.png", "0", 0, bytes(20)), MediaEntry("b", "1", 2**31, b"\xff" * 20)]
    theirs = import_export_pb2.MediaEntries.FromString(write_latest_media_list(entries))
    assert [(each.name, each.size, each.sha1) for each in theirs.entries] == [
        (each.name, each.size, each.sha1) for each in entries
    ]
    for version in PackageVersion:
        assert import_export_pb2.PackageMetadata.FromString(meta_bytes(version)).version == version
