"""All routes of the service, by resource; `app.py` registers them."""

from chalicelib.api import (
    account,
    accounts,
    card_actions,
    cards,
    decks,
    notetypes,
    options,
    review,
    service,
    stats,
    transfer,
    undo,
)

RESOURCES = {
    module.__name__: module.routes
    for module in (
        service,
        accounts,
        account,
        decks,
        options,
        notetypes,
        cards,
        card_actions,
        review,
        stats,
        undo,
        transfer,
    )
}
