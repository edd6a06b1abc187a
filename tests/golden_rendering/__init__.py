"""What real Anki made of some thousand notes.

tests/oracle_rendering/render_cases.py tells what the keys mean, make_golden.py writes the file.
"""

import json
import lzma
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class GoldenCase:
    """One note: what was asked, what Anki answered."""

    asked: Json
    made: Json

    @property
    def notetype(self) -> Json:
        """The notetype as an entry of `col.models`, as far as rendering needs it."""
        return {
            "name": self.made["notetype"],
            "type": self.asked["type"],
            "css": self.asked.get("css", ""),
            "flds": [{"name": name} for name in self.made["fields"]],
            "tmpls": [
                {"name": name, "qfmt": question, "afmt": answer}
                for name, question, answer in self.made["templates"]
            ],
        }


@cache
def golden_cases() -> list[GoldenCase]:
    packed = Path(__file__).with_name("cases.json.xz").read_bytes()
    return [GoldenCase(*pair) for pair in json.loads(lzma.decompress(packed))["cases"]]
