from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.storage.ports import BaseStore
from tests.storage.base_fixtures import any_base, bucket, s3_endpoint
from tests.storage.memory import MemoryBaseStore
from tests.transfers.world import World

__all__ = ["any_base", "bucket", "s3_endpoint"]

MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path) -> MakeWorld:
    """Makes worlds with an empty tally of Ada's, in memory unless another base is given."""

    def make(base: BaseStore | None = None) -> World:
        return World(base or MemoryBaseStore(), tmp_path)

    return make


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    return make_world()


@pytest.fixture
def any_world(make_world: MakeWorld, any_base: BaseStore) -> World:
    return make_world(any_base)
