import hashlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.collection.media_names import normalised_media_name
from chalicelib.errors import (
    BadInputError,
    ConflictError,
    JavumboError,
    NotFoundError,
    StorageUnavailableError,
    TooLargeError,
)
from chalicelib.media import MediaLibrary
from chalicelib.media.blobs import new_blob
from chalicelib.media.naming import stored_name
from chalicelib.media.sweeping import sweep_media
from chalicelib.storage import CollectionStorage, Owner, Request
from chalicelib.storage.keys import MEDIA
from tests.media.conftest import ADA, HOUR_MS, Clock, OpenLibrary
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.memory import Crash, Fault, FaultyBaseStore, MemoryBaseStore, plan_of
from tests.storage.tally import build
from tests.storage.watch import Watch, failing_at, places

FOLDER = "media/ada/g1/"


@dataclass
class Incoming:
    name: str
    pieces: list[bytes]

    def chunks(self) -> Iterator[bytes]:
        yield from self.pieces


def contents(library: MediaLibrary) -> dict[str, bytes]:
    return {entry.name: b"".join(library.chunks(entry.name)) for entry in library.files()}


def test_a_library_over_every_kind_of_store(
    any_stores: Stores, open_storage: OpenStorage, open_library: OpenLibrary
) -> None:
    storage = open_storage(any_stores)
    storage.create(ADA, build)
    library = open_library(storage=storage, base=any_stores.base)
    assert library.files() == []
    assert library.add("a.png", [b"on", b"e"]) == "a.png"
    assert library.add("same.png", [b"one"]) == "same.png"
    assert library.add("empty.png", []) == "empty.png"
    assert library.rename("same.png", "b.png") == "b.png"
    assert contents(library) == {"a.png": b"one", "b.png": b"one", "empty.png": b""}
    assert len(any_stores.base.keys(FOLDER)) == 2
    container = open_library(storage=open_storage(any_stores), base=any_stores.base)
    assert container.remove(["a.png"]) == 1
    assert contents(library) == {"b.png": b"one", "empty.png": b""}
    library.delete()
    assert library.files() == []
    assert any_stores.base.keys(FOLDER) == []
    storage.delete(ADA)
    assert storage.everybody() == []


def test_an_entry_says_what_the_content_is(library: MediaLibrary, clock: Clock) -> None:
    library.add("a.png", [b"content"])
    (entry,) = library.files()
    assert entry.sha1 == hashlib.sha1(b"content").digest()
    assert entry.sha256 == hashlib.sha256(b"content").digest()
    assert (entry.size, entry.added_ms) == (7, clock.now_ms)
    assert library.entry("no.png", "a.png") == entry


def test_contents_lie_in_the_registrations_folder_once_under_their_hash(
    library: MediaLibrary, blobs: MemoryBaseStore
) -> None:
    for name in ("a.png", "b.png", "a.png"):
        library.add(name, [b"same"])
    (key,) = blobs.objects
    digest = hashlib.sha256(b"same").hexdigest()
    assert re.fullmatch(f"{FOLDER}{digest}-[0-9]+-[0-9a-f]{{16}}", key)


def test_a_name_stays_its_first_contents(library: MediaLibrary) -> None:
    assert library.add("a.png", [b"1"]) == "a.png"
    other = library.add("a.png", [b"2"])
    assert other == f"a-{hashlib.sha1(b'2').hexdigest()}.png"
    assert library.add("a.png", [b"2"]) == other
    assert contents(library) == {"a.png": b"1", other: b"2"}


def test_nobody_can_take_the_other_name_beforehand(library: MediaLibrary) -> None:
    foreseen = f"a-{hashlib.sha1(b'2').hexdigest()}.png"
    library.add("a.png", [b"1"])
    library.add(foreseen, [b"a trap"])
    name = library.add("a.png", [b"2"])
    assert name not in {"a.png", foreseen}
    assert contents(library) == {"a.png": b"1", foreseen: b"a trap", name: b"2"}


