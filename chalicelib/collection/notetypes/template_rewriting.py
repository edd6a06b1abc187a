"""Templates after fields were renamed or removed.

Source of the rules: Anki's rslib/src/notetype/mod.rs
(`update_templates_for_renamed_and_removed_fields`) and rslib/src/template.rs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.collection.rendering.templates import (
    Field,
    TemplateError,
    Text,
    Token,
    parse_template,
)

CLOZE_FILTER = "cloze"


@dataclass(frozen=True, slots=True)
class FieldRenames:
    """What became of the fields of a notetype.

    `names` has each old name that changed, None where the field is gone; `first` is now the
    first field.
    """

    names: Mapping[str, str | None]
    first: str
    is_cloze: bool

    def in_question(self, source: str) -> str:
        """The front with the new names; where it shows no field any more, it shows the first.

        One that cannot be parsed stays as it is.
        """
        return self._in(source, must_show=True)

    def in_answer(self, source: str) -> str:
        """As `in_question`, but only a cloze notetype needs a field on the back."""
        return self._in(source, must_show=self.is_cloze)

    def _in(self, source: str, *, must_show: bool) -> str:
        try:
            tokens = list(self._renamed(parse_template(source)))
        except TemplateError:
            return source
        if must_show and not shows_field(tokens, cloze_only=self.is_cloze):
            tokens.append(Field(self.first, (CLOZE_FILTER,) if self.is_cloze else ()))
        return _written(tokens)

    def _renamed(self, tokens: Sequence[Token]) -> Iterator[Token]:
        """Where a condition's field is gone, what it held stays."""
        for token in tokens:
            if isinstance(token, Text):
                yield token
            elif (name := self.names.get(token.name, token.name)) is not None:
                yield replace(token, name=name)


def shows_field(tokens: Sequence[Token], *, cloze_only: bool) -> bool:
    """Whether a template has a field (with the cloze filter) anywhere."""
    return any(
        isinstance(token, Field) and (not cloze_only or CLOZE_FILTER in token.filters)
        for token in tokens
    )


def _written(tokens: Sequence[Token]) -> str:
    return "".join(token.text if isinstance(token, Text) else token.source for token in tokens)
