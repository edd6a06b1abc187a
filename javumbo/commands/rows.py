"""Notes as lines of text, and which of them were added before."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from javumbo.client import Login, WrongUsageError
from javumbo.client.files import file_problems, replacing

# For so long a line that was added is not added again by the same words.
REMEMBERED_MS = 7 * 24 * 3600 * 1000

_KEY_BYTES = 24


@dataclass(frozen=True, slots=True)
class Row:
    """One note: the values of its first fields, in order; `number` is that of its line."""

    number: int
    values: tuple[str, ...]
    tags: tuple[str, ...]


def parse_rows(lines: Iterable[str], columns: int, *, all_columns: bool) -> list[Row]:
    """Tab-separated values, and after the last column tags, if there are any.

    Empty lines are left out. With `all_columns` none may be missing. Raises WrongUsageError.
    """
    rows = []
    for number, line in enumerate(lines, 1):
        text = line.rstrip("\r\n")
        if not text.strip():
            continue
        values = text.split("\t")
        if len(values) > columns + 1 or (all_columns and len(values) < columns):
            raise WrongUsageError(
                f"Line {number} has {len(values)} columns instead of {columns} (and tags): "
                "nothing was added."
            )
        tags = tuple(values[columns].split()) if len(values) > columns else ()
        rows.append(Row(number, tuple(values[:columns]), tags))
    return rows


def keys_of(rows: Sequence[Row], *about: str | int | bool | None) -> list[str]:
    """An Idempotency-Key for each row: the same for the same words, whatever stands around them.

    The second of two equal rows has another key than the first. `about` is what the rows share.
    """
    seen: Counter[tuple[object, ...]] = Counter()
    keys = []
    for row in rows:
        content = (row.values, row.tags)
        text = json.dumps([content, seen[content], about])
        seen[content] += 1
        keys.append(hashlib.blake2b(text.encode(), digest_size=_KEY_BYTES).hexdigest())
    return keys


class AddedRows:
    """The keys of what one person's runs have added lately, in a file of theirs.

    The service knows a key again among its last 100 only.
    """

    def __init__(self, folder: Path, login: Login) -> None:
        """Raises FileProblemError."""
        person = f"{login.server}\n{login.username}".encode()
        self._path = folder / f"added-{hashlib.blake2b(person, digest_size=8).hexdigest()}.txt"
        self._keys = self._load(_now_ms())

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def add(self, key: str) -> None:
        """Remember a row, from now on even if this process is killed."""
        self._keys.add(key)
        with file_problems(self._path, "written"), self._path.open("a") as file:
            file.write(f"{_now_ms()} {key}\n")

    def _load(self, now_ms: int) -> set[str]:
        if not self._path.exists():
            return set()
        with file_problems(self._path, "read"):
            lines = self._path.read_text(errors="replace").splitlines()
        kept = [line for line in lines if _is_recent(line, now_ms)]
        if len(kept) < len(lines):
            with replacing(self._path, mode=0o600) as file:
                file.write("".join(f"{line}\n" for line in kept).encode())
        return {line.partition(" ")[2] for line in kept}


def _is_recent(line: str, now_ms: int) -> bool:
    made_ms, _, key = line.partition(" ")
    return made_ms.isdecimal() and bool(key) and now_ms - int(made_ms) < REMEMBERED_MS


def _now_ms() -> int:
    return int(time.time() * 1000)
