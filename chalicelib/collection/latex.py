"""The images that Anki makes of LaTeX in fields, by name.

Source of the rules: Anki's rslib/src/latex.rs, and `expand_clozes_to_reveal_latex` of
rslib/src/cloze.rs.
"""

import hashlib
import re
from collections.abc import Iterator
from itertools import islice

from chalicelib.collection.rendering.cloze import cloze_html, cloze_ordinals
from chalicelib.collection.scanning import Lookahead
from chalicelib.collection.text import strip_html

_IGNORE_CASE = re.ASCII | re.IGNORECASE
_OPENING = re.compile(r"\[(latex|\$\$?)\]", _IGNORE_CASE)
_CLOSINGS = {
    name: re.compile(rf"\[/{re.escape(name)}\]", _IGNORE_CASE) for name in ("latex", "$", "$$")
}
_AROUND = {
    "latex": ("", ""),
    "$": ("$", "$"),
    "$$": (r"\begin{displaymath}", r"\end{displaymath}"),
}
_NEW_LINE = re.compile(r"<br ?/?>|<div>", _IGNORE_CASE)
# Every cloze of a field makes the whole field be read again.
_MAX_CLOZES = 50


def latex_images(field: str, *, svg: bool) -> Iterator[str]:
    """The names of the images for the LaTeX of a field, its clozes hidden and revealed."""
    if not _OPENING.search(field):
        return
    text = "".join(_shown(field)) if "{{c" in field else field
    for latex in _all_latex(text):
        digest = hashlib.sha1(latex.encode(), usedforsecurity=False).hexdigest()
        yield f"latex-{digest}.{'svg' if svg else 'png'}"


def _shown(field: str) -> Iterator[str]:
    for ordinal in islice(sorted(cloze_ordinals([field])), _MAX_CLOZES):
        for reveal in (False, True):
            yield cloze_html(field, number=ordinal + 1, reveal=reveal)


def _all_latex(text: str) -> Iterator[str]:
    ahead = Lookahead(text)
    position = 0
    while opening := _OPENING.search(text, position):
        name = opening[1].lower()
        # There is something in between.
        closing = ahead.find(_CLOSINGS[name], opening.end() + 1)
        if closing is None:
            position = opening.start() + 1
            continue
        before, after = _AROUND[name]
        latex = f"{before}{text[opening.end() : closing.start()]}{after}"
        yield strip_html(_NEW_LINE.sub("\n", latex))
        position = closing.end()
