"""The template of the app stack as it is deployed, made without the wheels that go into the zip.

`python -m tests.infra.packed FOLDER` writes it there, plain and with all options on.
"""

import json
import shutil
import sys
import tempfile
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from javumbo.deploy.finishing import Finish, finished
from javumbo.deploy.packaging import ROOT, Package, Packing, package

STAGE = "dev"
REGION = "us-east-1"
VARIABLES = {
    "STAGE": STAGE,
    "CORS_ORIGIN": "https://cards.example.org",
    "S3_BUCKET": "javumbo-user-dbs-dev-123456789012",
    "S3_MEDIA_BUCKET": "javumbo-media-dev-123456789012",
}
_NEEDED = ("app.py", "chalicelib", ".chalice", ".env.example", "infra", "javumbo")


def app_template(*, provisioned: int = 0, tracing: bool = False, stage: str = STAGE) -> Any:
    """Chalice's template of the app as it is now, finished for a stage."""
    finish = Finish(stage, "artefacts", "code/1.zip", provisioned, tracing=tracing)
    return finished(deepcopy(_chalice_template(stage)), finish)


@cache
def _chalice_template(stage: str) -> Any:
    with tempfile.TemporaryDirectory() as directory:
        return packed_without_wheels(Path(directory), stage).template


def packed_without_wheels(work_dir: Path, stage: str = STAGE) -> Package:
    """The app as `javumbo deploy` packs it, but with nothing from a package index."""
    root = work_dir / "root"
    for name in _NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            root.mkdir(exist_ok=True)
            shutil.copy(source, root / name)
    (root / "requirements.txt").write_text("")
    return package(Packing(stage, REGION, VARIABLES | {"STAGE": stage}), work_dir, root)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    everything = app_template(provisioned=2, tracing=True)
    for name, template in {"app": app_template(), "app-everything": everything}.items():
        (folder / f"{name}.json").write_text(json.dumps(template, indent=2))


if __name__ == "__main__":
    main()