def test_pages_are_in_the_order_of_names_and_filtered_whatever_the_case(
    library: MediaLibrary,
) -> None:
    for name in ("Straße.png", "b.png", "a.mp3", "STRASSE.mp3"):
        library.add(name, [b"x"])
    total, page = library.page(containing="", offset=1, limit=2)
    assert (total, [entry.name for entry in page]) == (4, ["Straße.png", "a.mp3"])
    total, page = library.page(containing="strasse", offset=0, limit=9)
    assert (total, [entry.name for entry in page]) == (2, ["STRASSE.mp3", "Straße.png"])


def test_the_last_name_takes_the_content_along(
    library: MediaLibrary, blobs: MemoryBaseStore
) -> None:
    for name in ("a.png", "b.png"):
        library.add(name, [b"same"])
    library.remove(["a.png"])
    assert contents(library) == {"b.png": b"same"}
    assert library.remove(["b.png", "never.png"]) == 1
    assert blobs.objects == {}
    with pytest.raises(NotFoundError):
        library.remove(["b.png"])


def test_renaming_keeps_the_content_and_refuses_a_taken_name(library: MediaLibrary) -> None:
    for name in ("a.png", "b.png"):
        library.add(name, [name.encode()])
    with pytest.raises(BadInputError):
        library.rename("a.png", "b.png")
    with pytest.raises(BadInputError):
        library.rename("a.png", "///")
    with pytest.raises(NotFoundError):
        library.rename("c.png", "d.png")
    assert library.rename("a.png", "a.png") == "a.png"
    assert library.rename("a.png", "../c?.png") == "..c.png"
    assert contents(library) == {"..c.png": b"a.png", "b.png": b"b.png"}


@pytest.mark.parametrize("name", ["", "/", "\0", "[]", "???", "\n\r"])
def test_what_is_no_name_is_refused_and_stores_nothing(
    library: MediaLibrary, blobs: MemoryBaseStore, name: str
) -> None:
    with pytest.raises(BadInputError):
        library.add(name, [b"x"])
    assert blobs.objects == {}
    assert library.files() == []


@given(
    st.text(max_size=300) | st.sampled_from(["..", ".", "../../etc/passwd", "a\0b", "%2f", "CON"])
)
def test_a_stored_name_is_one_that_anki_keeps_and_no_path(name: str) -> None:
    try:
        stored = stored_name(name)
    except BadInputError:
        return
    assert normalised_media_name(stored) == stored
    assert stored not in {"", ".", ".."}
    assert not set(stored) & set("/\\\0")
    assert len(stored.encode()) <= 120


def test_a_file_over_the_limit_stops_being_read(
    library: MediaLibrary, blobs: MemoryBaseStore
) -> None:
    """Also one that grows while it comes, or never ends."""
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while read < 100_000:
            read += 100
            yield bytes(100)

    with pytest.raises(TooLargeError):
        library.add("a.png", endless())
    assert read == 1100
    library.add("b.png", [bytes(1000)])
    assert len(blobs.objects) == 1


def test_the_quota_counts_each_content_once(open_library: OpenLibrary) -> None:
    library = open_library(quota_bytes=1000)
    for name in ("a.png", "b.png"):
        library.add(name, [bytes(600)])
    assert (library.usage().files, library.usage().size) == (2, 600)
    with pytest.raises(TooLargeError):
        library.add("c.png", [b"c" * 401])
    library.add("c.png", [b"c" * 400])
    library.remove(["c.png"])
    library.add("d.png", [b"d" * 400])
    lowered = open_library(quota_bytes=10)
    lowered.add("again.png", [bytes(600)])
    with pytest.raises(TooLargeError):
        lowered.add("e.png", [b"e"])


def test_two_at_once_cannot_pass_the_quota_together(
    open_library: OpenLibrary, blobs: MemoryBaseStore
) -> None:
    """Each sees room for itself; the second one's commit does not find it any more."""
    first, second = open_library(quota_bytes=1000), open_library(quota_bytes=1000)

    def while_second_comes() -> Iterator[bytes]:
        yield b"a" * 600
        second.add("b.png", [b"b" * 600])

    with pytest.raises(TooLargeError):
        first.add("a.png", while_second_comes())
    assert contents(first) == {"b.png": b"b" * 600}
    assert len(blobs.objects) == 1


