"""What the README shows of the command line and of the library does what it says."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.client.conftest import Cli
from tests.support.server import PASSWORD, ROOT, Person

README = (ROOT / "README.md").read_text()


def shown(language: str, beginning: str) -> str:
    (block,) = re.findall(rf"```{language}\n({re.escape(beginning)}.*?)```", README, re.DOTALL)
    return str(block)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout, as far as the README's lines need one."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "tests").symlink_to(ROOT / "tests")
    return folder


def run(command: list[str], folder: Path, config: Path) -> str:
    environ = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "JAVUMBO_CONFIG_DIR": str(config),
        "JAVUMBO_PASSWORD": PASSWORD,
    }
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_lines_for_a_shell(person: Person, base_url: str, folder: Path, config: Path) -> None:
    lines = shown("sh", "javumbo login http://127.0.0.1:8000 --username ana\n")
    script = lines.replace("http://127.0.0.1:8000", base_url).replace("ana", person.username, 1)
    printed = run(["bash", "-euo", "pipefail", "-c", script], folder, config)
    assert "2 added, 0 there before, 0 refused." in printed
    assert "Notes: 318 new" in printed
    cards = person.ok("GET", "/api/cards", params={"q": "deck:Spanish"})["cards"]
    sides = {(card["front"], card["back"], *card["tags"]) for card in cards}
    assert sides == {("hola", "hello", "greetings"), ("uno", "one", "numbers"), ("dos", "two")}
    assert zipfile.is_zipfile(folder / "spanish.apkg")


def test_the_lines_for_python(ada: Cli, person: Person, folder: Path, config: Path) -> None:
    ada("add", "Spanish", "hola", "hello", "--create")
    program = shown("python", "from javumbo.client import")
    assert run([sys.executable, "-c", program], folder, config).split() == ["duplicate", "2"]
    assert zipfile.is_zipfile(folder / "everything.colpkg")
