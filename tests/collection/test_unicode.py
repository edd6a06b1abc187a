import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.collection.unicode import nfc

# Marks of several classes, letters that take them, and characters that decompose into them.
MARKS = "\u0301\u0323\u0327\u0334\u0338\u0344\u05b0\u3099\u0f71\u0f72\u0f74\u1161\u11a8"
LETTERS = "aeocAEO\u00e9\u1e69\u304b\u1100\u0f40 \u212b\u2126\ufb1d"


@given(st.text(st.sampled_from(MARKS + LETTERS) | st.characters(codec="utf-8"), max_size=40))
def test_it_is_nfc_also_of_long_texts(text: str) -> None:
    for sample in (text, text * 20):
        assert nfc(sample) == unicodedata.normalize("NFC", sample)


def test_a_million_alternating_marks_are_no_attack() -> None:
    # Python alone takes minutes for this.
    text = "a" + "\u0301\u0323" * 500_000
    assert len(nfc(text)) == 1_000_000
