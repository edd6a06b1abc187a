"""Names that are made different from each other."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.packages.own_names import OwnNames

names = st.lists(st.text("aA+b", max_size=4), max_size=30)


def one_by_one(name: str, taken: set[str]) -> str:
    """What is meant: one mark more, until it is free."""
    while name.casefold() in taken:
        name += "+"
    return name


@given(taken=names, wanted=names)
def test_each_name_gets_as_few_marks_as_there_can_be(taken: list[str], wanted: list[str]) -> None:
    own = OwnNames("+", str.casefold, taken)
    keys = {name.casefold() for name in taken}
    for name in wanted:
        expected = one_by_one(name, keys)
        assert own.take(name) == expected
        keys.add(expected.casefold())


def test_a_name_that_was_given_back_is_free() -> None:
    own = OwnNames("+", str.casefold, ["a", "b"])
    own.give_back("A")
    assert [own.take(name) for name in ("b", "A", "a")] == ["b+", "A", "a+"]


def test_of_many_equal_names_none_is_asked_for_twice() -> None:
    asked = []

    def key(name: str) -> str:
        asked.append(name)
        return name

    own = OwnNames("+", key)
    for _ in range(500):
        own.take("a")
    assert len(asked) < 4 * 500
