"""Finding cards and notes by a search in Anki's language.

Not as in Anki: a search has at most 2,000 characters, 50 brackets in brackets and the processor's
time of `allowance`; a bad regular expression is refused even where no note would be compared with
it, and so are the few that the package `regex` here says it does not understand.
"""

from chalicelib.collection.search.searching import Search, search_cards

__all__ = ["Search", "search_cards"]
