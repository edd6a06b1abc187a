"""DynamoDB on this machine once more: dynalite, which judges conditions by other code than moto's.

It is a Node package and is installed from the npm registry, once, beside its package.json. It
does not know ReturnValuesOnConditionCheckFailure, time to live or transactions.
"""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

FOLDER = Path(__file__).with_name("dynalite")
INSTALL = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]


@contextmanager
def dynalite() -> Iterator[str]:
    """The address of an empty server on a free port of 127.0.0.1, stopped when left.

    The test fails where the server cannot be installed.
    """
    _install()
    with Popen(["node", "serve.js"], cwd=FOLDER, stdin=PIPE, stdout=PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().strip()
            assert port.isdigit(), "dynalite did not start; its own output says why"
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


def _install() -> None:
    """Install what package-lock.json says, unless that was done; one process at a time does it."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            _fail(
                f"{program} is missing: install Node 20 or newer with npm (`apt-get install npm`)."
            )
    lock_file, installed = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".installed"
    with _locked(lock_file):
        wanted = lock_file.read_text()
        if installed.exists() and installed.read_text() == wanted:
            return
        done = subprocess.run(INSTALL, cwd=FOLDER, capture_output=True, text=True, check=False)
        if done.returncode:
            _fail(f"dynalite is not installed: type `{' '.join(INSTALL)}` in {FOLDER}.")
        installed.write_text(wanted)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _fail(sentence: str) -> None:
    pytest.fail(sentence, pytrace=False)
