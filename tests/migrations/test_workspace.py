"""Private copies are gone when a command has ended, however it did."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from migrations.workspace import remove_abandoned, workspace
from tests.emulators.moto_server import ROOT

_WORKING = """
import sys
from pathlib import Path
from tempfile import mkdtemp
from migrations.workspace import workspace
with workspace():
    Path(mkdtemp(), "copy").write_text("private")
    print("working", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary folder."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def test_what_a_killed_command_left_is_removed_by_the_next_one(temporary: Path) -> None:
    """And nothing of one that still works, or of somebody else."""
    (temporary / "javumbo-migrate-being-made").mkdir()
    (temporary / "another").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", _WORKING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == b"working\n"
        assert len(list(temporary.rglob("copy"))) == 1
        assert remove_abandoned(temporary) == 0
        process.send_signal(signal.SIGKILL)
    assert len(list(temporary.rglob("copy"))) == 1
    with workspace() as folder:
        assert list(temporary.rglob("copy")) == []
        assert tempfile.gettempdir() == str(folder)
        assert folder.stat().st_mode & 0o777 == 0o700
    left = {path.name for path in temporary.iterdir()}
    assert left == {"javumbo-migrate-being-made", "another"}
