from collections.abc import Iterator

import httpx
import pytest

from javumbo.http_server import HttpServer
from tests.server.apps import ORIGIN
from tests.server.support import TIMEOUT_S, chalice_local, running_server
from tests.support import local_http

PROJECT = """
from javumbo.chalice_local import improve_chalice_local
from tests.server.apps import make_app

improve_chalice_local()
app = make_app()
"""


@pytest.fixture(scope="session")
def server() -> Iterator[HttpServer]:
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def chalice_local_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Plain `chalice local` with the same app."""
    project = tmp_path_factory.mktemp("project")
    (project / "app.py").write_text(PROJECT)
    (project / ".chalice").mkdir()
    (project / ".chalice" / "config.json").write_text('{"version": "2.0", "app_name": "tests"}')
    with chalice_local(project, {"CORS_ORIGIN": ORIGIN}) as url:
        yield url


@pytest.fixture
def client(server: HttpServer) -> Iterator[httpx.Client]:
    with local_http.Client(base_url=server.url, timeout=TIMEOUT_S) as client:
        yield client


@pytest.fixture(params=["javumbo serve", "chalice local"])
def either_client(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """For what holds under both."""
    if request.param == "javumbo serve":
        url: str = request.getfixturevalue("server").url
    else:
        url = request.getfixturevalue("chalice_local_url")
    with local_http.Client(base_url=url, timeout=TIMEOUT_S) as client:
        yield client
