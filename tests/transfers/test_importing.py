"""Real packages through the service's own imports, in processes that die."""

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec import structs

from chalicelib.collection.create import create_collection
from chalicelib.errors import (
    BadInputError,
    ConflictError,
    JavumboError,
    StorageUnavailableError,
    TooLargeError,
)
from chalicelib.importer import Wanted
from chalicelib.importing import FileImporter, request_of, wanted_of
from chalicelib.packages import ImportOptions
from chalicelib.packages.text import TextOptions
from chalicelib.services import Services
from chalicelib.storage import CollectionStorage, Owner
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.transfers import FileFormat, Imports, Job, JobStore, ReportProgress
from chalicelib.transfers.jobs import ImportMode
from chalicelib.transfers.steps import HOLD_MS
from tests.support.collections import NOW_MS
from tests.transfers.dying_service import OWNER, services_in
from tests.transfers.packages import write_package

ROOT = Path(__file__).parent.parent.parent
# More than are stored at a time.
FILES, BATCH = 250, 200


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """The service over an empty collection of Ada's."""
    services = services_in(tmp_path)
    services.storage.create(
        OWNER, lambda conn: create_collection(conn, now_ms=NOW_MS, minutes_west=0)
    )
    return services


def later_imports(services: Services, tmp_path: Path) -> Imports:
    """What another process has when nobody has been at work for a while."""

    def later_ms() -> int:
        return services.now_ms() + HOLD_MS

    jobs = JobStore(
        DirectoryBaseStore(tmp_path / "data"), now_ms=later_ms, random_bits=services.random_bits
    )
    importer = FileImporter(services.importer)
    return Imports(jobs, services.transfers, importer, now_ms=later_ms)


def upload(services: Services, file: Path, file_format: FileFormat = "apkg") -> str:
    # Offered as a large one, so that it is not imported at once.
    offer = services.transfers.offer_upload(OWNER, 1 << 28, file_format)
    assert services.door
    services.door.receive(offer.address.url.removeprefix("/uploads/"), [file.read_bytes()])
    return offer.upload_id


@pytest.mark.parametrize("mode", ["merge", "replace"])
@pytest.mark.parametrize("place", [("media", 0), ("media", BATCH), ("collection", 0), ("end", 0)])
def test_a_package_is_imported_once_whatever_dies(
    services: Services, tmp_path: Path, place: tuple[str, int], mode: ImportMode
) -> None:
    upload_id = upload(services, write_package(tmp_path / "given.apkg", FILES, 10), "colpkg")
    services.imports.on_step_due(lambda *_: None)
    services.imports.start(OWNER, upload_id, None, mode)
    command = [sys.executable, "-m", "tests.transfers.dying_service", str(tmp_path), upload_id]
    killed = subprocess.run([*command, place[0], str(place[1])], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    later_imports(services, tmp_path).resume()
    job = services.imports.get(OWNER, upload_id)
    assert job.state == "done", job
    assert job.result
    assert (job.result["notes"]["new"], job.result["media"]) == (FILES, FILES)
    count = "SELECT count(*) FROM notes"
    assert services.storage.read(OWNER, lambda conn: conn.execute(count).fetchone()) == (FILES,)
    library = services.media(OWNER)
    assert {entry.name for entry in library.files()} == {f"{n}.jpg" for n in range(FILES)}
    assert [entry.operation for entry in services.storage.history(OWNER).undo] == ["Import"]


def test_the_next_step_goes_on_with_the_files_that_are_stored(
    services: Services, tmp_path: Path
) -> None:
    upload_id = upload(services, write_package(tmp_path / "given.apkg", FILES, 10))
    clock = [services.now_ms()]
    importer = FileImporter(services.importer)

    def slow(owner: Owner, path: Path, job: Job, progress: ReportProgress) -> dict[str, Any]:
        def reported(phase: str, done: int, total: int) -> None:
            clock[0] += 1000 if done == BATCH else 0
            progress(phase, done, total)

        return importer(owner, path, job, reported)

    jobs = JobStore(
        DirectoryBaseStore(tmp_path / "data"),
        now_ms=lambda: clock[0],
        random_bits=services.random_bits,
    )
    imports = Imports(jobs, services.transfers, slow, now_ms=lambda: clock[0])
    imports.on_step_due(lambda *_: None)
    imports.start(OWNER, upload_id, None, "merge")
    job = imports.run(OWNER, upload_id, budget_ms=1000)
    assert (job.state, job.progress.done) == ("waiting", BATCH)
    assert len(services.media(OWNER).files()) == BATCH
    assert imports.run(OWNER, upload_id, budget_ms=10_000).state == "done"
    assert len(services.media(OWNER).files()) == FILES


class Refusing:
    """A storage that refuses every change of a collection."""

    def __init__(self, storage: CollectionStorage, error: JavumboError) -> None:
        self._storage = storage
        self._error = error

    def transact(self, *_: object, **__: object) -> Any:
        raise self._error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)


@pytest.mark.parametrize(
    ("error", "files"), [(TooLargeError(), 0), (StorageUnavailableError(), 3), (ConflictError(), 3)]
)
def test_files_stay_only_where_the_import_may_be_tried_again(
    services: Services, tmp_path: Path, error: JavumboError, files: int
) -> None:
    package = write_package(tmp_path / "given.apkg", 3, 10)
    storage = cast(CollectionStorage, Refusing(services.storage, error))
    importer = replace(services.importer, storage=storage)
    with pytest.raises(type(error)):
        importer.run(OWNER, package, Wanted(), None)
    assert len(services.media(OWNER).files()) == files


def test_the_options_are_those_of_the_wish_and_tell_requests_apart() -> None:
    options = {"update_notes": "never", "merge_notetypes": True, "tags": ["a"], "deck_id": 7}
    job = Job(id="1", format="csv", mode="merge", etag="e", options=options)
    wanted = wanted_of(job)
    assert wanted.options == ImportOptions(update_notes="never", merge_notetypes=True)
    assert wanted.text == TextOptions(tags=["a"], deck_id=7)
    others = [
        structs.replace(job, options=options | {"deck_id": 8}),
        structs.replace(job, options={}),
        structs.replace(job, mode="replace"),
        structs.replace(job, format="tsv"),
    ]
    requests = [request_of(each) for each in (job, *others)]
    assert len({request.digest for request in requests}) == len(requests)
    assert {request.key for request in requests} == {"1"}
    with pytest.raises(BadInputError):
        wanted_of(structs.replace(job, options={"update_notes": "maybe"}))
