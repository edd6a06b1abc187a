from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from tests.support.server import Person, serving


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for all API tests of this process; each test has people of its own."""
    data = tmp_path_factory.mktemp("served") / "data"
    with serving(data, MAX_BODY_BYTES="1000000") as address:
        yield address


@pytest.fixture
def new_person(base_url: str) -> Iterator[Callable[..., Person]]:
    people: list[Person] = []

    def make(**registration: Any) -> Person:
        person = Person(base_url, f"person{next(_numbers)}", **registration)
        people.append(person)
        return person

    yield make
    for person in people:
        person.close()


@pytest.fixture
def person(new_person: Callable[..., Person]) -> Person:
    return new_person(sample_deck=False)


_numbers = count(1)
