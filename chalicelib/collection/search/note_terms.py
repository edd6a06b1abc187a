"""SQL for what is asked of a note.

Source of the rules: Anki's rslib/src/search/sqlwriter.rs. `n` is the note.
"""

from functools import singledispatchmethod

from chalicelib.collection.search.fields import Span, included_span, matching_spans
from chalicelib.collection.search.functions import (
    MATCHES,
    MATCHES_FIELD,
    MATCHES_TAG,
    MATCHES_TAGS,
    WITHOUT_ACCENTS,
    WITHOUT_CLOZES,
)
from chalicelib.collection.search.nodes import (
    ClozeNotetype,
    Duplicates,
    EditedInDays,
    Field,
    NoteTerm,
    NotetypeId,
    NotetypeNamed,
    Regex,
    Tag,
    Text,
    Way,
    WholeWords,
    WithoutClozes,
)
from chalicelib.collection.search.places import NameMatcher, Notetype, Places
from chalicelib.collection.search.plain_text import without_accents
from chalicelib.collection.search.problems import malformed
from chalicelib.collection.search.regex import RegexError, compile_regex
from chalicelib.collection.search.sql import EVERYTHING, NOTHING, Bindings, any_of, id_list
from chalicelib.collection.search.wildcards import like_hint, like_literal, to_like, to_regex
from chalicelib.collection.text import (
    FIELD_SEPARATOR,
    field_checksum,
    strip_html_preserving_media,
)
from chalicelib.collection.unicode import nfc
from chalicelib.scheduler.timing import DAY_S

_ALL_FIELDS = frozenset({"*", "_*", "*_"})
_NO_BLANK = r"\S"
_SPECIAL_TAGS = {"none": "n.tags = ''", "*": EVERYTHING}
_ANY_TEXT = frozenset({"*", "_*", "*_"})
_LIKE = r"LIKE {} ESCAPE '\'"


