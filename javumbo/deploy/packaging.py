"""The app as a zip and a template, made by `chalice package` from a copy of the project."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalicelib.errors import ConfigurationError
from javumbo.deploy.bytecode import add_bytecode
from javumbo.deploy.errors import DeploymentError

ROOT = Path(__file__).parents[2]
# The runtime of the functions is the Python that packages them. Before 3.12 it is Amazon Linux 2,
# whose SQLite is too old; Chalice knows none after 3.14.
OLDEST, NEWEST = (3, 12), (3, 14)
_CHALICE = "from chalice.cli import main; main()"
_PROJECT = ("app.py", "requirements.txt", "chalicelib", ".chalice")
_SKIPPED = shutil.ignore_patterns("__pycache__", "deployments", "deployed", "venv")
_SETTING = re.compile(r"^([A-Z][A-Z0-9_]*)=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Packing:
    """How to pack: for which stage and region, and what is other than in `.chalice/config.json`.

    `python` is the interpreter that runs Chalice.
    """

    stage: str
    region: str
    variables: Mapping[str, str] = field(default_factory=dict)
    architecture: str | None = None
    python: str = sys.executable


@dataclass(frozen=True, slots=True)
class Package:
    """A zip file, which content it has whenever it was made, and Chalice's template."""

    code: Path
    code_digest: str
    template: dict[str, Any]


def package(packing: Packing, work_dir: Path, root: Path = ROOT) -> Package:
    """Pack the project in `root`; everything made lies in `work_dir`.

    Raises ConfigurationError for a stage that is not in `.chalice/config.json`, and
    DeploymentError with Chalice's words when it fails.
    """
    check_stage(packing.stage, root)
    project, out = work_dir / "project", work_dir / "out"
    _copy(root, project)
    _configure(project / ".chalice" / "config.json", packing)
    merge = work_dir / "merge.json"
    merge.write_text(json.dumps(merge_template(root)))
    _run_chalice(packing, project, merge, out, root)
    code = out / "deployment.zip"
    content = _content_digest(code)
    add_bytecode(code, packing.python, work_dir)
    return Package(code, content, json.loads((out / "sam.json").read_text()))


def merge_template(root: Path = ROOT) -> dict[str, Any]:
    """`infra/app.yaml`, which has anchors that only a parser of YAML understands."""
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415

    merged: dict[str, Any] = yaml.safe_load((root / "infra" / "app.yaml").read_text())
    return merged


def check_python(python: str) -> None:
    """Raises ConfigurationError when that interpreter cannot pack what can be deployed."""
    version = _asked(python, "import sys; print(*sys.version_info[:2])")
    if version is None:
        raise ConfigurationError(f"There is no Python at {python}.")
    found = tuple(int(part) for part in version.split())
    if not OLDEST <= found <= NEWEST:
        raise ConfigurationError(
            f"JAVUMBO is deployed with Python 3.12 to 3.14, and {python} is "
            f"{'.'.join(version.split())}: give another one that has Chalice with --python, or "
            "make the environment anew: make clean, then make deploy PYTHON=python3.13."
        )
    if _asked(python, "import chalice") is None:
        raise ConfigurationError(f"{python} has no Chalice: pip install -r requirements/run.txt.")


def check_stage(stage: str, root: Path = ROOT) -> None:
    """Raises ConfigurationError for a stage that Chalice's configuration does not have."""
    stages = json.loads((root / ".chalice" / "config.json").read_text())["stages"]
    if stage not in stages:
        raise ConfigurationError(
            f".chalice/config.json has no stage {stage}, only: {', '.join(stages)}."
        )


def _asked(python: str, code: str) -> str | None:
    """What the interpreter prints; None when it cannot."""
    try:
        # The person who deploys names the interpreter; the code is fixed here.
        done = subprocess.run(  # noqa: S603
            [python, "-c", code], capture_output=True, text=True, check=True, cwd=os.sep
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _copy(root: Path, project: Path) -> None:
    for name in _PROJECT:
        source, target = root / name, project / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=_SKIPPED)
        else:
            project.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def _configure(path: Path, packing: Packing) -> None:
    config = json.loads(path.read_text())
    config["stages"][packing.stage].setdefault("environment_variables", {}).update(
        packing.variables
    )
    if packing.architecture:
        config["lambda_architecture"] = packing.architecture
    path.write_text(json.dumps(config, indent=2))


def _run_chalice(packing: Packing, project: Path, merge: Path, out: Path, root: Path) -> None:
    arguments = ["package", "--stage", packing.stage, "--merge-template", str(merge), str(out)]
    done = subprocess.run(  # noqa: S603
        [packing.python, "-c", _CHALICE, *arguments],
        cwd=project,
        env=_environment(packing, root),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not (out / "sam.json").exists():
        raise DeploymentError(f"Chalice could not package the app:\n{done.stdout}{done.stderr}")


def _environment(packing: Packing, root: Path) -> dict[str, str]:
    """That of this process without the settings of a server that runs on this machine."""
    own = set(_SETTING.findall((root / ".env.example").read_text()))
    kept = {name: value for name, value in os.environ.items() if name not in own}
    return kept | {
        "AWS_DEFAULT_REGION": packing.region,
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _content_digest(code: Path) -> str:
    """Of names and contents: the times in a zip file differ each time."""
    total = hashlib.sha256()
    with zipfile.ZipFile(code) as archive:
        for name in sorted(archive.namelist()):
            content = hashlib.sha256(archive.read(name)).hexdigest()
            total.update(f"{name}\0{content}\n".encode())
    return total.hexdigest()[:32]
