"""Files of a package that take the names they came with, whatever had these names."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chalicelib.errors import ConflictError, TooLargeError
from chalicelib.media import MediaIntake, MediaLibrary
from chalicelib.media.naming import possible_names
from chalicelib.storage import CollectionStorage, Owner
from chalicelib.storage.keys import MEDIA
from tests.media.conftest import ADA, OpenLibrary
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.memory import Crash, Fault, MemoryBaseStore
from tests.storage.tally import build
from tests.storage.watch import Watch, failing_at, places


def names_for(content: bytes, count: int) -> list[str]:
    """What a.png is called where that and what comes before are taken."""
    digests = hashlib.sha1(content).digest(), hashlib.sha256(content).digest()
    return list(islice(possible_names("a.png", *digests), count))


CONTENTS = [b"1", b"2", b"3"]
NAMES = sorted({"b.png", *(name for content in CONTENTS for name in names_for(content, 4))})
A_1, A_2 = names_for(b"1", 2)[1], names_for(b"2", 2)[1]
_numbers = count(1)


@dataclass
class Incoming:
    name: str
    content: bytes

    def chunks(self) -> Iterator[bytes]:
        yield self.content


def contents(library: MediaLibrary) -> dict[str, bytes]:
    return {entry.name: b"".join(library.chunks(entry.name)) for entry in library.files()}


def fill(library: MediaLibrary, files: dict[str, bytes]) -> None:
    library.intake().take([Incoming(*file) for file in files.items()])


def taken(library: MediaLibrary, files: dict[str, bytes]) -> MediaIntake:
    intake = library.intake()
    intake.take_in_batches([Incoming(*file) for file in files.items()], lambda _: None)
    return intake


def test_each_name_stands_for_what_came_and_nothing_is_lost(
    library: MediaLibrary, stores: Stores
) -> None:
    here = {"a.png": b"mine", "b.png": b"mine too", "same.png": b"same", "other.png": b"other"}
    came = {"a.png": b"theirs", "b.png": b"theirs", "same.png": b"same", "new.png": b"new"}
    fill(library, here)
    intake = taken(library, came)
    before = len(stores.log.entries(ADA.in_space(MEDIA).ring))
    intake.put_in_place()
    assert len(stores.log.entries(ADA.in_space(MEDIA).ring)) == before + 1
    assert intake.stored == {name: name for name in came}
    kept = {
        f"{name[0]}-{hashlib.sha1(here[name]).hexdigest()}.png": here[name]
        for name in ("a.png", "b.png")
    }
    assert contents(library) == here | came | kept


FILES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(CONTENTS))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(here=FILES, came=FILES)
@example(here={"a.png": b"1", A_1: b"1"}, came={"a.png": b"2", A_1: b"3"})
@example(here={"a.png": b"1"}, came={"a.png": b"2", A_2: b"3"})
@example(here=dict.fromkeys(names_for(b"2", 4), b"1"), came={"a.png": b"2"})
def test_whatever_the_names_all_can_be_put_in_place_and_taken_back(
    storage: CollectionStorage,
    open_library: OpenLibrary,
    blobs: MemoryBaseStore,
    here: dict[str, bytes],
    came: dict[str, bytes],
) -> None:
    owner = Owner(f"user{next(_numbers)}", "g")
    storage.create(owner, build)
    library = open_library(owner)
    if here:
        fill(library, here)
    before, stored = contents(library), blobs.keys(f"media/{owner.username}/")
    intake = taken(library, came)
    intake.put_in_place()
    after = contents(library)
    assert after == after | came
    untouched = {name: content for name, content in before.items() if name not in came}
    assert after == after | untouched
    assert set(before.values()) <= set(after.values())
    assert {after[name] for name in after.keys() - before.keys() - came.keys()} <= set(
        before.values()
    )
    again = taken(library, came)
    again.put_in_place()
    assert contents(library) == after
    again.take_back()
    intake.take_back()
    assert contents(library) == before
    assert blobs.keys(f"media/{owner.username}/") == stored


def test_a_crash_anywhere_leaves_all_names_and_all_contents(
    stores: Stores, blobs: MemoryBaseStore, open_storage: OpenStorage, open_library: OpenLibrary
) -> None:
    """And whoever does it again ends where it would have ended."""
    here, came = {"a.png": b"mine", "b.png": b"b"}, {"a.png": b"theirs", "c.png": b"c"}

    def work(library: MediaLibrary) -> None:
        taken(library, came).put_in_place()

    def crashing(watch: Watch) -> MediaLibrary:
        storage = open_storage(Stores(stores.base, watch.stores.log))
        return open_library(storage=storage, base=watch.stores.base)

    library = open_library(quota_bytes=10**6)
    fill(library, here)
    counted = Watch(Stores(blobs, stores.log))
    work(crashing(counted))
    done = contents(library)
    for place in places(counted.calls):
        for fault in (Fault.CRASH_BEFORE, Fault.CRASH_AFTER):
            library.remove(contents(library))
            fill(library, here)
            with pytest.raises(Crash):
                work(crashing(Watch(Stores(blobs, stores.log), failing_at(place, fault))))
            left = contents(library)
            assert here.keys() <= left.keys()
            assert left["a.png"] in {b"mine", b"theirs"}
            assert set(here.values()) <= set(left.values())
            work(library)
            assert contents(library) | done == contents(library)


def test_what_others_removed_meanwhile_is_no_reason_to_point_anywhere(
    open_library: OpenLibrary,
) -> None:
    library = open_library()
    fill(library, {"a.png": b"mine"})
    intake = taken(library, {"a.png": b"theirs", "b.png": b"b"})
    library.remove([intake.stored["a.png"]])
    with pytest.raises(ConflictError):
        intake.put_in_place()
    intake.take_back()
    assert contents(library) == {"a.png": b"mine"}


def test_what_others_changed_since_is_not_taken_back(library: MediaLibrary) -> None:
    fill(library, {"a.png": b"mine"})
    intake = taken(library, {"a.png": b"theirs"})
    intake.put_in_place()
    library.remove(["a.png"])
    library.add("a.png", [b"later"])
    intake.take_back()
    assert contents(library) == {"a.png": b"later"}


def test_batches_before_the_one_that_fails_are_told_and_can_be_taken_back(
    open_library: OpenLibrary, blobs: MemoryBaseStore
) -> None:
    library = open_library(quota_bytes=250)
    intake, told = library.intake(), list[int]()
    with pytest.raises(TooLargeError):
        intake.take_in_batches(
            (Incoming(f"{number}.png", bytes([number])) for number in range(256)), told.append
        )
    assert told == [200]
    assert len(library.files()) == 200
    intake.take_back()
    assert library.files() == []
    assert blobs.objects == {}


def test_taking_nothing_makes_no_index(storage: CollectionStorage, library: MediaLibrary) -> None:
    intake = library.intake()
    intake.put_in_place()
    intake.take_back()
    assert not storage.exists(ADA.in_space(MEDIA))
