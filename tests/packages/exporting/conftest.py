from pathlib import Path

import pytest

from tests.packages.exporting.worlds import Case, anki_exports, make_worlds


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Collection files, each with a folder of media beside it."""
    return make_worlds(tmp_path_factory.mktemp("worlds"))


@pytest.fixture(scope="session")
def cases(worlds: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    """What real Anki made of them."""
    return anki_exports(worlds, tmp_path_factory.mktemp("exports"))
