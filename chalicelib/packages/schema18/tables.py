"""The messages of schema 18, field by field.

Sources: Anki's proto/anki/notetypes.proto, decks.proto and deck_config.proto (numbers and types),
rslib/src/notetype/schema11.rs, rslib/src/decks/schema11.rs and rslib/src/deckconfig/schema11.rs
(keys of schema 11, and what stands for a missing one).
"""

from chalicelib.packages.schema18.kinds import (
    AMOUNT,
    BOOL,
    BYTES,
    DAY,
    FLOAT,
    HUNDREDTHS,
    I32_KIND,
    I64_KIND,
    NEGATED,
    NULL_IF_EMPTY,
    NULL_IF_ZERO,
    OMIT_IF_ABSENT,
    OMIT_IF_DEFAULT,
    TEXT,
    THOUSANDTHS,
    U8_KIND,
    U16_KIND,
    U32_KIND,
    one_of,
)
from chalicelib.packages.schema18.message import Field, Message, Presence, kind_of, message

OPTIONAL, REPEATED = Presence.OPTIONAL, Presence.REPEATED

OTHER_KEY = "other"
"""Where `decode` and `encode` have the keys that Anki does not know: a JSON object, as bytes."""

_OTHER = Field(255, (OTHER_KEY,), BYTES)

REQUIREMENT = message(
    [0, "none", []],
    [
        Field(1, (0,), U16_KIND),
        Field(2, (1,), I32_KIND, one_of("none", "any", "all")),
        Field(3, (2,), U16_KIND, presence=REPEATED),
    ],
)

NOTETYPE = message(
    {},
    [
        Field(1, ("type",), I32_KIND, one_of(0, 1)),
        Field(2, ("sortf",), U16_KIND),
        Field(3, ("css",), TEXT),
        Field(4, ("did",), I64_KIND, NULL_IF_ZERO),
        Field(5, ("latexPre",), TEXT),
        Field(6, ("latexPost",), TEXT),
        Field(7, ("latexsvg",), BOOL),
        Field(8, ("req",), kind_of(REQUIREMENT), presence=REPEATED),
        Field(9, ("originalStockKind",), I32_KIND, OMIT_IF_DEFAULT),
        Field(10, ("originalId",), I64_KIND, OMIT_IF_ABSENT, OPTIONAL),
        _OTHER,
    ],
)

NOTETYPE_FIELD = message(
    {},
    [
        Field(1, ("sticky",), BOOL),
        Field(2, ("rtl",), BOOL),
        Field(3, ("font",), TEXT),
        Field(4, ("size",), U16_KIND),
        Field(5, ("description",), TEXT),
        Field(6, ("plainText",), BOOL),
        Field(7, ("collapsed",), BOOL),
        Field(8, ("excludeFromSearch",), BOOL),
        Field(9, ("id",), I64_KIND, presence=OPTIONAL),
        Field(10, ("tag",), U32_KIND, presence=OPTIONAL),
        Field(11, ("preventDeletion",), BOOL),
        _OTHER,
    ],
)

TEMPLATE = message(
    {},
    [
        Field(1, ("qfmt",), TEXT),
        Field(2, ("afmt",), TEXT),
        Field(3, ("bqfmt",), TEXT),
        Field(4, ("bafmt",), TEXT),
        Field(5, ("did",), I64_KIND, NULL_IF_ZERO),
        Field(6, ("bfont",), TEXT),
        Field(7, ("bsize",), U8_KIND),
        Field(8, ("id",), I64_KIND, presence=OPTIONAL),
        _OTHER,
    ],
)

# The amounts of `Deck.Common` share one day, which schema 11 has beside each of them.
TODAY = ("newToday", "revToday", "lrnToday", "timeToday")
DECK_COMMON = message(
    {"day": 0, **{key: [0, 0] for key in TODAY}},
    [
        Field(1, ("collapsed",), BOOL),
        Field(2, ("browserCollapsed",), BOOL),
        Field(3, ("day",), DAY),
        *(Field(number, (key, 1), I32_KIND) for number, key in enumerate(TODAY, start=4)),
        _OTHER,
    ],
)

DAY_LIMIT = message({}, [Field(1, ("limit",), U32_KIND), Field(2, ("today",), U32_KIND)])

NORMAL_DECK = message(
    {"dyn": 0},
    [
        Field(1, ("conf",), I64_KIND),
        Field(2, ("extendNew",), AMOUNT),
        Field(3, ("extendRev",), AMOUNT),
        Field(4, ("desc",), TEXT),
        Field(5, ("md",), BOOL, OMIT_IF_DEFAULT),
        Field(6, ("reviewLimit",), U32_KIND, presence=OPTIONAL),
        Field(7, ("newLimit",), U32_KIND, presence=OPTIONAL),
        Field(8, ("reviewLimitToday",), kind_of(DAY_LIMIT)),
        Field(9, ("newLimitToday",), kind_of(DAY_LIMIT)),
        Field(10, ("desiredRetention",), FLOAT, HUNDREDTHS, OPTIONAL),
    ],
)

