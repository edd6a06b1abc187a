"""All routes of the service, by resource; `app.py` registers them."""

from chalicelib.api import account, accounts, cards, decks, review, service, transfer, undo

RESOURCES = {
    module.__name__: module.routes
    for module in (
        service,
        accounts,
        account,
        decks,
        cards,
        review,
        undo,
        transfer,
    )
}
