from pathlib import Path

import pytest

from tests.packages.schema18.files import anki


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection with nothing at its default, in the four formats that real Anki writes."""
    directory = tmp_path_factory.mktemp("rich")
    anki("make", directory)
    return directory
