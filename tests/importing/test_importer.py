"""What an import does beside the collection: media, backups, progress, files on the disk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha1
from pathlib import Path
from typing import Any, cast

import pytest

from chalicelib.backups import Backups
from chalicelib.collection.create import create_collection
from chalicelib.errors import (
    BadInputError,
    ConflictError,
    IdempotencyKeyReusedError,
    JavumboError,
    StorageUnavailableError,
    TooLargeError,
    UnusableFileError,
)
from chalicelib.importer import Importer, Wanted
from chalicelib.media import MediaLibrary, MediaLimits, MediaOptions
from chalicelib.packages.text import TextOptions
from chalicelib.services import Services, build_services
from chalicelib.settings import Settings, load_settings
from chalicelib.storage import CollectionStorage, Owner, Request
from chalicelib.storage.directory import DirectoryBaseStore
from tests.importing.packages import lacking_its_last_file, with_media

DATA = Path(__file__).parent.parent / "data"
PACKAGE = DATA / "jlpt-n5-legacy.apkg"
OWNER = Owner("reader", "1")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    environ = {"JAVUMBO_DATA": str(tmp_path / "data"), "JAVUMBO_CACHE": str(tmp_path / "cache")}
    made = build_services(load_settings(environ))
    made.storage.create(
        OWNER, lambda conn: create_collection(conn, now_ms=made.now_ms(), minutes_west=0)
    )
    yield made
    assert list((tmp_path / "cache").glob("javumbo-*file-*")) == []


@dataclass
class FailingStorage:
    """A storage that commits no import, while everything else works."""

    works: CollectionStorage
    error: JavumboError

    def __getattr__(self, name: str) -> Any:
        return getattr(self.works, name)

    def transact(self, *args: Any, operation: str = "", **kwargs: Any) -> Any:
        if operation:
            raise self.error
        return self.works.transact(*args, **kwargs)

    def replace(self, *_: Any, **__: Any) -> Any:
        raise self.error


def names(services: Services) -> list[str]:
    return list(media(services))


def media(services: Services) -> dict[str, bytes]:
    library = services.media(OWNER)
    return {entry.name: b"".join(library.chunks(entry.name)) for entry in library.files()}


def fields(services: Services) -> list[str]:
    sql = "SELECT flds FROM notes ORDER BY id"
    rows = services.storage.read(OWNER, lambda conn: conn.execute(sql).fetchall())
    return [flds for (flds,) in rows]


def image(services: Services) -> bytes:
    return services.storage.image(OWNER)


def backups(services: Services) -> int:
    return len(services.backups.ids(OWNER))


def failing(services: Services, error: JavumboError) -> Importer:
    storage = FailingStorage(services.storage, error)
    return replace(services.importer, storage=cast(CollectionStorage, storage))


def test_media_are_taken_back_when_the_import_fails(services: Services) -> None:
    services.media(OWNER).add("mine.png", [b"mine"])
    with pytest.raises(TooLargeError):
        failing(services, TooLargeError()).run(OWNER, PACKAGE, Wanted(), None)
    assert names(services) == ["mine.png"]


@pytest.mark.parametrize("error", [StorageUnavailableError(), ConflictError()])
def test_media_stay_for_an_import_that_is_tried_again_or_may_have_happened(
    services: Services, error: JavumboError
) -> None:
    with pytest.raises(type(error)):
        failing(services, error).run(OWNER, PACKAGE, Wanted(), None)
    assert len(names(services)) == 12


@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_a_file_on_the_disk_is_imported_once_however_often_it_is_asked_for(
    services: Services, mode: Any
) -> None:
    wanted, request = Wanted(format="colpkg", mode=mode), Request("key", b"digest")
    file = DATA / "jlpt-n5-studied.colpkg"
    seen: list[tuple[str, int, int]] = []
    report = services.importer.run(
        OWNER, file, wanted, request, lambda *progress: seen.append(progress)
    )
    assert (report["notes"]["new"], report["cards"], report["media"]) == (318, 630, 12)
    assert {("collection", 0, 1), ("media", 0, 12), ("media", 12, 12)} <= set(seen)
    assert services.importer.run(OWNER, file.read_bytes(), wanted, request) == report
    assert [step.operation for step in services.storage.history(OWNER).undo] == ["Import"]


def test_what_was_there_before_is_backed_up(services: Services) -> None:
    services.importer.run(OWNER, PACKAGE, Wanted(), None)
    assert [backup.id.kind for backup in services.backups.of(OWNER)] == ["import"]


def test_a_text_file_on_the_disk_is_read_within_its_limit(
    services: Services, tmp_path: Path
) -> None:
    file = tmp_path / "words.csv"
    file.write_text("one,eins\ntwo,zwei\n")
    wanted = Wanted(format="csv")
    assert services.importer.run(OWNER, file, wanted, None)["notes"]["new"] == 2
    with file.open("r+b") as opened:
        opened.truncate(33 * 1024 * 1024)
    with pytest.raises(JavumboError, match="at most"):
        services.importer.run(OWNER, file, wanted, None)


HERE = {"a.png": b"mine", "same.png": b"same", "_style.css": b"mine", "_same.css": b"same"}
CAME = {**HERE, "a.png": b"theirs", "_style.css": b"theirs", "_new.css": b"n", "new.png": b"new"}
A_HERE, A_CAME = (f"a-{sha1(content).hexdigest()}.png" for content in (b"mine", b"theirs"))


def fill(services: Services) -> None:
    for name, content in HERE.items():
        services.media(OWNER).add(name, [content])


def test_files_whose_names_are_taken_get_others_and_the_notes_say_so(services: Services) -> None:
    fill(services)
    report = services.importer.run(OWNER, with_media(CAME), Wanted(), None)
    # Names that templates refer to cannot change: what is there stays.
    assert media(services) == {**CAME, **HERE, A_CAME: b"theirs"}
    assert report["media"] == len(CAME) - len(["_style.css"])
    assert {field.partition("'")[2].partition("'")[0] for field in fields(services)} == {
        A_CAME if name == "a.png" else name for name in CAME
    }


def test_a_collection_in_the_others_place_finds_its_files_under_their_names(
    services: Services,
) -> None:
    fill(services)
    report = services.importer.run(OWNER, with_media(CAME), Wanted(mode="replace"), None)
    kept = f"_style-{sha1(b'mine').hexdigest()}.css"
    assert media(services) == {**HERE, **CAME, A_HERE: b"mine", kept: b"mine"}
    assert report["media"] == len(CAME)
    assert not any(A_CAME in field for field in fields(services))


@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_an_import_that_was_cut_short_after_its_media_ends_as_if_it_were_not(
    services: Services, tmp_path: Path, mode: Any
) -> None:
    fill(services)
    wanted, request = Wanted(mode=mode), Request("key", b"digest")
    with pytest.raises(StorageUnavailableError):
        failing(services, StorageUnavailableError()).run(OWNER, with_media(CAME), wanted, request)
    assert fields(services) == []
    report = services.importer.run(OWNER, with_media(CAME), wanted, request)
    environ = {"JAVUMBO_DATA": str(tmp_path / "2"), "JAVUMBO_CACHE": str(tmp_path / "cache")}
    other = build_services(load_settings(environ))
    other.storage.create(
        OWNER, lambda conn: create_collection(conn, now_ms=other.now_ms(), minutes_west=0)
    )
    fill(other)
    assert other.importer.run(OWNER, with_media(CAME), wanted, request) == report
    assert media(services) == media(other)
    assert fields(services) == fields(other)


REFUSED: list[tuple[bytes, Wanted, type[JavumboError]]] = [
    (b"no file of Anki", Wanted(), UnusableFileError),
    (b"no file of Anki", Wanted(mode="replace"), UnusableFileError),
    (with_media(CAME)[:-99], Wanted(), UnusableFileError),
    (lacking_its_last_file(CAME), Wanted(), UnusableFileError),
    (lacking_its_last_file(CAME), Wanted(mode="replace"), UnusableFileError),
    (with_media({**CAME, "huge.png": bytes(2_000_000)}), Wanted(), TooLargeError),
    (with_media({**CAME, "huge.png": bytes(2_000_000)}), Wanted(mode="replace"), TooLargeError),
    (with_media(CAME), Wanted(format="anki2"), UnusableFileError),
    (with_media(CAME), Wanted(format="apkg", mode="replace"), BadInputError),
    (b"a,b", Wanted(format="csv", mode="replace"), BadInputError),
    (b"a,b", Wanted(format="csv", text=TextOptions(deck_id=404)), BadInputError),
    (b"\xff,b", Wanted(format="csv"), UnusableFileError),
    (b"", Wanted(format="txt"), UnusableFileError),
]


@pytest.mark.parametrize(("file", "wanted", "error"), REFUSED)
def test_what_is_refused_leaves_nothing_not_even_a_backup(
    services: Services, file: bytes, wanted: Wanted, error: type[JavumboError]
) -> None:
    fill(services)
    before = image(services)
    settings = replace(services.settings, max_media_file_bytes=1_000_000)
    importer = replace(services.importer, media=limited_media(services, settings))
    with pytest.raises(error):
        importer.run(OWNER, file, wanted, Request("key", b"digest"))
    assert image(services) == before
    assert media(services) == HERE
    assert backups(services) == 0


def limited_media(services: Services, settings: Settings) -> Callable[[Owner], MediaLibrary]:
    base = DirectoryBaseStore(services.settings.data_dir / "media")
    limits = MediaLimits(settings.max_media_file_bytes, settings.media_quota_bytes)
    options = MediaOptions(limits, services.now_ms, services.random_bits)
    return lambda owner: MediaLibrary(services.storage, base, owner, options)


@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_a_commit_that_is_refused_leaves_all_media_as_they_were(
    services: Services, mode: Any
) -> None:
    fill(services)
    with pytest.raises(TooLargeError):
        failing(services, TooLargeError()).run(OWNER, with_media(CAME), Wanted(mode=mode), None)
    assert media(services) == HERE


@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_a_repeated_request_reads_no_file_and_makes_no_backup(
    services: Services, tmp_path: Path, mode: Any
) -> None:
    wanted, request = Wanted(mode=mode), Request("key", b"digest")
    report = services.importer.run(OWNER, with_media(CAME), wanted, request)
    services.storage.transact(OWNER, lambda conn: conn.execute("UPDATE col SET dty = 1") and None)
    made = backups(services)
    gone = tmp_path / "gone.apkg"
    assert services.importer.run(OWNER, gone, wanted, request) == report
    assert backups(services) == made == 1
    with pytest.raises(IdempotencyKeyReusedError):
        services.importer.run(OWNER, gone, wanted, Request("key", b"other"))


def test_text_is_imported_once_for_one_request(services: Services, tmp_path: Path) -> None:
    wanted = Wanted(format="csv", text=TextOptions(if_matches="duplicate"))
    request = Request("key", b"digest")
    report = services.importer.run(OWNER, b"one,eins", wanted, request)
    assert services.importer.run(OWNER, tmp_path / "gone.csv", wanted, request) == report
    assert (fields(services), backups(services)) == (["one\x1feins"], 1)


@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_where_no_backup_can_be_made_nothing_is_imported(services: Services, mode: Any) -> None:
    class NoBackups:
        def make(self, *_: object) -> None:
            raise StorageUnavailableError

    importer = replace(services.importer, backups=cast(Backups, NoBackups()))
    before = image(services)
    for file, wanted in ((with_media(CAME), Wanted(mode=mode)), (b"a,b", Wanted(format="csv"))):
        with pytest.raises(StorageUnavailableError):
            importer.run(OWNER, file, wanted, None)
    assert image(services) == before