def test_the_same_content_from_two_at_once_is_kept_once(
    open_library: OpenLibrary, blobs: MemoryBaseStore
) -> None:
    first, second = open_library(), open_library()

    def while_second_comes() -> Iterator[bytes]:
        yield b"same"
        second.add("b.png", [b"same"])

    assert first.add("a.png", while_second_comes()) == "a.png"
    assert contents(first) == {"a.png": b"same", "b.png": b"same"}
    assert len(blobs.objects) == 1


def test_content_that_goes_while_it_is_added_again_is_never_named(
    open_library: OpenLibrary, blobs: MemoryBaseStore
) -> None:
    first, second = open_library(), open_library()
    first.add("a.png", [b"same"])

    def while_it_is_removed() -> Iterator[bytes]:
        yield b"same"
        second.remove(["a.png"])

    with pytest.raises(ConflictError):
        first.add("b.png", while_it_is_removed())
    assert first.files() == []
    first.add("b.png", [b"same"])
    assert contents(first) == {"b.png": b"same"}


def test_many_at_once_leave_every_name_with_its_content(open_library: OpenLibrary) -> None:
    library = open_library(quota_bytes=10**6)

    def work(number: int) -> None:
        for step in range(6):
            name, content = f"{number % 3}-{step % 3}.png", f"{(number + step) % 4}".encode()
            try:
                stored = library.add(name, [content])
                assert b"".join(library.chunks(stored)) in {b"0", b"1", b"2", b"3"}
                library.remove([stored])
            except (ConflictError, NotFoundError):
                continue

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    for entry in library.files():
        content = b"".join(library.chunks(entry.name))
        assert hashlib.sha256(content).digest() == entry.sha256


def test_a_crash_anywhere_leaves_every_name_with_its_content(
    stores: Stores,
    blobs: MemoryBaseStore,
    storage: CollectionStorage,
    open_storage: OpenStorage,
    open_library: OpenLibrary,
    clock: Clock,
) -> None:
    """And what it leaves behind goes with the sweep a day later."""

    def work(library: MediaLibrary, number: int) -> None:
        library.add(f"{number}.png", [f"{number}".encode()])
        library.remove([f"{number - 1}.png"])

    library = open_library(quota_bytes=10**6)
    library.add("1.png", [b"1"])
    counted = Watch(Stores(blobs, stores.log))
    work(
        open_library(
            storage=open_storage(Stores(stores.base, counted.stores.log)), base=counted.stores.base
        ),
        2,
    )
    for place in places(counted.calls):
        for fault in (Fault.CRASH_BEFORE, Fault.CRASH_AFTER):
            watch = Watch(Stores(blobs, stores.log), failing_at(place, fault))
            crashing = open_library(
                storage=open_storage(Stores(stores.base, watch.stores.log)),
                base=watch.stores.base,
            )
            library.add("1.png", [b"1"])
            with pytest.raises(Crash):
                work(crashing, 2)
            assert all(content == name[:1].encode() for name, content in contents(library).items())
            for entry in library.files():
                library.remove([entry.name])
    clock.now_ms += 25 * HOUR_MS
    library.sweep()
    assert blobs.objects == {}


def test_the_sweep_takes_only_what_was_forgotten(
    open_library: OpenLibrary, blobs: MemoryBaseStore, clock: Clock
) -> None:
    library = open_library()
    library.add("kept.png", [b"kept"])
    faulty = open_library(base=FaultyBaseStore(blobs, plan_of("delete", *[Fault.OUTAGE] * 9)))
    library.add("lost.png", [b"lost"])
    faulty.remove(["lost.png"])
    assert len(blobs.objects) == 2
    clock.now_ms += 23 * HOUR_MS
    assert library.sweep() == 0
    clock.now_ms += 2 * HOUR_MS
    library.add("young.png", [b"young"])
    assert library.sweep() == 1
    assert contents(library) == {"kept.png": b"kept", "young.png": b"young"}
    assert len(blobs.objects) == 2


