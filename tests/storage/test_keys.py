from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import BadInputError
from chalicelib.storage import Owner
from chalicelib.storage.keys import COLLECTION, MEDIA

ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyz0123456789"
usernames = st.text(ALPHANUMERIC + "._-", min_size=3, max_size=32)
SPACES = (COLLECTION, MEDIA)
owners = st.builds(Owner, usernames, st.text(ALPHANUMERIC, max_size=64), st.sampled_from(SPACES))


@given(owners)
def test_every_database_lies_in_the_one_folder_of_its_space_under_its_username(
    owner: Owner,
) -> None:
    collection, index = owner.in_space(COLLECTION), owner.in_space(MEDIA)
    assert collection.base_key == f"user_dbs/{owner.username}.anki2"
    assert index.base_key == f"media_dbs/{owner.username}.db"


@given(owners)
def test_all_that_is_of_a_collection_has_the_names_that_it_always_had(owner: Owner) -> None:
    collection = owner.in_space(COLLECTION)
    folder = f"{owner.username}/{owner.generation or '-'}/"
    assert collection.ring == f"{owner.username}#{owner.generation}"
    assert collection.spill_prefix == f"segments/{folder}"
    assert collection.conflict_key(7) == f"conflicts/{folder}7.anki2"


@given(owners)
def test_a_base_file_tells_whose_it_is_but_for_the_generation(owner: Owner) -> None:
    assert Owner.of_base_key(owner.base_key) == Owner(owner.username, "", owner.space)


@pytest.mark.parametrize(
    "key",
    ["ada", "user_dbs/ada.db", "media_dbs/ada.anki2", "user_dbs/x/ada.anki2", "user_dbs/A B.anki2"],
)
def test_what_is_no_base_file_is_nobodys(key: str) -> None:
    with pytest.raises(BadInputError):
        Owner.of_base_key(key)


def test_no_two_registrations_share_a_ring_a_folder_or_a_key() -> None:
    """Also those that are nearly alike."""
    alike = [
        Owner(username, generation, space)
        for space in SPACES
        for username in ("aaa", "aaa-", "aaa-1", "aaa-1-", "aaa1", "aaa.anki2", "-aaa")
        for generation in ("", "1", "11", "a1", "anki2")
    ]
    places: list[Callable[[Owner], list[str]]] = [
        lambda owner: [owner.ring],
        lambda owner: [f"{owner.base_key} of {owner.generation}"],
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


@pytest.mark.parametrize("space", ["Media", "media ", "#", "collection"])
def test_what_is_no_space_is_refused(space: str) -> None:
    with pytest.raises(BadInputError) as raised:
        Owner("ada", "g", space)
    assert set(raised.value.fields) == {"space"}


@pytest.mark.parametrize("ring", ["ada#g#nothing", "ada#g#media#", "ada#g#media#media"])
def test_a_ring_of_no_space_is_nobodys(ring: str) -> None:
    with pytest.raises(BadInputError):
        Owner.of_ring(ring)
