"""A deck's options, with Anki's names and ranges; a test compares them with what is accepted."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.api.openapi.answers.kinds import AnkiId

Unit = Annotated[int, msgspec.Meta(ge=0, le=1)]
Cards = Annotated[int, msgspec.Meta(ge=0, le=9999)]
Days = Annotated[int, msgspec.Meta(ge=1, le=36500)]
Step = Annotated[float, msgspec.Meta(gt=0, le=60 * 24 * 365)]
# A side of a card with such a time goes on by itself, if one studies so.
Seconds = Annotated[float, msgspec.Meta(ge=0, le=24 * 3600, description="0: it waits.")]
Steps = Annotated[list[Step], msgspec.Meta(max_length=50, description="Minutes.")]
Name = Annotated[
    str,
    msgspec.Meta(extra_json_schema={"pattern": r"^(?=.*\S)[^\u0000-\u001f\u007f]{1,120}$"}),
]
Intervals = Annotated[
    list[Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]],
    msgspec.Meta(
        min_length=2,
        max_length=3,
        description="Days after Good and after Easy; what else the file has means nothing.",
        extra_json_schema={
            "prefixItems": [{"type": "integer", "minimum": 1, "maximum": 36500}] * 2
        },
    ),
]

_OWN: dict[str, Any] = {
    "name": Name,
    "maxTaken": Annotated[int, msgspec.Meta(ge=1, le=9999, description="Seconds.")],
    "timer": Unit,
    "autoplay": bool,
    "replayq": bool,
    "newMix": Annotated[int, msgspec.Meta(ge=0, le=2)],
    "interdayLearningMix": Annotated[int, msgspec.Meta(ge=0, le=2)],
    "reviewOrder": Annotated[int, msgspec.Meta(ge=0, le=12)],
    "newSortOrder": Annotated[int, msgspec.Meta(ge=0, le=4)],
    "newGatherPriority": Annotated[int, msgspec.Meta(ge=0, le=5)],
    "buryInterdayLearning": bool,
    "secondsToShowQuestion": Seconds,
    "secondsToShowAnswer": Seconds,
    "questionAction": Annotated[
        int, msgspec.Meta(ge=0, le=1, description="0 shows the answer, 1 reminds.")
    ],
    "answerAction": Annotated[
        int, msgspec.Meta(ge=0, le=4, description="Bury, Again, Good, Hard, or a reminder.")
    ],
    "waitForAudio": bool,
}
_BLOCKS: dict[str, dict[str, Any]] = {
    "new": {
        "delays": Steps,
        "ints": Intervals,
        "initialFactor": Annotated[
            int, msgspec.Meta(ge=1310, le=5000, description="The first ease, in thousandths.")
        ],
        "order": Annotated[int, msgspec.Meta(ge=0, le=1, description="0 for random, 1 in order.")],
        "perDay": Cards,
        "bury": bool,
    },
    "rev": {
        "perDay": Cards,
        "ease4": Annotated[float, msgspec.Meta(ge=1, le=5, description="Easy's bonus.")],
        "hardFactor": Annotated[float, msgspec.Meta(ge=0.5, le=1.3)],
        "ivlFct": Annotated[float, msgspec.Meta(ge=0.5, le=2)],
        "maxIvl": Days,
        "bury": bool,
    },
    "lapse": {
        "delays": Steps,
        "mult": Annotated[float, msgspec.Meta(ge=0, le=1)],
        "minInt": Days,
        "leechFails": Annotated[int, msgspec.Meta(ge=1, le=9999)],
        "leechAction": Annotated[
            int, msgspec.Meta(ge=0, le=1, description="0 suspends, 1 only tags.")
        ],
    },
}


def _struct(name: str, description: str, members: dict[str, Any], *, partial: bool) -> Any:
    fields: list[Any] = [
        (member, kind | UnsetType, UNSET) if partial else (member, kind)
        for member, kind in members.items()
    ]
    return msgspec.defstruct(name, fields, namespace={"__doc__": description}, module=__name__)


def _options(name: str, description: str, *, partial: bool) -> Any:
    blocks = {
        block: _struct(f"{name}{block.capitalize()}", "", members, partial=partial)
        for block, members in _BLOCKS.items()
    }
    return _struct(name, description, {"id": AnkiId} | _OWN | blocks, partial=partial)


DeckOptions = _options("DeckOptions", "Anki's options of a deck.", partial=False)
DeckOptionsChanges = _options(
    "DeckOptionsChanges", "What is left out stays; `id` may only be what it is.", partial=True
)
