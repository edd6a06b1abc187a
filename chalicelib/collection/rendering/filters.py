"""What stands before a field's name in a template: `{{text:Field}}`, `{{hint:Field}}`, ...

Source of the rules: Anki's rslib/src/template_filters.rs.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.collection.rendering import furigana
from chalicelib.collection.rendering.cloze import cloze_html, cloze_only
from chalicelib.collection.text import strip_html


@dataclass(frozen=True, slots=True)
class FilterContext:
    """Whose text is filtered, and for which side of which card."""

    field: str
    cloze_number: int
    is_answer: bool


_TYPING_KINDS: dict[tuple[str, ...], str] = {
    ("cloze", "type"): "type-cloze",
    ("nc", "type"): "type-nc",
}
_Filter = Callable[[str, FilterContext], str]


def apply_filters(text: str, filters: Sequence[str], context: FilterContext) -> str:
    """The text after the filters, in the given order.

    One that is not known ends them, as in Anki, where an add-on might know it.
    """
    for name in _typing_merged(tuple(filters)):
        known = _filter_named(name)
        if known is None:
            return text
        text = known(text, context)
    return text


def _typing_merged(filters: tuple[str, ...]) -> tuple[str, ...]:
    """`type:` as the outermost filter takes `cloze` and `nc` as its kind and drops all others."""
    if not filters or filters[-1] != "type":
        return filters
    return (_TYPING_KINDS.get(filters, "type"),)


def _filter_named(name: str) -> _Filter | None:
    if name.startswith("tts "):
        return lambda text, _: f"[anki:{name.replace(' ', ' lang=', 1)}]{text}[/anki:tts]"
    return _FILTERS.get(name)


def _cloze(text: str, context: FilterContext) -> str:
    return cloze_html(text, number=context.cloze_number, reveal=context.is_answer)


def _cloze_only(text: str, context: FilterContext) -> str:
    return cloze_only(text, number=context.cloze_number, reveal=context.is_answer)


def _hint(text: str, context: FilterContext) -> str:
    """A link that shows the text. Its id is a digest of the text; Anki's is another one."""
    if not text.strip():
        return text
    name = "hint" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
    return (
        '\n<a class=hint href="#"\nonclick="this.style.display=\'none\';\n'
        f"document.getElementById('{name}').style.display='block';\n"
        f'return false;" draggable=false>\n{context.field}</a>\n'
        f'<div id="{name}" class=hint style="display: none">{text}</div>\n'
    )


_FILTERS: dict[str, _Filter] = {
    "": lambda text, _: text,
    "text": lambda text, _: strip_html(text),
    "furigana": lambda text, _: furigana.as_ruby(text),
    "kana": lambda text, _: furigana.only_readings(text),
    "kanji": lambda text, _: furigana.only_words(text),
    "type": lambda _, context: f"[[type:{context.field}]]",
    "type-cloze": lambda _, context: f"[[type:cloze:{context.field}]]",
    "type-nc": lambda _, context: f"[[type:nc:{context.field}]]",
    "hint": _hint,
    "cloze": _cloze,
    "cloze-only": _cloze_only,
}