class NoteTerms:
    """Compiles the terms of one search."""

    def __init__(self, places: Places, bindings: Bindings) -> None:
        self._places = places
        self._bindings = bindings

    @singledispatchmethod
    def sql(self, term: NoteTerm) -> str:
        """The condition that a term means. Raises BadInputError for a bad pattern."""
        raise NotImplementedError(term)

    @sql.register
    def _(self, term: Text) -> str:
        plain = term.ignore_accents or self._places.ignores_accents
        return self._text(term.text, [WITHOUT_ACCENTS] if plain else [])

    @sql.register
    def _(self, term: WithoutClozes) -> str:
        functions = [WITHOUT_CLOZES]
        if self._places.ignores_accents:
            functions.append(WITHOUT_ACCENTS)
        return self._text(term.text, functions)

    @sql.register
    def _(self, _: ClozeNotetype) -> str:
        clozes = [notetype.id for notetype in self._places.notetypes if notetype.is_cloze]
        return f"n.mid IN {id_list(clozes)}"

    @sql.register
    def _(self, term: Regex) -> str:
        return self._regex(self._normal(term.pattern), term.position, plain=False)

    @sql.register
    def _(self, term: WholeWords) -> str:
        text, plain = self._normal(term.text), self._places.ignores_accents
        pattern = rf"\b{to_regex(text)}\b"
        if plain:
            return self._regex(without_accents(pattern), term.position, plain=True)
        return self._regex(pattern, term.position, plain=False)

    @sql.register
    def _(self, term: Field) -> str:
        name, text = nfc(term.name), self._normal(term.text)
        if term.name in _ALL_FIELDS:
            return self._all_fields(text, term)
        if term.way is Way.REGEX:
            return self._field_regex(name, text, term.position)
        spans = matching_spans(self._places.notetypes, name, separate=text in _ANY_TEXT)
        value = to_like(text)
        if term.way is Way.NO_ACCENTS:
            return self._spans(spans, without_accents(value), self._called([WITHOUT_ACCENTS]))
        return self._spans(spans, value, "n.flds")

    @sql.register
    def _(self, term: Tag) -> str:
        text = nfc(term.text)
        if term.way is Way.REGEX:
            matcher = self._matcher(text, "i", term.position)
            return f"{MATCHES_TAG}({matcher}, n.tags)"
        if text in _SPECIAL_TAGS:
            return _SPECIAL_TAGS[text]
        if " " in text:
            return NOTHING
        if term.way is Way.NO_ACCENTS:
            return self._tag(without_accents(text), f"{WITHOUT_ACCENTS}(n.tags)", term.position)
        hint = self._like("n.tags", f"% {like_hint(text)}%")
        return f"({hint} AND {self._tag(text, 'n.tags', term.position)})"

    @sql.register
    def _(self, term: Duplicates) -> str:
        wanted = strip_html_preserving_media(self._normal(term.text))
        rows = self._places.conn.execute(
            "SELECT id, flds FROM notes WHERE csum = ? AND mid = ?",
            (field_checksum(self._normal(term.text)), term.notetype_id),
        )
        found = [note_id for note_id, fields in rows.fetchall() if _first_text(fields) == wanted]
        return f"n.id IN {id_list(found)}"

    @sql.register
    def _(self, term: NotetypeNamed) -> str:
        name = NameMatcher(nfc(term.name))
        found = [one.id for one in self._places.notetypes if name.matches(one.name)]
        return f"n.mid IN {id_list(found)}"

    @sql.register
    def _(self, term: NotetypeId) -> str:
        return f"n.mid = {self._bindings.bind(term.id)}"

    @sql.register
    def _(self, term: EditedInDays) -> str:
        cutoff = self._places.timing.next_cutoff_s - term.days * DAY_S
        return f"n.mod > {self._bindings.bind(cutoff)}"

    def _tag(self, text: str, tags: str, position: int) -> str:
        """A tag or one below it."""
        matcher = self._matcher(f" {to_regex(text, _NO_BLANK)}(::| )", "i", position)
        return f"{MATCHES_TAGS}({matcher}, {tags})"

    def _normal(self, text: str) -> str:
        """The text as notes hold it."""
        return nfc(text) if self._places.normalizes else text

    def _like(self, expression: str, pattern: str) -> str:
        return f"{expression} {_LIKE.format(self._bindings.bind(pattern))}"

    def _called(self, functions: list[str], column: str = "n.flds") -> str:
        for function in functions:
            column = f"{function}({column})"
        return column

    def _matcher(self, pattern: str, flags: str, position: int) -> int:
        try:
            return self._bindings.matcher(compile_regex(pattern, flags))
        except RegexError as error:
            reason = f"the regular expression is wrong at its character {error.position + 1}"
            raise malformed(f"{reason}: {error.reason}", pattern, position) from None

    def _text(self, text: str, functions: list[str]) -> str:
        value = to_like(self._normal(text))
        if WITHOUT_ACCENTS in functions:
            value = without_accents(value)
        fields, sort_field = (self._called(functions, column) for column in ("n.flds", "n.sfld"))
        anywhere = f"%{value}%"
        if not self._places.excludes_fields:
            return any_of([self._like(sort_field, anywhere), self._like(fields, anywhere)])
        conditions = []
        for notetype in self._places.notetypes:
            span = included_span(notetype)
            if span is None:
                continue
            found = [self._like(fields, one) for one in span.patterns(anywhere)]
            if span.includes_sort_field:
                found.append(self._like(sort_field, anywhere))
            conditions.append(f"(n.mid = {notetype.id} AND {any_of(found)})")
        return any_of(conditions)

    def _spans(self, spans: list[Span], value: str, fields: str) -> str:
        """Notetypes whose fields stand in the same places share their patterns."""
        by_patterns: dict[tuple[str, ...], list[int]] = {}
        for span in spans:
            by_patterns.setdefault(tuple(span.patterns(value)), []).append(span.notetype_id)
        conditions = []
        for patterns, ids in by_patterns.items():
            found = any_of([self._like(fields, pattern) for pattern in patterns])
            conditions.append(f"(n.mid IN {id_list(ids)} AND {found})")
        return any_of(conditions)

    def _all_fields(self, text: str, term: Field) -> str:
        if term.way is Way.REGEX:
            matcher = self._matcher(text, "i", term.position)
        else:
            matcher = self._matcher(f"^{to_regex(text)}$", "is", term.position)
        return self._if_hinted(matcher, "n.flds", f"{MATCHES_FIELD}({matcher}, n.flds)")

    def _if_hinted(self, matcher: int, fields: str, condition: str) -> str:
        """SQLite rules most notes out faster than a regular expression does."""
        hint = like_literal(self._bindings.matchers[matcher].required)
        return f"({self._like(fields, f'%{hint}%')} AND {condition})" if hint else condition

    def _field_regex(self, name: str, pattern: str, position: int) -> str:
        matcher = self._matcher(pattern, "i", position)
        wanted = NameMatcher(name)
        conditions = []
        for notetype in self._places.notetypes:
            ordinals = [n for n, field in enumerate(notetype.fields) if wanted.matches(field)]
            if ordinals:
                conditions.append(_in_fields(notetype, matcher, ordinals))
        return any_of(conditions)

    def _regex(self, pattern: str, position: int, *, plain: bool) -> str:
        fields = self._called([WITHOUT_ACCENTS] if plain else [])
        matcher = self._matcher(pattern, "i", position)
        if not self._places.excludes_fields:
            return self._if_hinted(matcher, fields, f"{MATCHES}({matcher}, {fields})")
        conditions = []
        for notetype in self._places.notetypes:
            if not any(notetype.excluded):
                conditions.append(f"(n.mid = {notetype.id} AND {MATCHES}({matcher}, {fields}))")
            elif ordinals := [n for n, excluded in enumerate(notetype.excluded) if not excluded]:
                conditions.append(_in_fields(notetype, matcher, ordinals, fields))
        return any_of(conditions)


def _in_fields(
    notetype: Notetype, matcher: int, ordinals: list[int], fields: str = "n.flds"
) -> str:
    arguments = ", ".join(map(str, (matcher, fields, *ordinals)))
    return f"(n.mid = {notetype.id} AND {MATCHES_FIELD}({arguments}))"


def _first_text(fields: object) -> str:
    return strip_html_preserving_media(str(fields).split(FIELD_SEPARATOR, 1)[0])
