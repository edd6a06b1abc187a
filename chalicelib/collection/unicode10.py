"""Which characters Unicode 10 has: the version by which Anki judges names of media files.

Source: the Unicode Character Database, DerivedAge.txt.
"""

import re
import unicodedata

# What came with Unicode 11 to 15.1; characters that no version has may lie in between.
_NEWER_RANGES = """
560 588 5ef 61d 7fd-7ff 870-89f 8b5 8be-8d3 9fe a76 b55 c04 c3c c5d c77 c84 cdd cf3 d04 d81
e86 e89 e8c e8e-e93 e98 ea0 ea8-ea9 eac eba ece 170d 1715-171f 180f 1878 1abf-1ace 1b4c
1b7d-1b7e 1c90-1cbf 1cfa 1dfa 20c0 2b97 2bba-2bbc 2bc9 2bd3-2beb 2bf0-2bff 2c2f 2c5f
2e4a-2e5d 2ffc-2fff 312f 31bb-31bf 31ef 32ff 4db6-4dbf 9feb-9fff a7af a7b8-a7f6 a82c
a8fe-a8ff ab66-ab6b fbc2 fd40-fd4f fdcf fdfe-fdff 1019c 10570-105bc 10780-107ba 10a34-10a35
10a48 10d00-10d39 10e80-10ff6 11070-11075 110c2-110cd 11144-11147 111ce-111cf 1123f-11241
1133b 1145a 1145e-11461 116b8-116b9 1171a 11740-1183b 11900-119e4 11a84-11a85 11a9d
11ab0-11abf 11b00-11b09 11d60-11fff 12f90-12ff2 1342f-13455 16a70-16ac9 16e40-16e9a
16f45-16f4f 16f7f-16f87 16fe2-16ff1 187ed-187f7 18af3-1affe 1b11f-1b167 1cf00-1cfc3
1d1e9-1d1ea 1d2c0-1d2f3 1d372-1d378 1df00-1df2a 1e030-1e7fe 1e94b 1ec71-1ed3d 1f10d-1f10f
1f12f 1f16c-1f16f 1f1ad 1f6d5-1f6df 1f6f9-1f6fc 1f774-1f77f 1f7d5-1f7f0 1f8b0-1f8b1
1f90c-1f90f 1f93f 1f94d-1f94f 1f96c-1f97f 1f998-1f9bf 1f9c1-1f9cf 1f9e7-1fbf9 2a6d7-2a6df
2b735-2b739 2ebf0-2ee5d 30000-323af
"""


def _character_class(ranges: str) -> str:
    ends = (part.partition("-") for part in ranges.split())
    return "".join(f"\\U{int(low, 16):08x}-\\U{int(high or low, 16):08x}" for low, _, high in ends)


_NEWER = re.compile(f"[{_character_class(_NEWER_RANGES)}]")
_UNASSIGNED = "Cn"


def without_newer_characters(text: str) -> str:
    """The text without characters that Unicode 10 does not have."""
    if text.isascii():
        return text
    return "".join(filter(_is_assigned, _NEWER.sub("", text)))


def _is_assigned(character: str) -> bool:
    return unicodedata.category(character) != _UNASSIGNED
