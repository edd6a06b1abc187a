"""`javumbo export`: what lies where afterwards, and that it is whole or not there."""

import csv
import zipfile
from pathlib import Path
from typing import Any

import pytest

from javumbo.client import Javumbo, UnreachableError
from javumbo.client.exporting import EXPORT_FORMATS, export_format_of
from tests.client.conftest import Cli
from tests.client.stub import SILENT, Answer, Asked, Stub, file, ok, refused
from tests.client.test_commands import javumbo
from tests.support.anki import assert_clean
from tests.support.server import Person

CONTENT = bytes(range(256)) * 5000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current one."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_whole_collection_is_a_file_that_anki_finds_clean(
    ada: Cli, person: Person, folder: Path
) -> None:
    person.card(1, "a")
    ran = ada("export")
    assert (ran.code, ran.err) == (0, "")
    (path,) = folder.iterdir()
    assert path.name.startswith(f"{person.username}-")
    assert path.suffix == ".anki2"
    assert ran.out == f"{path.name} ({path.stat().st_size} bytes)\n"
    assert assert_clean(path)["counts"]["notes"] == 1


def test_the_name_of_the_file_says_its_format(ada: Cli, person: Person, folder: Path) -> None:
    person.card(person.deck("Geo::Capitals"), "France", "Paris")
    person.card(person.deck("Spanish"), "hola", "hello")
    assert ada("export", "geo.csv", "--deck", "geo", "--quiet").out == ""
    with Path("geo.csv").open(encoding="utf-8-sig", newline="") as table:
        assert [row[0] for row in csv.reader(table)] == ["Front", "France"]
    assert ada("export", "hola.txt", "--search", "front:hola").code == 0
    assert "hello" in Path("hola.txt").read_text()
    assert ada("export", "geo.apkg", "--deck", "Geo", "--no-media", "--legacy").code == 0
    assert "collection.anki2" in zipfile.ZipFile("geo.apkg").namelist()
    assert ada("export", "all.txt", "--format", "anki2").code == 0
    assert Path("all.txt").read_bytes().startswith(b"SQLite format 3")


def test_every_format_has_a_name_of_its_own() -> None:
    by_name = {export_format_of(Path(f"x.{name}")) for name in EXPORT_FORMATS}
    assert by_name == set(EXPORT_FORMATS)
    assert export_format_of(Path("X.TXT")) == "notes_txt"
    assert export_format_of(Path("x")) == export_format_of(None) == "anki2"


def test_what_a_format_does_not_leave_is_refused_with_its_name(ada: Cli, folder: Path) -> None:
    ran = ada("export", "x.anki2", "--no-scheduling")
    assert (ran.code, ran.out) == (1, "")
    assert "  scheduling: is not for the format anki2" in ran.err
    assert ada("export", "x.apkg", "--deck", "Nowhere").code == 1
    assert names(folder) == []


def test_a_file_that_is_named_is_replaced_and_one_in_a_folder_is_not(
    stubbed: Cli, stub: Stub, folder: Path
) -> None:
    stub.answers(file(CONTENT, "ada.anki2"))
    (folder / "mine.anki2").write_text("old")
    (folder / "ada.anki2").write_text("old")
    (folder / "below").mkdir()
    assert stubbed("export", "mine.anki2").code == 0
    assert (folder / "mine.anki2").read_bytes() == CONTENT
    refused = stubbed("export")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == "javumbo: ada.anki2 is there already: name a file to replace.\n"
    assert stubbed("export", "below").code == 0
    assert (folder / "below" / "ada.anki2").read_bytes() == CONTENT
    assert (folder / "ada.anki2").read_text() == "old"


@pytest.mark.parametrize(
    ("served", "name"),
    [
        ("../../evil", "evil"),
        ("/etc/passwd", "etc-passwd"),
        (".bashrc", "bashrc"),
        ("a\x1b[2Jb", "a-2Jb"),
        ("..", "javumbo-export"),
        ("", "javumbo-export"),
    ],
)
def test_the_services_name_leads_nowhere_else(
    served: str, name: str, stubbed: Cli, stub: Stub, folder: Path
) -> None:
    stub.answers(file(CONTENT, served))
    assert stubbed("export").code == 0
    assert names(folder) == [name]


def test_an_address_is_followed_without_the_token(stubbed: Cli, stub: Stub, folder: Path) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/api/export":
            return ok(url=f"{stub.url}/bucket/x?sig=1", expires_at=1, bytes=len(CONTENT))
        assert (asked.path, asked.query) == ("/bucket/x", {"sig": "1"})
        return file(CONTENT, "ada.colpkg")

    stub.answer = answer
    assert stubbed("export", "--format", "colpkg").code == 0
    assert (folder / "ada.colpkg").read_bytes() == CONTENT
    asked, fetched = stub.asked
    assert asked.headers["authorization"] == "Bearer secret-token"
    assert asked.query == {"format": "colpkg"}
    assert "authorization" not in fetched.headers


def test_what_comes_short_is_fetched_again_and_never_kept(
    stub: Stub, stub_client: Javumbo, folder: Path, waits: list[float]
) -> None:
    stub.answers(file(CONTENT, cut=1), SILENT, refused(503, "x"), file(CONTENT))
    assert stub_client.export("all.anki2").bytes == len(CONTENT)
    assert (folder / "all.anki2").read_bytes() == CONTENT
    assert waits == [0.2, 0.6, 1.8]
    stub.answers(file(CONTENT, cut=1))
    with pytest.raises(UnreachableError):
        stub_client.export("all.anki2")
    assert names(folder) == ["all.anki2"]
    assert (folder / "all.anki2").read_bytes() == CONTENT


def test_a_file_of_another_size_than_was_said_is_not_kept(
    stub: Stub, stub_client: Javumbo, folder: Path
) -> None:
    offer = ok(url="/downloads/t", expires_at=1, bytes=len(CONTENT) + 1)
    stub.answer = lambda asked: offer if asked.path == "/api/export" else file(CONTENT)
    with pytest.raises(UnreachableError, match="of its"):
        stub_client.export()
    assert names(folder) == []


def test_progress_counts_the_bytes(stub: Stub, stub_client: Javumbo, folder: Path) -> None:
    stub.answers(file(CONTENT))
    seen: list[Any] = []
    stub_client.export(progress=lambda *told: seen.append(told))
    assert seen[0] == ("download", 0, len(CONTENT))
    assert seen[-1] == ("download", len(CONTENT), len(CONTENT))


def test_a_folder_that_is_not_there_is_one_sentence(stubbed: Cli, stub: Stub, folder: Path) -> None:
    stub.answers(file(CONTENT))
    ran = stubbed("export", "none/all.anki2")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "javumbo: none/all.anki2 cannot be written: No such file or directory.\n"
    (folder / "file").write_text("")
    assert stubbed("export", "file/all.anki2").code == 2


def test_a_full_disk_is_one_sentence_and_leaves_the_old_file(
    stubbed: Cli, stub: Stub, folder: Path, config: Path
) -> None:
    stub.answers(file(CONTENT))
    (folder / "all.anki2").write_text("old")
    # A limit on the size of files stands for a disk without space.
    limited = (
        "import resource, sys; from javumbo.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "sys.exit(main(['export', 'all.anki2']))"
    )
    with javumbo(config=config, cwd=folder, program=["-c", limited]) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, b"")
    assert err == b"javumbo: all.anki2 cannot be written: File too large.\n"
    assert names(folder) == ["all.anki2"]
    assert (folder / "all.anki2").read_text() == "old"
