"""A look at some of the people who were taken over, through the API as they would have it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from chalice.config import Config

from chalicelib.services import Services, default_services
from chalicelib.settings import Settings
from chalicelib.storage import Owner
from javumbo.gateway import ContractGateway
from javumbo.serve import load_app
from migrations.contents import counts_of
from migrations.receipts import Receipt
from migrations.target import Target
from migrations.verifying import Finding

_OK = 200
_PATHS = ("/api/decks", "/api/stats")


def open_sample(settings: Settings, target: Target, count: int) -> list[Finding]:
    """What is wrong with the answers to at most `count` people, spread over all.

    The routes of this very program are asked, with tokens that nobody is given.
    """
    if count < 1:
        return []
    gateway = ContractGateway(load_app(), Config.create(), cors_origin=settings.cors_origin)
    services = default_services()
    return [
        Finding(receipt.old_username, found)
        for receipt in _spread(target, count)
        for found in _wrong(gateway, services, target, receipt)
    ]


def _spread(target: Target, count: int) -> list[Receipt]:
    names = target.receipts.usernames()
    receipts = [receipt for name in names if (receipt := target.receipts.get(name))]
    taken = [receipt for receipt in receipts if receipt.fate == "taken" and receipt.is_done]
    return taken[:: max(1, len(taken) // count)][:count]


def _wrong(
    gateway: ContractGateway, services: Services, target: Target, receipt: Receipt
) -> Iterator[str]:
    user = target.users.get(receipt.username)
    if user is None:
        yield "has no account to open"
        return
    token = services.tokens.issue(user, services.now_ms(), f"{services.random_bits(128):032x}")
    headers = {"Authorization": f"Bearer {token.token}"}
    for path in _PATHS:
        answer = gateway.handle_request("GET", path, headers, None)
        if answer["statusCode"] != _OK:
            yield f"GET {path} answers {answer['statusCode']}"
        elif path == _PATHS[0]:
            shown = _cards_in(json.loads(answer["body"])["decks"])
            there = target.storage.read(Owner(user.username, user.generation), counts_of)["cards"]
            if shown != there:
                yield f"the API shows {shown} cards, of {there}"


def _cards_in(decks: Sequence[dict[str, Any]]) -> int:
    """A deck's number counts those of its subdecks as well."""
    return sum(deck["total_cards"] for deck in decks if deck["parent_id"] is None)
