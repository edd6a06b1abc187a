"""Routes are registered by a table, and their views are imported by who asks for them."""

import subprocess
import sys
from pathlib import Path

import app
from chalicelib.api.resources import RESOURCES
from javumbo.route_table import TABLE, route_table

ROOT = Path(__file__).parents[2]


def test_the_table_is_what_the_modules_say() -> None:
    assert TABLE.read_text() == route_table(), "run python -m javumbo.route_table"


def test_every_route_of_the_modules_is_one_of_the_app() -> None:
    for routes in RESOURCES.values():
        for route in routes.table:
            entry = app.app.routes[route.path][route.method]
            assert (entry.authorizer is None) is route.public
            assert entry.content_types == [route.content_type]
            assert routes.view(route.method, route.path) is route.view


def test_importing_the_app_imports_no_view_and_no_service() -> None:
    code = (
        "import sys, app;"
        " print(sorted(m for m in sys.modules if m.startswith('chalicelib.')"
        " and m.split('.')[1] not in ('api', 'ops', 'errors', 'settings', 'counting')));"
        " print({'chalicelib.api.request', 'msgspec', 'sqlite3'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "set()"]
