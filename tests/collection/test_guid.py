import string

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.collection.guid import guid_from_bits

ALPHABET = string.ascii_letters + string.digits + "!#$%&()*+,-./:;<=>?@[]^_`{|}~"

bits = st.integers(min_value=0, max_value=2**64 - 1)


@given(bits)
def test_a_guid_names_its_bits_in_base_91_with_the_most_significant_digit_first(value: int) -> None:
    guid = guid_from_bits(value)

    assert 1 <= len(guid) <= 10
    read_back = 0
    for digit in guid:
        read_back = read_back * 91 + ALPHABET.index(digit)
    assert read_back == value


def test_a_guid_is_the_one_that_anki_makes_of_the_same_bits() -> None:
    assert guid_from_bits(2**64 - 1) == "Rj&Z5m[>Zp"
    assert guid_from_bits(91) == "ba"
    assert guid_from_bits(90) == "~"
