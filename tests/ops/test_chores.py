"""What is done on a schedule, chore by chore."""

import pytest

from chalicelib.errors import StorageUnavailableError
from chalicelib.ops.chores import do_chores


def test_each_chore_tells_how_much_it_left_undone() -> None:
    chores = {"folds": lambda: ["ada", "grace"], "media": list, "transfers": lambda: None}
    assert do_chores(chores) == {"undone": {"folds": 2, "media": 0, "transfers": 0}}


def test_one_that_fails_keeps_no_other_from_being_done_and_fails_the_function() -> None:
    done = []

    def fails() -> None:
        done.append("fails")
        raise StorageUnavailableError

    with pytest.raises(StorageUnavailableError):
        do_chores({"first": fails, "second": lambda: done.append("second")})
    assert done == ["fails", "second"]
