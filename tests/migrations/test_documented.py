"""What may be done to a collection is listed, all of it."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "migration.md").read_text()
# Of imports of text files, which no collection comes from.
SOURCES = [*(ROOT / "migrations").rglob("*.py"), *(ROOT / "chalicelib" / "packages").glob("*.py")]


def _repairs() -> set[str]:
    """The first argument of every `log.add(...)`."""
    calls = [
        node
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "add"
        and ast.unparse(node.func.value).endswith("log")
    ]
    return {ast.literal_eval(call.args[0]) for call in calls}


def test_every_repair_is_in_the_document() -> None:
    repairs = _repairs()
    assert len(repairs) > 15
    assert [repair for repair in repairs if repair not in DOCUMENT] == []
