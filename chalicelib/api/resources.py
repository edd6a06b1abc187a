"""All routes of the service, by resource.

After a change of any route: `python -m javumbo.route_table`, which `registering` goes by.
"""

from chalicelib.api import (
    account,
    accounts,
    backups,
    card_actions,
    card_info,
    card_preview,
    cards,
    decks,
    export,
    imports,
    media,
    media_files,
    notetypes,
    options,
    review,
    service,
    stats,
    tags,
    undo,
    uploads,
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
        card_info,
        card_actions,
        card_preview,
        review,
        stats,
        tags,
        undo,
        export,
        imports,
        uploads,
        backups,
        media,
        media_files,
    )
}
