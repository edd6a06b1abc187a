"""Notetypes and notes at random, for `render_cases.py`: the same ones for the same seed."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

Json = dict[str, Any]

_POOLS: dict[str, list[str]] = json.loads(
    Path(__file__).with_name("random_pools.json").read_text(encoding="utf-8")
)
_CLOZE_NUMBERS = (*("1", "2", "3") * 6, "1,2", "2,1", "0", "0,2", "1,,3", "01", "12")
_ODD_CLOZE_OPENINGS = (
    *("{{c::", "{{c1:", "{{c,::", "{{c65536::", "{{c1, 2::", "{{ c1::", "{{C1::", "{{c500::"),
    *("{{c501::", "{{c65535::", "{{c70000,3::", "{{c-1::", "{{c1 ::"),
)
_ODD_NAMES = ("Nope", "front", "", "c1", "c2", "c9", "c+1", "c", "a<b&\"c'", "#x", "/")
_STRAY = ("{{", "}}", "<!--", "-->", "{{/Front}}", "{{=<% %>=}}", "{{}}", "<%Front%>")
_PLAIN = ("<hr id=answer>", " ", "\n", "text", "<b>", "</b>", "é", "<div>x</div>", "}")
_FRONTS = ("{{FrontSide}}", "{{FrontSide}}\n\n<hr id=answer>\n\n", "", "")
_SIMPLE_QUESTIONS = ("{{Front}}", "{{text:Front}}", "{{hint:Back}}{{Front}}", "{{tts en:Front}}")
_READINGS = "{{furigana:Front}}|{{kana:Front}}|{{kanji:Front}}|{{text:furigana:Back}}"


class _Draw:
    """Chance, from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def pick(self, options: Sequence[str]) -> str:
        return self.random.choice(options)

    def pool(self, *names: str) -> str:
        return self.pick([text for name in names for text in _POOLS[name]])

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def some(self, low: int, high: int) -> range:
        return range(self.random.randint(low, high))


class _Texts(_Draw):
    """What people, or nobody ever, put into fields."""

    def html(self) -> str:
        if self.chance(0.25):
            return self.pool("blanks")
        names = ("words", "entities", "html", "media", "furigana", "mathjax")
        chosen = self.random.choices(names, weights=(8, 3, 4, 2, 2, 1), k=len(self.some(1, 7)))
        return "".join(self.pool(name) for name in chosen)

    def clozes(self, depth: int = 0) -> str:
        return "".join(self._cloze_piece(depth) for _ in self.some(1, 4))

    def _cloze_piece(self, depth: int) -> str:
        kind = self.random.random()
        if kind < 0.45 or depth > 3:
            return self.pool("words") if self.chance(0.6) else self.pool("html", "mathjax")
        if kind < 0.50:
            return self.pick(_ODD_CLOZE_OPENINGS)
        if kind < 0.55:
            return self.pool("mathjax") + self.clozes(depth + 1) + self.pool("mathjax")
        content = self.pool("occlusions") if self.chance(0.06) else self.clozes(depth + 1)
        hint = "::" + self.pool("words", "blanks") if self.chance(0.25) else ""
        end = "" if self.chance(0.03) else "}}"
        return "{{c" + self.pick(_CLOZE_NUMBERS) + "::" + content + hint + end


class _Templates(_Texts):
    """Templates over given field names, some of them malformed."""

    def side(self, names: Sequence[str]) -> str:
        template = self._template(names, 0)
        if self.chance(0.97):
            return template
        changed = template.replace("{{", "<%").replace("}}", "%>")
        return self.pool("spaces") + "{{=<% %>=}}" + changed + self.pick(_STRAY)

    def answer(self, names: Sequence[str]) -> str:
        return self.pick(_FRONTS) + self.side(names)

    def _template(self, names: Sequence[str], depth: int) -> str:
        return "".join(self._piece(names, depth) for _ in self.some(0 if depth else 1, 4))

    def _piece(self, names: Sequence[str], depth: int) -> str:
        kind = self.random.random()
        if kind < 0.45:
            return self._field(names)
        if kind < 0.70 and depth < 5:
            return self._conditional(names, depth)
        if kind < 0.76:
            return "<!--" + self.pick(("", " ", self._field(names), "{{#x}}", "{{")) + "-->"
        return self.pick(_STRAY if kind < 0.775 else _PLAIN)

    def _name(self, names: Sequence[str]) -> str:
        kind = self.random.random()
        if kind < 0.87:
            return self.pick(names)
        return self.pool("special_names") if kind < 0.975 else self.pick(_ODD_NAMES)

    def _field(self, names: Sequence[str]) -> str:
        filters = [self.pool("filters") for _ in self.some(0, 2)] if self.chance(0.5) else []
        inside = self.pool("spaces") + ":".join((*filters, self._name(names)))
        return ("{{{" if self.chance(0.02) else "{{") + inside + self.pool("spaces") + "}}"

    def _conditional(self, names: Sequence[str], depth: int) -> str:
        name = self._name((*names, *names, "c1", "c2"))
        closing = self._name(names) if self.chance(0.02) else name
        end = "" if self.chance(0.015) else "{{/" + self.pool("spaces") + closing + "}}"
        opening = "{{" + self.pick("##^") + self.pool("spaces") + name + "}}"
        return opening + self._template(names, depth + 1) + end


class _Cases(_Templates):
    def case(self) -> Json:
        kind = self.random.random()
        if kind < 0.45:
            return self._standard()
        return self._cloze() if kind < 0.8 else self._plain()

    def _names(self) -> list[str]:
        return self.random.sample(_POOLS["field_names"], self.random.randint(1, 4))

    def _note(self, names: Sequence[str]) -> Json:
        return {
            "fields": list(names),
            "values": [self.html() for _ in names],
            "sortf": self.random.randrange(len(names)) if self.chance(0.2) else 0,
            "tags": self.pool("tags"),
            "deck": self.pool("decks"),
            "flag": self.random.choice((0, 0, 0, 1, 4, 7)),
        }

    def _standard(self) -> Json:
        names = self._names()
        questions = [
            self.side(names) + ("{{" + names[0] + "}}" if self.chance(0.4) else "")
            for _ in range(self.random.choice((1, 1, 2, 3)))
        ]
        templates = [
            [f"Card {number}", question, self.answer(names)]
            for number, question in enumerate(questions, 1)
        ]
        return {"type": 0, "templates": templates, **self._note(names)}

    def _cloze(self) -> Json:
        names = self._names()
        shown = "".join(
            "{{" + self.pick(("", "", "text:")) + "cloze:" + self.pick(names) + "}}"
            for _ in self.some(1, 2)
        )
        extra = self.side(names) if self.chance(0.4) else ""
        only = shown.replace("cloze:", "cloze-only:")
        template = ["Cloze", extra + shown, self.pick((shown, shown, only, self.answer(names)))]
        values = [self.clozes() if self.chance(0.8) else self.html() for _ in names]
        note = {**self._note(names), "values": values}
        return {"type": 1, "templates": [template], "ordinals": [0, 1], **note}

    def _plain(self) -> Json:
        """A note whose fields matter more than its templates."""
        template = ["Card 1", self.pick(_SIMPLE_QUESTIONS), _READINGS]
        return {"type": 0, "templates": [template], **self._note(("Front", "Back"))}


def random_cases(seed: int, count: int) -> list[Json]:
    cases = _Cases(seed)
    return [cases.case() for _ in range(count)]
