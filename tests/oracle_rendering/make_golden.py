"""Ask real Anki and write tests/golden_rendering/cases.json.xz, which the tests are judged by.

    python -m tests.oracle_rendering.make_golden

Development only: needs the `anki` package; about ten seconds. The same version of it gives the same
file: an object with that version and, in `cases`, pairs of a case and what Anki made of it, both
as described in render_cases.py, without the cases that Anki refuses.
"""

import json
import lzma
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.oracle_rendering.chosen_cases import chosen_cases
from tests.oracle_rendering.random_cases import random_cases
from tests.oracle_rendering.render_cases import run_cases

GOLDEN = Path(__file__).parent.parent / "golden_rendering" / "cases.json.xz"
SEED = 20261
RANDOM_CASES = 2500


def golden() -> dict[str, Any]:
    cases = [*chosen_cases(), *random_cases(SEED, RANDOM_CASES)]
    pairs = zip(cases, run_cases(cases), strict=True)
    return {
        "anki": version("anki"),
        "cases": [(case, made) for case, made in pairs if "refused" not in made],
    }


def main() -> None:
    text = json.dumps(golden(), ensure_ascii=False, separators=(",", ":"))
    GOLDEN.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main()
