"""Names of notetypes, fields and templates.

Sources: Anki's rslib/src/notetype/{mod,fields,templates}.rs for what is taken out of a name;
qt/aqt/fields.py for refusing a name that is taken, where the backend adds a "+".
"""

import re
from collections.abc import Iterable

from chalicelib.collection.unicode import nfc
from chalicelib.errors import BadInputError

MAX_NAME_LENGTH = 120

_NEVER_IN_A_NAME = re.compile('[\x00-\x1f\x7f"]')
_NEVER_IN_A_FIELD_NAME = re.compile('[\x00-\x1f\x7f":{}]')
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_FIELD_NAME_START = re.compile(r"\A[#/^\s]+")


def clean_name(name: str) -> str:
    """The name of a notetype or template as it is kept: in NFC, without quotation marks."""
    return _stored(_NEVER_IN_A_NAME, name)


def clean_field_name(name: str) -> str:
    """The name of a field as it is kept: without what means something in a template."""
    return _FIELD_NAME_START.sub("", _stored(_NEVER_IN_A_FIELD_NAME, name).strip())


def check_name(name: str, member: str, *, before: str | None = None) -> None:
    """Raises BadInputError for a clean name that is empty or too long, unless it was so before."""
    if name == before and name:
        return
    if not name or len(name) > MAX_NAME_LENGTH:
        reason = f"must have 1 to {MAX_NAME_LENGTH} characters that can stand in a name"
        raise BadInputError(fields={member: reason})


def check_unique(names: Iterable[str], member: str) -> None:
    """Raises BadInputError where two names are the same in any case."""
    seen: set[str] = set()
    for name in names:
        key = nfc(name).casefold()
        if key in seen:
            raise BadInputError(fields={f"{member}.{name}": "there is another one of this name"})
        seen.add(key)


def _stored(unwanted: re.Pattern[str], name: str) -> str:
    return unwanted.sub("", nfc(_LONE_SURROGATE.sub("\ufffd", name)))
