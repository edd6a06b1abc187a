"""The command line as a whole, and the commands that only look."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from javumbo.cli import COMMANDS
from javumbo.client import Javumbo
from javumbo.commands.exit_codes import LISTED
from tests.client.conftest import Cli
from tests.client.stub import Answer, Stub, file, ok
from tests.support.server import ROOT, Person

OF_A_PERSON = ("login", "logout", "decks", "add", "import", "export", "stats")
DECK = {
    "id": 5,
    "name": "Geo",
    "description": "",
    "parent_id": None,
    "level": 1,
    "counts": {"new": 1, "learn": 2, "review": 3},
    "total_cards": 4,
}


@pytest.mark.parametrize("command", OF_A_PERSON)
def test_help_lists_the_exit_codes(cli: Cli, command: str) -> None:
    ran = cli(command, "--help")
    assert ran.code == 0
    assert ran.out.endswith(LISTED)
    assert command in COMMANDS


def test_the_readme_lists_the_same_exit_codes() -> None:
    readme = (ROOT / "README.md").read_text()
    for line in LISTED.splitlines()[1:]:
        number, _, meaning = line.strip().partition("  ")
        assert f"| {number} | {meaning} |" in readme


@pytest.mark.parametrize("command", ["serve", "storage"])
def test_who_runs_the_service_loads_nothing_of_the_client(command: str) -> None:
    script = (
        "import sys; from javumbo.cli import main\n"
        f"try: main(['{command}', '--help'])\n"
        "except SystemExit: pass\n"
        "assert 'javumbo.{command}'.format(command=sys.argv[1]) in sys.modules\n"
        "assert not {'httpx', 'rich', 'javumbo.client'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script, command], cwd=ROOT, check=True)


def test_the_client_loads_nothing_of_the_service() -> None:
    script = (
        "import sys, javumbo.client, javumbo.commands.add\n"
        "assert not {'chalice', 'app', 'chalicelib.services'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_a_deck_that_is_called_like_a_command_loads_one_command(cli: Cli) -> None:
    assert "the service refused" in cli("add", "--help", "serve").out


@pytest.mark.parametrize(
    "arguments",
    [
        ["import"],
        ["import", "x.apkg", "--format", "exe"],
        ["export", "--format", "exe"],
        ["stats", "--days", "many"],
        ["add"],
        ["add", "D", "front"],
        ["add", "D", "front", "back", "--notetype", "Cloze"],
        ["add", "D", "--field", "Text=x"],
        ["add", "D", "--notetype", "Cloze", "--field", "Text"],
        ["login", "example.org"],
        ["login", "http://user:secret@example.org"],
    ],
)
def test_wrong_usage_ends_with_2_and_says_why(
    stubbed: Cli, stub: Stub, arguments: list[str]
) -> None:
    ran = stubbed(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "javumbo" in ran.err
    assert "secret" not in ran.err
    assert stub.asked == []


def test_decks_are_shown_as_a_tree_with_their_counts(ada: Cli, person: Person) -> None:
    person.card(person.deck("Geo::Capitals"), "France", "Paris")
    ran = ada("decks")
    assert ran.code == 0
    heading, geo, capitals, *_ = (line.split(maxsplit=4) for line in ran.out.splitlines())
    assert heading == ["new", "learn", "review", "total", "deck"]
    assert geo == ["1", "0", "0", "1", "Geo"]
    assert capitals == ["1", "0", "0", "1", "Capitals"]
    assert "  Capitals" in ran.out


def test_decks_for_a_program_are_those_of_the_service(ada: Cli, person: Person) -> None:
    person.card(person.deck("日本::Überraschung"), "a")
    shown = json.loads(ada("decks", "--json").out)
    served = person.ok("GET", "/api/decks")["decks"]
    assert shown == [{name: deck[name] for name in shown[0]} for deck in served]


def test_a_name_cannot_command_the_terminal(stubbed: Cli, stub: Stub) -> None:
    stub.answers(ok(decks=[DECK | {"name": "Geo\x1b]0;x\x07\u202e\u2028"}]))
    assert stubbed("decks").out.splitlines()[1].endswith("Geo?]0;x???")
    assert "\x1b" not in stubbed("decks", "--json").out


def test_statistics_are_those_of_the_service(ada: Cli, person: Person) -> None:
    deck_id = person.deck("Geo")
    person.card(deck_id, "France", "Paris")
    person.answer(person.next_cards(deck_id)[0], 3)
    shown = json.loads(ada("stats", "--json", "--days", "7", "--deck", "geo").out)
    query = {"days": 7, "deck_id": deck_id}
    served = person.ok("GET", "/api/stats", params=query)
    assert shown == {name: value for name, value in served.items() if name != "success"}
    lines = ada("stats").out.splitlines()
    assert lines[0].split() == ["Today", "1", "answers", "in", "0", "min,", "0", "again"]
    assert "the longest 1" in lines[2]
    assert ada("stats", "--deck", "Nowhere").code == 1
    assert ada("stats", "--days", "-1").code == 1


def test_the_default_deck_has_a_name_even_while_it_is_not_listed(
    person: Person, base_url: str
) -> None:
    person.deck("Geo")
    token = person.http.headers["Authorization"].removeprefix("Bearer ")
    with Javumbo(base_url, token) as client:
        assert "Default" not in [deck.name for deck in client.decks()]
        assert client.deck("default").id == 1
        assert client.deck("GEO").name == "Geo"


def javumbo(
    *arguments: str, config: Path, cwd: Path, program: Sequence[str] = ("-m", "javumbo")
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *program, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "JAVUMBO_CONFIG_DIR": str(config)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_ctrl_c_leaves_no_part_of_a_file(
    stubbed: Cli, stub: Stub, config: Path, tmp_path: Path
) -> None:
    stub.answers(
        Answer(body=b"part" + bytes(10**6), headers=file(b"").headers, cut=10**6, held_s=60)
    )
    folder = tmp_path / "folder"
    folder.mkdir()
    with javumbo("export", "all.anki2", config=config, cwd=folder) as process:
        wait_for(lambda: list(folder.iterdir()))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert list(folder.iterdir()) == []


def wait_for(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_reader_that_goes_away_is_no_accident(
    stubbed: Cli, stub: Stub, config: Path, tmp_path: Path
) -> None:
    stub.answers(ok(decks=[DECK | {"name": "x" * 1000}] * 1000))
    with javumbo("decks", config=config, cwd=tmp_path) as process:
        assert process.stdout
        assert process.stdout.readline() == b"   new  learn review  total  deck\n"
        process.stdout.close()
        assert process.stderr
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_progress_is_for_terminals_only(
    stubbed: Cli, stub: Stub, config: Path, tmp_path: Path
) -> None:
    stub.answers(file(bytes(10**6)))
    assert stubbed("export", tmp_path / "a.anki2").err == ""
    assert "download" in at_a_terminal("export", "b.anki2", config=config, cwd=tmp_path)
    assert at_a_terminal("export", "c.anki2", "--quiet", config=config, cwd=tmp_path) == ""


def at_a_terminal(*arguments: str, config: Path, cwd: Path) -> str:
    """What the command shows on standard error, which is a terminal."""
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "javumbo", *arguments],
        cwd=cwd,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "JAVUMBO_CONFIG_DIR": str(config),
            "TERM": "xterm",
        },
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 10_000):
                shown += part
        except OSError:  # as Linux says that the other end is closed
            pass
        os.close(ours)
    assert process.returncode == 0
    return shown.decode()
