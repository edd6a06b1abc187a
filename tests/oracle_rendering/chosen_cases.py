"""Notetypes and notes chosen by hand, for `render_cases.py`: each trait at least once."""

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_TEXTS: dict[str, list[str]] = json.loads(
    Path(__file__).with_name("chosen_texts.json").read_text(encoding="utf-8")
)
_TAGGED = {"tags": "b a c::d <x>&", "deck": "A&<::B", "flag": 3}
_SPECIAL = "{{FrontSide}}|{{Tags}}|{{Deck}}|{{Subdeck}}|{{Card}}|{{CardFlag}}|{{Type}}"
_NAMES = (
    *(["Tags", "Deck", "FrontSide"], ["c1", "c2", "text"], ["x", "x"], ["x", "X"]),
    *(["a:b", "#y"], ["u\u0308"], ["\u00fc"], ["My  Field ", '"<>&'], ["", "z"]),
)


def _case(question: str, answer: str, values: list[str], **more: object) -> Json:
    names = ["Front", "Back", "Extra"][: len(values)]
    template = ["Card 1", question, answer]
    return {"type": 0, "fields": names, "values": values, "templates": [template], **more}


def _about_templates() -> list[Json]:
    values = ["<b>f</b>&amp;\xa0 x", "", "ee"]
    return [
        *(_case(question, _SPECIAL, values) for question in _TEXTS["questions"]),
        *(_case(question, "{{FrontSide}}", values, **_TAGGED) for question in _TEXTS["questions"]),
        *(_case("<i>{{Front}}</i>[sound:a]", answer, values) for answer in _TEXTS["answers"]),
        *(_case("no field", answer, values) for answer in _TEXTS["answers"]),
    ]


def _about_names() -> list[Json]:
    """Fields with the names of other things, and templates that refer to them."""
    return [
        {
            **_case("", "", ["f", "g", "h"][: len(fields)]),
            "fields": fields,
            "templates": [
                ["Card 1", "".join(f"{{{{{field}}}}}|" for field in fields), "{{FrontSide}}"],
                ["<b>2</b>", "".join(f"{{{{#{field}}}}}A{{{{/{field}}}}}" for field in fields), ""],
                ["3", f"{{{{^{fields[0]}}}}}A{{{{/{fields[0]}}}}}{{{{{fields[-1]}}}}}", "{{Tags}}"],
            ],
        }
        for fields in _NAMES
    ]


def _about_clozes() -> list[Json]:
    both = "{{cloze:Front}}|{{cloze-only:Front}}"
    texts = [
        _case(both, both, [text, "b"], type=1, ordinals=[0, 1, 2]) for text in _TEXTS["clozes"]
    ]
    values = ["a {{c1::b::h}} c {{c2::d}}", "{{c3::e}} {{c1::f}}"]
    return texts + [
        _case(
            template,
            "{{FrontSide}}|" + template,
            [*side],
            type=kind,
            ordinals=[0, 1, 2][: 3 * kind],
        )
        for template in _TEXTS["cloze_templates"]
        for kind in (0, 1)
        for side in (values, ["", values[1]], ["x", ""])
    ]


def _about_fields() -> list[Json]:
    """Each text as the first field, and as one that three templates ask about."""
    readings = "{{furigana:Front}}|{{kana:Front}}|{{kanji:Front}}|{{text:Front}}"
    return [
        {
            **_case("", "", ["x", text], sortf=1),
            "templates": [
                ["1", "{{Front}}", ""],
                ["2", "{{Back}}", "{{text:Back}}"],
                ["3", "{{^Back}}{{Front}}{{/Back}}", "{{hint:Back}}"],
            ],
        }
        for text in _TEXTS["fields"]
    ] + [_case("x{{Front}}", readings, [text, "b"]) for text in _TEXTS["fields"]]


def _about_card_generation() -> list[Json]:
    questions = [question for question in _TEXTS["questions"] if "{{" in question]
    groups = [questions[start : start + 8] for start in range(0, len(questions), 8)]
    return [
        {
            **_case("", "", [front, back, ""], tags=tags, css=".card {}"),
            "templates": [[f"Card {n}", question, ""] for n, question in enumerate(group)],
        }
        for group in groups
        for front, back, tags in (("f", "b", ""), ("", "b", "t"), ("f", "", "t"), ("", "", ""))
    ]


def chosen_cases() -> list[Json]:
    return [
        *_about_templates(),
        *_about_names(),
        *_about_clozes(),
        *_about_fields(),
        *_about_card_generation(),
    ]
