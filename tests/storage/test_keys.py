from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import BadInputError
from chalicelib.storage import Owner

ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyz0123456789"
usernames = st.text(ALPHANUMERIC + "._-", min_size=3, max_size=32)
owners = st.builds(Owner, usernames, st.text(ALPHANUMERIC, max_size=64))


@given(owners)
def test_every_collection_lies_in_one_folder_under_its_username(owner: Owner) -> None:
    assert owner.base_key == f"user_dbs/{owner.username}.anki2"
    assert owner.base_key.count("/") == 1


def test_no_two_registrations_share_a_ring_a_folder_or_a_key() -> None:
    """Also those that are nearly alike."""
    alike = [
        Owner(username, generation)
        for username in ("aaa", "aaa-", "aaa-1", "aaa-1-", "aaa1", "aaa.anki2", "-aaa")
        for generation in ("", "1", "11", "a1", "anki2")
    ]
    places: list[Callable[[Owner], list[str]]] = [
        lambda owner: [owner.ring],
        lambda owner: [owner.spill_prefix],
        lambda owner: [owner.conflict_key(seq) for seq in (1, 11, 111)],
        lambda owner: [owner.spill_key(seq, tx, "x") for seq in (1, 11) for tx in ("1", "11")],
    ]
    for places_of in places:
        found = [place for owner in alike for place in places_of(owner)]
        assert len(set(found)) == len(found)
    prefixes = [owner.spill_prefix for owner in alike] + [owner.conflict_prefix for owner in alike]
    for prefix in prefixes:
        assert sum(other.startswith(prefix) for other in prefixes) == 1


@given(owners)
def test_a_ring_tells_whose_it_is(owner: Owner) -> None:
    assert Owner.of_ring(owner.ring) == owner


@given(owners, st.integers(0, 10**9), st.sampled_from(["pages", "answer"]))
def test_no_key_has_an_empty_part_or_one_that_leads_out(owner: Owner, seq: int, kind: str) -> None:
    for key in (owner.base_key, owner.spill_key(seq, "0f", kind), owner.conflict_key(seq)):
        assert {"", ".", ".."}.isdisjoint(key.split("/"))
    assert owner.spill_prefix.endswith("/")


@pytest.mark.parametrize(
    "username",
    [
        "",
        "ab",
        "a" * 33,
        "Ada",
        "ada\n",
        "ada/bob",
        "../ada",
        "ada\0",
        "ädä",
        "ada bob",
        "a#b",
        "é",
    ],
)
def test_what_is_no_normalised_username_is_nobody(username: str) -> None:
    with pytest.raises(BadInputError) as raised:
        Owner(username)
    assert set(raised.value.fields) == {"username"}


@pytest.mark.parametrize("generation", ["G1", "g-1", "g/1", "../g", "g" * 65, "g\n", "#"])
def test_what_is_no_generation_is_refused(generation: str) -> None:
    with pytest.raises(BadInputError) as raised:
        Owner("ada", generation)
    assert set(raised.value.fields) == {"generation"}
