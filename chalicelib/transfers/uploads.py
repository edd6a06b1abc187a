"""What an upload is called; the name says all that is known before the file is there."""

import re
from dataclasses import dataclass
from typing import Literal, Self, get_args

# What Anki, and people who have text only, call their files.
FileFormat = Literal["anki2", "apkg", "colpkg", "csv", "tsv", "txt"]
FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)

RANDOM_BITS = 96

_ID = re.compile(
    rf"(\d{{1,15}})-(\d{{1,15}})-({'|'.join(FORMATS)})-([0-9a-f]{{{RANDOM_BITS // 4}}})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class UploadId:
    """Offered at `made_ms` (epoch milliseconds) for a file of at most `max_bytes`."""

    made_ms: int
    max_bytes: int
    format: FileFormat
    random: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for what is no id."""
        match = _ID.fullmatch(text)
        if not match:
            return None
        return cls(int(match[1]), int(match[2]), match[3], int(match[4], 16))  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.made_ms}-{self.max_bytes}-{self.format}-{self.random:0{RANDOM_BITS // 4}x}"
