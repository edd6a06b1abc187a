"""Writes the table by which all routes are registered: `python -m javumbo.route_table`."""

from pathlib import Path

from chalicelib.api import registering
from chalicelib.api.resources import RESOURCES
from chalicelib.api.routing import Route

TABLE = Path(registering.__file__).with_name("route_table.py")

_LINE_LENGTH = 100
_HEAD = '''"""Every route: its module, method, path, whether it is public, and what it takes.

Made of what the modules say by `python -m javumbo.route_table`; a test compares.
"""

ROUTES: tuple[tuple[str, str, str, bool, str], ...] = (
'''


def route_table() -> str:
    """The source of the table, of what the modules say."""
    rows = (_row(module, route) for module, routes in RESOURCES.items() for route in routes.table)
    return f"{_HEAD}{''.join(rows)})\n"


def _row(module: str, route: Route) -> str:
    texts = [f'"{text}"' for text in (module, route.method, route.path)]
    cells = [*texts, str(route.public), f'"{route.content_type}"']
    row = f"    ({', '.join(cells)}),\n"
    if len(row.rstrip()) <= _LINE_LENGTH:
        return row
    return "    (\n" + "".join(f"        {cell},\n" for cell in cells) + "    ),\n"


if __name__ == "__main__":
    TABLE.write_text(route_table())
