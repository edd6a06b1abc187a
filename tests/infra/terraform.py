"""Reads Terraform as `terraform fmt` lays it out: an argument or the begin of a block a line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.infra.site_template import ROOT

FOLDER = ROOT / "infra" / "terraform"
_OPENING = re.compile(r'^(\w+)((?: "[^"]*")*) \{(\}?)$')
_ARGUMENT = re.compile(r'^([\w-]+|"[^"]+")\s+=\s+(.*)$')


@dataclass
class Block:
    """A block with its labels; an argument is the text of its expression, over all its lines."""

    kind: str
    labels: tuple[str, ...] = ()
    arguments: dict[str, str] = field(default_factory=dict)
    blocks: list["Block"] = field(default_factory=list)

    def of(self, kind: str) -> list["Block"]:
        return [block for block in self.blocks if block.kind == kind]

    def members(self, argument: str) -> dict[str, str]:
        """The members of an argument that is an object, or a merge with one."""
        lines = self.arguments[argument].splitlines()
        found = [_ARGUMENT.match(line.strip()) for line in lines[1:]]
        return {one[1]: one[2] for one in found if one}


def parsed(text: str) -> Block:
    """Raises AssertionError for a line that is neither, or a bracket too many."""
    root = Block("file")
    _read(root, iter(text.splitlines()), depth=0)
    return root


def module(folder: Path = FOLDER) -> Block:
    """All files of the module as one."""
    return parsed("\n".join(path.read_text() for path in sorted(folder.glob("*.tf"))))


def _read(block: Block, lines: Iterator[str], depth: int) -> None:
    for line in lines:
        text = line.strip()
        opening, argument = _OPENING.match(text), _ARGUMENT.match(text)
        if not text or text.startswith("#"):
            continue
        if text == "}":
            assert depth, "a bracket too many"
            return
        if opening:
            labels = tuple(re.findall(r'"([^"]*)"', opening[2]))
            inner = Block(opening[1], labels)
            block.blocks.append(inner)
            if not opening[3]:
                _read(inner, lines, depth + 1)
        else:
            assert argument, f"not understood: {line}"
            assert argument[1] not in block.arguments, f"twice: {argument[1]}"
            block.arguments[argument[1]] = _whole(argument[2], lines)
    assert not depth, "a bracket is missing"


def _whole(expression: str, lines: Iterator[str]) -> str:
    """The expression with the lines that it goes on for."""
    while _open_brackets(expression):
        expression += "\n" + next(lines)
    return expression


def _open_brackets(text: str) -> int:
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    return sum(bare.count(one) for one in "([{") - sum(bare.count(one) for one in ")]}")
