from chalicelib.scheduler.chacha import key_stream, random_in_range, random_unit


def test_the_key_stream_is_chacha_with_twelve_rounds() -> None:
    """Test case 1 of the ChaCha test vectors of Strombergson (256-bit key of zeros)."""
    block = b"".join(word.to_bytes(4, "little") for word in key_stream([0] * 8))
    assert block.hex() == (
        "9bf49a6a0755f953811fce125f2683d50429c3bb49e074147e0089a52eae155f"
        "0564f879d27ae3c02ce82834acfa8c793a629f2ca0de6919610be82f411326be"
    )


def test_the_first_number_is_that_of_the_rust_crates_generator() -> None:
    """The value that rand's own tests of StdRng expect of this key."""
    first, second = key_stream([1, 23, 456, 7890, 0, 0, 0, 0])[:2]
    assert second << 32 | first == 10719222850664546238


def test_the_unit_is_below_one_for_the_largest_word() -> None:
    assert random_unit(1700008727308) == 1 - 2**-23
    assert random_unit(1700002838639) == 0


def test_a_range_is_drawn_evenly() -> None:
    drawn = [random_in_range(seed, 600, 610) for seed in range(2000)]
    assert all(drawn.count(value) > 150 for value in range(600, 610))
    assert min(drawn) == 600
    assert max(drawn) == 609


def test_seeds_wrap_around_at_64_bits() -> None:
    assert random_unit(2**64 + 5) == random_unit(5)
