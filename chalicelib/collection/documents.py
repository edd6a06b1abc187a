"""The JSON documents of a new collection, as current Anki writes them in schema 11.

Sources: Anki's rslib/src/config/mod.rs, rslib/src/deckconfig/schema11.rs,
rslib/src/decks/schema11.rs (keys and defaults).
"""

from chalicelib.collection.col import JsonObject

DEFAULT_DECK_ID = 1
DEFAULT_OPTIONS_ID = 1

# The hour at which a new day begins, in the person's own time.
DEFAULT_ROLLOVER = 4
DEFAULT_LEARN_AHEAD_S = 1200


def new_conf(*, minutes_west: int, current_notetype_id: int) -> JsonObject:
    """`col.conf`: the v3 scheduler, at an offset in minutes *west* of UTC (Anki's sign).

    The load balancer is off: a balanced day cannot be predicted from the card alone.
    """
    return {
        "activeDecks": [DEFAULT_DECK_ID],
        "curDeck": DEFAULT_DECK_ID,
        "newSpread": 0,
        "collapseTime": DEFAULT_LEARN_AHEAD_S,
        "timeLim": 0,
        "estTimes": True,
        "dueCounts": True,
        "curModel": current_notetype_id,
        "nextPos": 1,
        "sortType": "noteFld",
        "sortBackwards": False,
        "addToCur": True,
        "dayLearnFirst": False,
        "schedVer": 2,
        "sched2021": True,
        "creationOffset": minutes_west,
        "localOffset": minutes_west,
        "rollover": DEFAULT_ROLLOVER,
        "loadBalancerEnabled": False,
    }


def new_deck(
    *, deck_id: int, name: str, now_s: int, usn: int, description: str = "", options_id: int = 1
) -> JsonObject:
    """One entry of `col.decks`."""
    return {
        "id": deck_id,
        "mod": now_s,
        "name": name,
        "usn": usn,
        "lrnToday": [0, 0],
        "revToday": [0, 0],
        "newToday": [0, 0],
        "timeToday": [0, 0],
        "collapsed": False,
        "browserCollapsed": False,
        "desc": description,
        "dyn": 0,
        "conf": options_id,
        "extendNew": 0,
        "extendRev": 0,
        "reviewLimit": None,
        "newLimit": None,
        "reviewLimitToday": None,
        "newLimitToday": None,
    }


def new_options(*, options_id: int, name: str, now_s: int, usn: int) -> JsonObject:
    """One entry of `col.dconf`, with Anki's defaults. Steps are minutes, intervals days."""
    return {
        "id": options_id,
        "mod": now_s,
        "name": name,
        "usn": usn,
        "maxTaken": 60,
        "autoplay": True,
        "timer": 0,
        "replayq": True,
        "new": {
            "bury": False,
            "delays": [1.0, 10.0],
            "initialFactor": 2500,
            "ints": [1, 4, 0],
            "order": 1,
            "perDay": 20,
        },
        "rev": {
            "bury": False,
            "ease4": 1.3,
            "ivlFct": 1.0,
            "maxIvl": 36500,
            "perDay": 200,
            "hardFactor": 1.2,
        },
        "lapse": {
            "delays": [10.0],
            "leechAction": 1,
            "leechFails": 8,
            "minInt": 1,
            "mult": 0.0,
        },
        "dyn": False,
        "newMix": 0,
        "newPerDayMinimum": 0,
        "interdayLearningMix": 0,
        "reviewOrder": 0,
        "newSortOrder": 0,
        "newGatherPriority": 0,
        "buryInterdayLearning": False,
    }
