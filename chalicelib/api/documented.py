"""Kinds of input whose rules stand elsewhere, with what the OpenAPI document says of them.

What is said here is never narrower than the rule itself, which is checked with a better sentence.
"""

from typing import Annotated

import msgspec

# A JSON Schema keyword whose value is a setting, by what a model says in its place.
SETTING_KEYWORDS = {"maximum": "x-maximum-setting", "minLength": "x-min-length-setting"}

Username = Annotated[
    str,
    msgspec.Meta(
        description="Upper and lower case are one.",
        extra_json_schema={"pattern": "^[A-Za-z0-9._-]{3,32}$"},
    ),
]
DisplayName = Annotated[
    str,
    msgspec.Meta(
        description="1 to 80 characters, none of them a control character; blanks around it go.",
        extra_json_schema={"minLength": 1, "maxLength": 320},
    ),
]
Password = Annotated[
    str,
    msgspec.Meta(
        description="At most 72 bytes of UTF-8 in NFC.",
        extra_json_schema={"format": "password", "x-min-length-setting": "password_min_length"},
    ),
]
NameInTree = Annotated[
    str,
    msgspec.Meta(
        description="`A::B` is B in A; parents that are missing are made.",
        extra_json_schema={"minLength": 1},
    ),
]
Search = Annotated[str, msgspec.Meta(description="A search as in Anki's browser.")]
PerPage = Annotated[int, msgspec.Meta(ge=1, extra_json_schema={"x-maximum-setting": "max_page"})]