def test_a_late_removal_of_an_old_blob_does_not_touch_what_was_added_again(
    open_library: OpenLibrary, blobs: MemoryBaseStore
) -> None:
    faulty = FaultyBaseStore(blobs, plan_of("delete", Fault.LATE))
    library = open_library()
    library.add("a.png", [b"same"])
    open_library(base=faulty).remove(["a.png"])
    library.add("a.png", [b"same"])
    faulty.land()
    assert contents(library) == {"a.png": b"same"}


def test_when_the_outcome_of_the_commit_is_unknown_the_content_stays(
    stores: Stores, blobs: MemoryBaseStore, open_storage: OpenStorage, open_library: OpenLibrary
) -> None:
    library = open_library()
    library.add("first.png", [b"1"])
    watch = Watch(stores)
    watch.plan = lambda method: Fault.LOST_ANSWER if method == "append" else None
    cut_off = open_library(storage=open_storage(watch.stores))
    with pytest.raises(StorageUnavailableError):
        cut_off.add("second.png", [b"2"])
    assert contents(library) == {"first.png": b"1", "second.png": b"2"}


def test_what_takes_so_long_that_the_sweep_may_have_forgotten_it_gets_no_name(
    library: MediaLibrary, blobs: MemoryBaseStore, clock: Clock
) -> None:
    def slow() -> Iterator[bytes]:
        clock.now_ms += 13 * HOUR_MS
        yield b"x"

    with pytest.raises(ConflictError):
        library.add("a.png", slow())
    assert library.files() == []


def test_a_take_is_all_or_nothing(open_library: OpenLibrary, blobs: MemoryBaseStore) -> None:
    library = open_library(quota_bytes=100)
    library.add("a.png", [b"mine"])
    good = [Incoming("b.png", [b"b"]), Incoming("a.png", [b"theirs"])]
    for bad in (Incoming("c.png", [bytes(101)]), Incoming("/", [b"x"]), Incoming("d", [b"d" * 99])):
        with pytest.raises(JavumboError):
            library.intake().take([*good, bad])
    assert contents(library) == {"a.png": b"mine"}
    assert len(blobs.objects) == 1


def test_a_take_tells_the_stored_name_of_each_and_can_be_taken_back(
    library: MediaLibrary, blobs: MemoryBaseStore
) -> None:
    library.add("a.png", [b"mine"])
    library.add("same.png", [b"same"])
    intake = library.intake()
    names = intake.take(
        [
            Incoming("a.png", [b"the", b"irs"]),
            Incoming("same.png", [b"same"]),
            Incoming("other.png", [b"same"]),
            Incoming("e\u0301?.png", [b"e"]),
        ]
    )
    renamed = f"a-{hashlib.sha1(b'theirs').hexdigest()}.png"
    assert names == {
        "a.png": renamed,
        "same.png": "same.png",
        "other.png": "other.png",
        "e\u0301?.png": "é.png",
    }
    assert contents(library)[renamed] == b"theirs"
    assert intake.take([Incoming("later.png", [b"e"])]) == {"later.png": "later.png"}
    intake.take_back()
    intake.take_back()
    assert contents(library) == {"a.png": b"mine", "same.png": b"same"}
    assert len(blobs.objects) == 2


def test_a_take_reads_one_file_after_the_other(library: MediaLibrary) -> None:
    """A package is unpacked in its order, and never twice."""
    opened: list[str] = []

    class Noted(Incoming):
        def chunks(self) -> Iterator[bytes]:
            opened.append(self.name)
            yield self.name.encode()

    names = [f"{number}.png" for number in range(50)]
    library.intake().take(Noted(name, []) for name in names)
    assert opened == names
    assert contents(library) == {name: name.encode() for name in names}


