"""In which fields of a notetype to look, and the LIKE patterns for them.

A note's fields are one text with a separator between them. Neighbours that are all looked at are
taken as one, as Anki does. Source: Anki's rslib/src/search/sqlwriter.rs.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.collection.search.places import NameMatcher, Notetype
from chalicelib.collection.text import FIELD_SEPARATOR

_ANYTHING = "%"


@dataclass(frozen=True, slots=True)
class Span:
    """Fields of a notetype, as ranges of ordinals."""

    notetype_id: int
    field_count: int
    ranges: list[range]
    includes_sort_field: bool = True

    def patterns(self, value: str) -> list[str]:
        """One LIKE pattern for the whole text of the fields per range that has to be `value`."""
        return [self._pattern(one, value) for one in self.ranges]

    def _pattern(self, wanted: range, value: str) -> str:
        before = [_ANYTHING] * wanted.start
        after = [_ANYTHING] * (self.field_count - wanted.stop)
        return FIELD_SEPARATOR.join([*before, value, *after])


def matching_spans(notetypes: Iterable[Notetype], name: str, *, separate: bool) -> list[Span]:
    """The fields of this name, which may have wildcards; `separate`: neighbours one by one."""
    wanted = NameMatcher(name)
    found = []
    for notetype in notetypes:
        ordinals = [n for n, field in enumerate(notetype.fields) if wanted.matches(field)]
        if ordinals:
            ranges = _ranges(ordinals, joined=not separate)
            found.append(Span(notetype.id, len(notetype.fields), ranges))
    return found


def included_span(notetype: Notetype) -> Span | None:
    """The fields that are not excluded from searching; None when all are."""
    ordinals = [n for n, excluded in enumerate(notetype.excluded) if not excluded]
    if not ordinals:
        return None
    ranges = _ranges(ordinals, joined=True)
    is_included = notetype.sort_ordinal in ordinals
    return Span(notetype.id, len(notetype.fields), ranges, is_included)


def _ranges(ordinals: list[int], *, joined: bool) -> list[range]:
    found: list[range] = []
    for ordinal in ordinals:
        if joined and found and found[-1].stop == ordinal:
            found[-1] = range(found[-1].start, ordinal + 1)
        else:
            found.append(range(ordinal, ordinal + 1))
    return found
