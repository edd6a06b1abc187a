"""What a hostile file is, and which way it goes."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Door = Literal["merge", "replace", "text", "preview", "upload", "upload-replace", "media"]
PACKAGE_DOORS: tuple[Door, ...] = ("merge", "replace", "upload", "upload-replace")
TEXT_DOORS: tuple[Door, ...] = ("text", "preview", "upload")
MEDIA_DOORS: tuple[Door, ...] = ("media",)

# In each name that must not become a path, to be looked for all over the disk.
MARK = "javumbo-was-here"


@dataclass(frozen=True)
class Attack:
    """One file; `name` is for media, `format` for what is said to be text."""

    kind: str
    door: Door
    content: bytes
    name: str = ""
    format: str = "csv"


@dataclass(frozen=True)
class Kind:
    """Files that try the same: `make` gives another one for each random source."""

    name: str
    make: Callable[[random.Random], bytes]
    doors: Sequence[Door] = PACKAGE_DOORS
    file_names: Sequence[str] = ()

    def attack(self, turn: int, seed: int) -> Attack:
        rng = random.Random(f"{seed} {self.name} {turn}")
        return Attack(
            self.name,
            self.doors[turn % len(self.doors)],
            self.make(rng),
            name=self.file_names[turn % len(self.file_names)] if self.file_names else "",
            format=rng.choice(["csv", "tsv", "txt"]),
        )


def fixed(name: str, *contents: bytes, doors: Sequence[Door] = PACKAGE_DOORS) -> Kind:
    """A kind of which there are only these files."""
    return Kind(name, lambda rng: rng.choice(contents), doors)
