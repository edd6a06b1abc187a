"""What people ask of the service in a month: the mix of requests that costs are predicted for.

A person studies three evenings a week, 13 times a month: opens the application, looks at the decks
and answers 18 cards, each of which is one request; the web client fetches cards 30 at a time, when
8 are left and when a learning card comes back. Now and then somebody writes cards, searches, looks
at statistics, moves files. A token lasts for 30 days, so that there are one or two logins.
"""

USERS = 100
# Of one person.
SESSIONS = 13
REQUESTS = 325

# Of a hundred people: 325 requests each.
OF_100_USERS = {
    "register": 10,
    "login": 160,
    "logout": 100,
    "account": 1_300,
    "decks": 1_900,
    "queue": 2_700,
    "answer": 23_400,
    "undo": 150,
    "add": 1_000,
    "edit": 200,
    "search": 300,
    "statistics": 500,
    "export": 30,
    "import": 20,
    "media upload": 80,
    "media": 650,
}

# Those that no token comes with, so that the authorizer is not asked.
PUBLIC = frozenset({"register", "login", "media"})
# Those that leave a commit in the log.
CHANGES = frozenset({"register", "answer", "undo", "add", "edit", "import", "media upload"})


def requests_of(users: int) -> dict[str, float]:
    """How often each operation is asked for by so many people in a month."""
    return {name: count * users / USERS for name, count in OF_100_USERS.items()}
