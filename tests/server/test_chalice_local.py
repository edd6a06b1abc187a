import json

import pytest
from chalice import local
from chalice.config import Config

from javumbo.chalice_local import improve_chalice_local
from tests.server.apps import ORIGIN, make_app


@pytest.fixture
def improved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chalice's module, improved for one test."""
    monkeypatch.setattr(local, "LocalGateway", local.LocalGateway)
    monkeypatch.setattr(local.ChaliceRequestHandler, "disable_nagle_algorithm", False)
    monkeypatch.setenv("CORS_ORIGIN", ORIGIN)
    improve_chalice_local()


@pytest.mark.usefixtures("improved")
def test_small_answers_do_not_wait_for_the_clients_acknowledgement() -> None:
    assert local.ChaliceRequestHandler.disable_nagle_algorithm is True


@pytest.mark.usefixtures("improved")
def test_chalices_own_handler_gets_a_gateway_that_keeps_to_the_contract() -> None:
    gateway = local.LocalGateway(make_app(), Config.create())

    answer = gateway.handle_request("GET", "/nowhere", {}, None)

    assert answer["statusCode"] == 404
    assert json.loads(answer["body"])["error"] == "not_found"
    assert answer["headers"]["Access-Control-Allow-Origin"] == ORIGIN


def test_settings_are_not_read_before_a_request_needs_them(
    improved: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # `chalice package` improves too, for stages whose settings this machine does not have.
    monkeypatch.setenv("JAVUMBO_BACKEND", "aws")
    improve_chalice_local()
