"""All routes of the service, by resource; `app.py` registers them."""

from chalicelib.api import accounts, cards, decks, review, service, transfer

RESOURCES = {
    module.__name__: module.routes for module in (service, accounts, decks, cards, review, transfer)
}
