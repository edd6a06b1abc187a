"""One emulated account for all of these tests, with one stage deployed to it."""

import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.aws.ministack import MiniStack, environment_folder, ministack
from tests.aws.stage import Person, Stage

# They need an emulator that is no part of the usual environment: `make test-aws`.
collect_ignore_glob = [] if environment_folder() else ["test_*.py"]


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    with ministack(tmp_path_factory.mktemp("ministack")) as running:
        yield running


@pytest.fixture(scope="session")
def stage(aws: MiniStack, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    stage = Stage(aws, "dev", tmp_path_factory.mktemp("dev"))
    done = stage.deploy()
    assert done.code == 0, done.error
    return stage


@pytest.fixture
def registered(stage: Stage) -> Iterator[Callable[[], Person]]:
    """Registers somebody new each time."""
    people: list[Person] = []

    def register() -> Person:
        people.append(Person(stage, f"ada-{uuid.uuid4().hex[:12]}"))
        return people[-1]

    yield register
    for person in people:
        person.http.close()


@pytest.fixture
def ada(registered: Callable[[], Person]) -> Person:
    return registered()
