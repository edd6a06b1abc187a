"""`javumbo import`: small files, large files, options, and what goes wrong."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from javumbo.client import Javumbo, UnfinishedError, WrongUsageError
from javumbo.client.importing import INLINE_BYTES
from tests.client.conftest import MAX_BODY_BYTES, Cli
from tests.client.stub import SILENT, Answer, Asked, Stub, ok, refused
from tests.support.server import ROOT, Person

DATA = ROOT / "tests" / "data"
SMALL = DATA / "jlpt-n1-grammar.apkg"
LARGER = DATA / "jlpt-n5-legacy.apkg"
LOG = "Doubled cards left out: 2."
RESULT = {
    "notes": {"new": 1, "updated": 2, "unchanged": 3, "conflicting": 4},
    "cards": 5,
    "revlog": 6,
    "media": 7,
    "log": [LOG],
}


@pytest.fixture
def client(person: Person, base_url: str) -> Any:
    token = person.http.headers["Authorization"].removeprefix("Bearer ")
    with Javumbo(base_url, token) as client:
        yield client


class Watcher:
    def __init__(self) -> None:
        self.seen: list[tuple[str, int, int]] = []

    def __call__(self, phase: str, done: int, total: int) -> None:
        self.seen.append((phase, done, total))


def test_a_package_is_merged_and_counted(ada: Cli, person: Person) -> None:
    ran = ada("import", LARGER)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[:2] == [
        "Notes: 318 new, 0 updated, 0 unchanged, 0 conflicting.",
        "Added: 630 cards, 2838 reviews, 12 media files.",
    ]
    again = ada("import", LARGER)
    assert again.out.startswith("Notes: 0 new, 0 updated, 318 unchanged")
    assert person.ok("GET", "/api/cards")["pagination"]["total"] == 630
    assert ada("import", SMALL, "--quiet").out == ""


def test_what_is_over_the_services_own_limit_goes_by_an_upload(client: Javumbo) -> None:
    assert MAX_BODY_BYTES < LARGER.stat().st_size < INLINE_BYTES
    watcher = Watcher()
    assert client.import_file(LARGER, progress=watcher).notes.new == 318
    size = LARGER.stat().st_size
    uploads = [(done, total) for phase, done, total in watcher.seen if phase == "upload"]
    assert (uploads[0], uploads[-1]) == ((0, size), (size, size))
    small = Watcher()
    client.import_file(SMALL, progress=small)
    assert small.seen == []


def test_what_no_request_can_hold_goes_on_in_the_background(
    client: Javumbo, person: Person, tmp_path: Path
) -> None:
    large = grown(tmp_path / "large.anki2")
    watcher = Watcher()
    report = client.import_file(large, progress=watcher)
    assert report.notes.new == 318
    assert person.ok("GET", "/api/cards")["pagination"]["total"] == 630
    assert watcher.seen[0] == ("upload", 0, large.stat().st_size)
    assert [phase for phase, _, _ in watcher.seen][-1] != "upload"


def grown(path: Path) -> Path:
    """A collection that is too large for a request by its second fields."""
    shutil.copy(DATA / "jlpt-n5-studied.anki2", path)
    path.chmod(0o600)
    with closing(sqlite3.connect(path)) as conn:
        conn.create_function("grow", 1, lambda text: text + "x" * 20_000)
        conn.execute("UPDATE notes SET flds = grow(flds)")
        conn.commit()
    assert path.stat().st_size > INLINE_BYTES
    return path


def test_a_collection_takes_the_place_of_another(ada: Cli, person: Person) -> None:
    person.card(person.deck("Old"), "old")
    assert ada("import", DATA / "jlpt-n5-studied.anki2", "--replace").code == 0
    assert "Old" not in ada("decks").out
    assert person.ok("GET", "/api/cards")["pagination"]["total"] == 630
    refused = ada("import", SMALL, "--replace")
    assert refused.code == 1
    assert "  mode: " in refused.err


def test_options_of_a_package_count(ada: Cli, person: Person) -> None:
    assert ada("import", SMALL, "--no-scheduling", "--update-notes", "never").code == 0
    assert person.ok("GET", "/api/cards", params={"q": "-is:new"})["pagination"]["total"] == 0


def test_options_of_a_text_file_count(ada: Cli, person: Person, tmp_path: Path) -> None:
    person.deck("Geo::Capitals")
    text = tmp_path / "capitals.txt"
    text.write_text("Name;Capital\nFrance;<b>Paris</b>\nItaly;Rome\n")
    options = ["--deck", "Geo::Capitals", "--notetype", "Basic", "--tag", "one", "--tag", "two"]
    ran = ada("import", text, *options, "--delimiter", "semicolon", "--names-row", "--no-html")
    assert ran.out.startswith("Notes: 2 new"), ran.err
    cards = person.ok("GET", "/api/cards", params={"q": "deck:Geo::Capitals"})["cards"]
    assert [card["back"] for card in cards] == ["&lt;b&gt;Paris&lt;/b&gt;", "Rome"]
    assert cards[0]["tags"] == ["one", "two"]
    assert ada("import", text, "--deck", "Nowhere").code == 1


def test_options_count_for_a_large_file_too(ada: Cli, person: Person, tmp_path: Path) -> None:
    assert ada("import", LARGER, "--no-scheduling").code == 0
    assert person.ok("GET", "/api/cards", params={"q": "-is:new"})["pagination"]["total"] == 0
    text = tmp_path / "long.csv"
    text.write_text("".join(f"{number},{'x' * 1000}\n" for number in range(300)))
    assert text.stat().st_size > MAX_BODY_BYTES
    assert ada("import", text, "--tag", "one", "--tag", "two").code == 0
    assert (
        person.ok("GET", "/api/cards", params={"q": "tag:one tag:two"})["pagination"]["total"]
        == 300
    )


def test_files_that_cannot_be_read_are_one_sentence(ada: Cli, tmp_path: Path) -> None:
    (tmp_path / "folder.apkg").mkdir()
    for name, said in [
        ("none.apkg", "none.apkg cannot be read: No such file or directory."),
        ("folder.apkg", "folder.apkg is not a file."),
        ("cards.docx", "say which format it has."),
    ]:
        ran = ada("import", tmp_path / name)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.count("\n") == 1
        assert said in ran.err


@pytest.mark.parametrize("size", [0, 100, MAX_BODY_BYTES + 1])
def test_a_file_that_is_none_is_refused(
    ada: Cli, person: Person, tmp_path: Path, size: int
) -> None:
    broken = tmp_path / "broken.apkg"
    broken.write_bytes(bytes(size))
    ran = ada("import", broken)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("javumbo: ")
    assert person.ok("GET", "/api/cards")["pagination"]["total"] == 0


def steps(stub: Stub, states: list[Answer], *, post: bool = False) -> Callable[[Asked], Answer]:
    """A service that takes uploads only, at an address of its own or by a form elsewhere."""
    offer = {"upload_id": "up", "method": "PUT", "fields": {}, "url": "/uploads/t"}
    if post:
        fields = {"key": "uploads/up", "policy": "p", "x-amz-signature": "s"}
        offer |= {"method": "POST", "fields": fields, "url": f"{stub.url}/bucket"}

    def answer(asked: Asked) -> Answer:
        if asked.path == "/api/import":
            return refused(413, "too_large")
        if asked.path == "/api/uploads":
            return ok(**offer)
        if asked.path in {"/uploads/t", "/bucket"}:
            return Answer(204) if post else ok(bytes=1)
        return states.pop(0)

    return answer


def standing(state: str, **more: Any) -> Answer:
    progress = {"phase": "media", "done": 2, "total": 9}
    return ok(import_id="up", state=state, progress=progress, **more)


def test_phases_of_an_import_are_told_until_it_is_done(
    stub: Stub, stub_client: Javumbo, waits: list[float]
) -> None:
    states = [standing("waiting"), standing("running"), standing("done", result=RESULT)]
    stub.answer = steps(stub, states)
    watcher = Watcher()
    report = stub_client.import_file(SMALL, progress=watcher)
    assert (report.notes.conflicting, report.media, report.log) == (4, 7, (LOG,))
    assert watcher.seen[-1] == ("media", 2, 9)
    assert len(waits) == 2
    asked = {one.path: one for one in stub.asked}
    assert asked["/api/uploads"].json == {"bytes": SMALL.stat().st_size, "format": "apkg"}
    wanted = {"upload_id": "up", "format": "apkg", "mode": "merge"}
    assert asked["/api/imports"].json == wanted
    assert asked["/uploads/t"].body == SMALL.read_bytes()


def test_a_form_of_a_store_is_filled_in_without_the_token(stub: Stub, stub_client: Javumbo) -> None:
    stub.answer = steps(stub, [standing("done", result=RESULT)], post=True)
    stub_client.import_file(SMALL)
    (sent,) = [asked for asked in stub.asked if asked.path == "/bucket"]
    assert sent.method == "POST"
    assert "authorization" not in sent.headers
    parts = sent.body.split(b"--" + sent.headers["content-type"].partition("boundary=")[2].encode())
    names = [part.partition(b'name="')[2].partition(b'"')[0] for part in parts[1:-1]]
    assert names == [b"key", b"policy", b"x-amz-signature", b"file"]
    assert parts[-2].partition(b"\r\n\r\n")[2] == SMALL.read_bytes() + b"\r\n"


def test_an_upload_that_breaks_off_is_sent_again(
    stub: Stub, stub_client: Javumbo, waits: list[float]
) -> None:
    usual = steps(stub, [standing("done", result=RESULT)])
    broken = [SILENT, refused(503, "x")]
    stub.answer = lambda asked: (
        broken.pop(0) if broken and asked.path == "/uploads/t" else usual(asked)
    )
    stub_client.import_file(SMALL)
    sent = [asked.body for asked in stub.asked if asked.path == "/uploads/t"]
    assert sent == [SMALL.read_bytes()] * 3
    assert waits == [0.2, 0.6]


def test_a_store_that_refuses_a_file_is_an_error(stub: Stub, stubbed: Cli) -> None:
    usual = steps(stub, [])
    refusal = Answer(403, b"<Error><Code>AccessDenied</Code></Error>")
    stub.answer = lambda asked: refusal if asked.path == "/uploads/t" else usual(asked)
    ran = stubbed("import", SMALL)
    assert (ran.code, ran.err) == (
        1,
        f"javumbo: {stub.url} refuses with the status 403 (Forbidden).\n",
    )


def test_an_import_that_fails_says_why(stub: Stub, stubbed: Cli) -> None:
    failure = {"error": "unusable_file", "message": "No cards.", "fields": {"file": "is empty"}}
    stub.answer = steps(stub, [standing("running"), standing("failed", failure=failure)])
    ran = stubbed("import", SMALL)
    assert (ran.code, ran.out, ran.err) == (1, "", "javumbo: No cards.\n  file: is empty\n")


def test_an_import_that_takes_too_long_is_left_alone(stub: Stub, stubbed: Cli) -> None:
    stub.answer = steps(stub, [standing("running")] * 100)
    ran = stubbed("import", SMALL, "--timeout", "0.3")
    assert (ran.code, ran.out) == (5, "")
    assert "takes longer than 0.3 seconds" in ran.err


def test_the_library_raises_what_the_command_says(
    stub: Stub, stub_client: Javumbo, tmp_path: Path
) -> None:
    stub.answer = steps(stub, [standing("waiting")] * 100)
    with pytest.raises(UnfinishedError):
        stub_client.import_file(SMALL, timeout_s=0)
    with pytest.raises(WrongUsageError):
        stub_client.import_file(tmp_path / "cards.docx")
