"""Compiled modules for the zip: where the functions run, nothing can be written beside the code.

Without them each new environment compiles every module again that its first request needs.
"""

import subprocess
import zipfile
from pathlib import Path

from javumbo.deploy.errors import DeploymentError

# Where Lambda unpacks the zip; tracebacks name it.
TASK_ROOT = "/var/task"
_DATE = (1980, 1, 1, 0, 0, 0)


def add_bytecode(code: Path, python: str, work_dir: Path) -> None:
    """Compile the modules in the zip file `code` by the Python that they are to run with.

    They are never compared with their sources, which nobody can change there. Raises
    DeploymentError when a module cannot be compiled.
    """
    unpacked = work_dir / "unpacked"
    with zipfile.ZipFile(code) as archive:
        archive.extractall(unpacked)
    options = ["-q", "--invalidation-mode", "unchecked-hash"]
    # Source: Python's library reference, compileall: -s strips, -p puts before.
    names = ["-s", str(unpacked), "-p", TASK_ROOT]
    done = subprocess.run(  # noqa: S603
        [python, "-m", "compileall", *options, *names, str(unpacked)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DeploymentError(f"The app could not be compiled:\n{done.stdout}{done.stderr}")
    with zipfile.ZipFile(code, "a", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(unpacked.rglob("*.pyc")):
            _add(archive, path, path.relative_to(unpacked).as_posix())


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, path.read_bytes())
