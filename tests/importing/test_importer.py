"""What an import does beside the collection: media, backups, progress, files on the disk."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from chalicelib.collection.create import create_collection
from chalicelib.errors import (
    ConflictError,
    JavumboError,
    StorageUnavailableError,
    TooLargeError,
)
from chalicelib.importer import Importer, Wanted
from chalicelib.services import Services, build_services
from chalicelib.settings import load_settings
from chalicelib.storage import CollectionStorage, Owner, Request

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
    """A storage whose transactions fail, while everything else works."""

    works: CollectionStorage
    error: JavumboError

    def __getattr__(self, name: str) -> Any:
        return getattr(self.works, name)

    def transact(self, *_: Any, **__: Any) -> Any:
        raise self.error


def names(services: Services) -> list[str]:
    return [entry.name for entry in services.media(OWNER).files()]


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