def test_the_same_request_again_gets_the_first_outcome(
    library: MediaLibrary, blobs: MemoryBaseStore
) -> None:
    request = Request("key", b"digest")
    assert library.add("a.png", [b"1"], request) == "a.png"
    library.remove(["a.png"])
    library.add("a.png", [b"other"])
    assert library.add("a.png", [b"1"], request) == "a.png"
    assert contents(library) == {"a.png": b"other"}
    assert len(blobs.objects) == 1
    for _ in range(2):
        assert library.rename("a.png", "b.png", Request("key 2", b"")) == "b.png"
    for _ in range(2):
        assert library.remove(["b.png"], Request("key 3", b"")) == 1


def test_another_registration_has_media_of_its_own(
    storage: CollectionStorage, open_library: OpenLibrary
) -> None:
    bob = Owner("bob", "g2")
    storage.create(bob, build)
    hers, his = open_library(), open_library(bob)
    hers.add("a.png", [b"hers"])
    his.add("a.png", [b"his"])
    his.add("b.png", [b"hers"])
    assert contents(hers) == {"a.png": b"hers"}
    his.delete()
    assert contents(hers) == {"a.png": b"hers"}
    assert his.files() == []


def test_a_registration_that_has_ended_gets_no_index(
    storage: CollectionStorage, open_library: OpenLibrary, blobs: MemoryBaseStore
) -> None:
    """It would be in the way of the next registration of the name."""
    storage.delete(ADA)
    with pytest.raises(NotFoundError):
        open_library().add("a.png", [b"x"])
    assert not storage.exists(ADA.in_space(MEDIA))
    assert blobs.objects == {}
    again = Owner("ada", "g9")
    storage.create(again, build)
    assert open_library(again).add("a.png", [b"x"]) == "a.png"


def test_thousands_of_files_at_once(open_library: OpenLibrary) -> None:
    library = open_library(quota_bytes=10**6)
    files = [Incoming(f"{number}.png", [f"{number}".encode()]) for number in range(3_000)]
    assert len(library.intake().take(files)) == 3_000
    assert library.usage().files == 3_000
    assert b"".join(library.chunks("2999.png")) == b"2999"
    assert library.remove([file.name for file in files[1:]]) == 2_999
    assert contents(library) == {"0.png": b"0"}


def test_content_that_is_gone_is_told(library: MediaLibrary, blobs: MemoryBaseStore) -> None:
    library.add("a.png", [b"x"])
    for key in list(blobs.objects):
        blobs.delete(key)
    with pytest.raises(NotFoundError):
        b"".join(library.chunks("a.png"))


def test_an_outage_while_uploading_leaves_nothing(
    open_library: OpenLibrary, blobs: MemoryBaseStore
) -> None:
    """Also where many are on their way at once."""
    plan = iter([None] * 20 + [Fault.OUTAGE])
    faulty = FaultyBaseStore(blobs, lambda method: next(plan, None) if method == "put" else None)
    files = [Incoming(f"{number}.png", [f"{number}".encode()]) for number in range(60)]
    with pytest.raises(StorageUnavailableError):
        open_library(base=faulty).intake().take(files)
    assert blobs.objects == {}
    assert open_library().files() == []


def test_everybodys_media_are_swept_and_one_persons_trouble_is_nobody_elses(
    storage: CollectionStorage, open_library: OpenLibrary, blobs: MemoryBaseStore, clock: Clock
) -> None:
    bob = Owner("bob", "g2")
    storage.create(bob, build)
    libraries = {owner.in_space(MEDIA): open_library(owner) for owner in (ADA, bob)}
    for owner, library in libraries.items():
        library.add("a.png", [b"kept"])
        blob = new_blob(b"forgotten" * 3 + b"12345", clock.now_ms, 7)
        blobs.put(
            f"media/{owner.username}/{owner.generation}/{blob}", b"", metadata={}, if_match=None
        )
    clock.now_ms += 25 * HOUR_MS
    assert sweep_media(storage, libraries.__getitem__) == []
    assert len(blobs.objects) == 2

    def troubled(owner: Owner) -> MediaLibrary:
        if owner.username == "ada":
            raise StorageUnavailableError
        return libraries[owner]

    assert sweep_media(storage, troubled) == [ADA.in_space(MEDIA)]