SEARCH_TERM = message(
    ["", 0, 0],
    [
        Field(1, (0,), TEXT),
        Field(2, (1,), AMOUNT),
        Field(3, (2,), I32_KIND),
    ],
)

FILTERED_DECK = message(
    {"dyn": 1, "separate": True, "desc": ""},
    [
        Field(1, ("resched",), BOOL),
        Field(2, ("terms",), kind_of(SEARCH_TERM), presence=REPEATED),
        Field(3, ("delays",), FLOAT, NULL_IF_EMPTY, REPEATED),
        Field(4, ("previewDelay",), U32_KIND),
        Field(5, ("previewHardSecs",), U32_KIND),
        Field(6, ("previewGoodSecs",), U32_KIND),
        Field(7, ("previewAgainSecs",), U32_KIND),
    ],
)

# Of `Deck.KindContainer`, by its field: exactly one is there, even where it is empty.
DECK_KINDS: dict[int, Message] = {1: NORMAL_DECK, 2: FILTERED_DECK}

OPTIONS = message(
    {"dyn": False, "new": {"ints": [0, 0, 0]}, "rev": {}, "lapse": {}},
    [
        Field(1, ("new", "delays"), FLOAT, presence=REPEATED, missing=[1.0, 10.0]),
        Field(2, ("lapse", "delays"), FLOAT, presence=REPEATED, missing=[10.0]),
        Field(3, ("fsrsWeights",), FLOAT, presence=REPEATED),
        Field(4, ("easyDaysPercentages",), FLOAT, presence=REPEATED),
        Field(5, ("fsrsParams5",), FLOAT, presence=REPEATED),
        Field(6, ("fsrsParams6",), FLOAT, presence=REPEATED),
        Field(9, ("new", "perDay"), U32_KIND, missing=20),
        Field(10, ("rev", "perDay"), U32_KIND, missing=200),
        Field(11, ("new", "initialFactor"), FLOAT, THOUSANDTHS, missing=2500),
        Field(12, ("rev", "ease4"), FLOAT, missing=1.3),
        Field(13, ("rev", "hardFactor"), FLOAT, missing=1.2),
        Field(14, ("lapse", "mult"), FLOAT),
        Field(15, ("rev", "ivlFct"), FLOAT, missing=1.0),
        Field(16, ("rev", "maxIvl"), U32_KIND, missing=36500),
        Field(17, ("lapse", "minInt"), U32_KIND, missing=1),
        Field(18, ("new", "ints", 0), U16_KIND, missing=1),
        Field(19, ("new", "ints", 1), U16_KIND, missing=4),
        Field(20, ("new", "order"), I32_KIND, one_of(1, 0)),
        Field(21, ("lapse", "leechAction"), I32_KIND, one_of(0, 1), missing=1),
        Field(22, ("lapse", "leechFails"), U32_KIND, missing=8),
        Field(23, ("autoplay",), BOOL, NEGATED, missing=True),
        Field(24, ("maxTaken",), AMOUNT, missing=60),
        Field(25, ("timer",), I32_KIND, one_of(0, 1)),
        Field(26, ("replayq",), BOOL, NEGATED, missing=False),
        Field(27, ("new", "bury"), BOOL),
        Field(28, ("rev", "bury"), BOOL),
        Field(29, ("buryInterdayLearning",), BOOL),
        Field(30, ("newMix",), I32_KIND),
        Field(31, ("interdayLearningMix",), I32_KIND),
        Field(32, ("newSortOrder",), I32_KIND),
        Field(33, ("reviewOrder",), I32_KIND),
        Field(34, ("newGatherPriority",), I32_KIND),
        Field(35, ("newPerDayMinimum",), U32_KIND),
        Field(36, ("questionAction",), I32_KIND),
        Field(37, ("desiredRetention",), FLOAT),
        Field(38, ("stopTimerOnAnswer",), BOOL),
        Field(40, ("sm2Retention",), FLOAT),
        Field(41, ("secondsToShowQuestion",), FLOAT),
        Field(42, ("secondsToShowAnswer",), FLOAT),
        Field(43, ("answerAction",), I32_KIND),
        Field(44, ("waitForAudio",), BOOL, missing=True),
        Field(45, ("weightSearch",), TEXT),
        Field(46, ("ignoreRevlogsBeforeDate",), TEXT),
        _OTHER,
    ],
)
