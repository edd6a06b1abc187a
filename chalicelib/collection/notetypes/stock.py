"""Anki's own notetypes, which every new collection has and of which more can be made.

Source: Anki's rslib/src/notetype/stock.rs (names, fields and template references).
"""

from collections.abc import Callable, Sequence

from chalicelib.collection.col import JsonObject

BASIC = "Basic"
STANDARD_KIND = 0
CLOZE_KIND = 1
BASIC_STOCK_KIND = 1

_CARD_CSS = """\
.card {
    font-family: arial;
    font-size: 20px;
    line-height: 1.5;
    text-align: center;
    color: black;
    background-color: white;
}
"""
_CLOZE_CSS = """\
.cloze {
    font-weight: bold;
    color: blue;
}
.nightMode .cloze {
    color: lightblue;
}
"""
_LATEX_PRE = (
    "\\documentclass[12pt]{article}\n"
    "\\special{papersize=3in,5in}\n"
    "\\usepackage[utf8]{inputenc}\n"
    "\\usepackage{amssymb,amsmath}\n"
    "\\pagestyle{empty}\n"
    "\\setlength{\\parindent}{0in}\n"
    "\\begin{document}\n"
)
_LATEX_POST = "\\end{document}"

Requirement = tuple[int, str, list[int]]


def _answer(shown: str) -> str:
    return f"{{{{FrontSide}}}}\n\n<hr id=answer>\n\n{shown}"


def _basic() -> JsonObject:
    return _notetype(
        BASIC,
        stock_kind=BASIC_STOCK_KIND,
        fields=["Front", "Back"],
        templates=[("Card 1", "{{Front}}", _answer("{{Back}}"))],
        required=[(0, "any", [0])],
    )


def _reversed() -> JsonObject:
    return _notetype(
        "Basic (and reversed card)",
        stock_kind=2,
        fields=["Front", "Back"],
        templates=[
            ("Card 1", "{{Front}}", _answer("{{Back}}")),
            ("Card 2", "{{Back}}", _answer("{{Front}}")),
        ],
        required=[(0, "any", [0]), (1, "any", [1])],
    )


def _optional_reversed() -> JsonObject:
    return _notetype(
        "Basic (optional reversed card)",
        stock_kind=3,
        fields=["Front", "Back", "Add Reverse"],
        templates=[
            ("Card 1", "{{Front}}", _answer("{{Back}}")),
            ("Card 2", "{{#Add Reverse}}{{Back}}{{/Add Reverse}}", _answer("{{Front}}")),
        ],
        required=[(0, "any", [0]), (1, "all", [1, 2])],
    )


def _type_in() -> JsonObject:
    return _notetype(
        "Basic (type in the answer)",
        stock_kind=4,
        fields=["Front", "Back"],
        templates=[
            (
                "Card 1",
                "{{Front}}\n\n{{type:Back}}",
                "{{Front}}\n\n<hr id=answer>\n\n{{type:Back}}",
            )
        ],
        required=[(0, "any", [0, 1])],
    )


def _cloze() -> JsonObject:
    notetype = _notetype(
        "Cloze",
        stock_kind=5,
        kind=CLOZE_KIND,
        fields=["Text", "Back Extra"],
        templates=[("Cloze", "{{cloze:Text}}", "{{cloze:Text}}<br>\n{{Back Extra}}")],
        required=[(0, "any", [0])],
        css=_CARD_CSS + _CLOZE_CSS,
    )
    for tag, field in enumerate(notetype["flds"]):
        field["tag"] = tag
    notetype["flds"][0]["preventDeletion"] = True
    return notetype


_STOCK: dict[str, Callable[[], JsonObject]] = {
    "basic": _basic,
    "basic_reversed": _reversed,
    "basic_optional_reversed": _optional_reversed,
    "basic_typing": _type_in,
    "cloze": _cloze,
}


def stock_notetypes(*, first_id: int, now_s: int, usn: int) -> list[JsonObject]:
    """One of each with the ids `first_id`, `first_id` + 1, ...; "Basic" comes first."""
    made = []
    for offset, build in enumerate(_STOCK.values()):
        made.append(build() | {"id": first_id + offset, "mod": now_s, "usn": usn})
    return made


def stock_notetype(kind: str) -> JsonObject:
    """A fresh one of this kind, without an id of its own. Raises KeyError for an unknown kind."""
    return _STOCK[kind]()


def blank_notetype() -> JsonObject:
    """A notetype without a name, fields and templates."""
    return _notetype("", stock_kind=0, fields=[], templates=[], required=[])


def _notetype(
    name: str,
    *,
    stock_kind: int,
    fields: Sequence[str],
    templates: Sequence[tuple[str, str, str]],
    required: Sequence[Requirement],
    kind: int = STANDARD_KIND,
    css: str = _CARD_CSS,
) -> JsonObject:
    return {
        "id": 0,
        "name": name,
        "type": kind,
        "mod": 0,
        "usn": 0,
        "sortf": 0,
        "did": None,
        "tmpls": [new_template(i, *template) for i, template in enumerate(templates)],
        "flds": [new_field(i, field) for i, field in enumerate(fields)],
        "css": css,
        "latexPre": _LATEX_PRE,
        "latexPost": _LATEX_POST,
        "latexsvg": False,
        "req": [list(item) for item in required],
        "originalStockKind": stock_kind,
    }


def new_template(ordinal: int, name: str, question: str, answer: str) -> JsonObject:
    """One entry of a notetype's `tmpls`."""
    return {
        "name": name,
        "ord": ordinal,
        "qfmt": question,
        "afmt": answer,
        "bqfmt": "",
        "bafmt": "",
        "did": None,
        "bfont": "",
        "bsize": 0,
    }


def new_field(ordinal: int, name: str) -> JsonObject:
    """One entry of a notetype's `flds`."""
    return {
        "name": name,
        "ord": ordinal,
        "sticky": False,
        "rtl": False,
        "font": "Arial",
        "size": 20,
        "description": "",
        "plainText": False,
        "collapsed": False,
        "excludeFromSearch": False,
    }
