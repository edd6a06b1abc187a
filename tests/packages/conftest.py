import time
from pathlib import Path

import pytest

from tests.packages.judge import reopen


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty collection that real Anki made, in UTC; copy it before changing it."""
    path = tmp_path_factory.mktemp("fresh") / "collection.anki2"
    reopen([path])
    return path


@pytest.fixture
def now_ms() -> int:
    """The time that real Anki takes it to be."""
    return time.time_ns() // 1_000_000
