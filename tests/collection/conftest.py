import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.collections import new_connection


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    with closing(new_connection()) as connection:
        yield connection
