from pathlib import Path

import pytest

from tests.packages.text.judge import run_anki


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty collection that real Anki made; copy it before changing it."""
    path = tmp_path_factory.mktemp("fresh") / "collection.anki2"
    run_anki([{"collection": str(path), "steps": []}])
    return path
