"""`python -m benchmarks.import_budget`: how long importing the packaged app takes, beside Chalice.

What Chalice packs is unpacked and imported in new processes, as in Lambda: no bytecode is at hand,
and no package but those of the zip. Exits with 1 when importing `app` takes more than 2.5 times as
long as importing Chalice alone, both in processor time, the median of 9.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST = 2.5
TIMES = 9

_PACKED = ("app.py", "chalicelib", ".chalice")
_CHALICE = "from chalice.cli import main; main()"
_TIMED = """
import sys, time
sys.path.insert(0, sys.argv[1])
began_s = time.process_time()
import {module}
print(time.process_time() - began_s)
"""


def unpacked(folder: Path, root: Path = ROOT) -> Path:
    """What Chalice packs of the app and of itself, unpacked in `folder`.

    Without the packages of requirements.txt: importing the app needs none of them.
    """
    project, out, files = folder / "project", folder / "out", folder / "files"
    for name in _PACKED:
        _copy(root / name, project / name)
    (project / "requirements.txt").touch()
    subprocess.run(  # noqa: S603
        [sys.executable, "-c", _CHALICE, "package", "--stage", "dev", str(out)],
        cwd=project,
        env={**os.environ, "AWS_DEFAULT_REGION": "us-east-1", "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        capture_output=True,
    )
    with zipfile.ZipFile(out / "deployment.zip") as archive:
        archive.extractall(files)
    return files


def ratio(files: Path, times: int = TIMES) -> float:
    """How many times as long as Chalice alone the app takes, by turns."""
    taken: dict[str, list[float]] = {"chalice": [], "app": []}
    for _ in range(times):
        for module, seconds in taken.items():
            seconds.append(_import_s(files, module))
    chalice_s, app_s = (statistics.median(seconds) for seconds in taken.values())
    sys.stdout.write(f"importing Chalice: {chalice_s * 1000:.1f} ms, app: {app_s * 1000:.1f} ms, ")
    return app_s / chalice_s


def main() -> int:
    """Exit code 1 over the budget."""
    with tempfile.TemporaryDirectory() as folder:
        found = ratio(unpacked(Path(folder)))
    sys.stdout.write(f"{found:.2f} times as long; {MOST} are allowed\n")
    return int(found > MOST)


def _import_s(files: Path, module: str) -> float:
    """-S: only what is in the zip; -B: no bytecode is left for the next process."""
    code = _TIMED.format(module=module)
    command = [sys.executable, "-S", "-B", "-c", code, str(files)]
    environ = {"PATH": os.environ["PATH"], "JAVUMBO_BACKEND": "local"}
    done = subprocess.run(  # noqa: S603
        command, env=environ, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__", "deployments", "deployed")
        shutil.copytree(source, target, ignore=ignored)
    else:
        target.parent.mkdir(parents=True)
        shutil.copy(source, target)


if __name__ == "__main__":
    sys.exit(main())
