"""Real Anki's part: JSON on standard input, JSON on standard output.

{"collection": FILE} checks the media of a collection, whose files lie in FILE's folder of media;
{"collection": FILE, "add": [[name, text], ...]} adds files, and tells the names they got.
"""

import json
import sys
from contextlib import redirect_stdout
from typing import Any

from anki.collection import Collection


def main() -> None:
    asked = json.load(sys.stdin)
    with redirect_stdout(sys.stderr):
        col = Collection(asked["collection"])
        answer = _added(col, asked["add"]) if "add" in asked else _checked(col)
        col.close()
    json.dump(answer, sys.stdout)


def _added(col: Collection, files: list[list[str]]) -> Any:
    return [col.media.write_data(name, text.encode()) for name, text in files]


def _checked(col: Collection) -> Any:
    found = col.media.check()
    return {
        "missing": sorted(found.missing),
        "unused": sorted(found.unused),
        "note_ids": sorted(found.missing_media_notes),
    }


if __name__ == "__main__":
    main()
