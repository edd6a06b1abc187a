"""What real Anki's Card Info says of every card of a collection; run as a script with its path.

Prints, by card, the members of `CardStatsResponse` that do not depend on the moment.
"""

import json
import sys
from typing import Any

from anki.collection import Collection
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]


def card_stats(col: Any) -> dict[str, Any]:
    return {
        str(card_id): MessageToDict(
            col.card_stats_data(card_id),
            preserving_proto_field_name=True,
            always_print_fields_with_no_presence=True,
        )
        for card_id in col.find_cards("")
    }


if __name__ == "__main__":
    collection = Collection(sys.argv[1])
    try:
        print(json.dumps(card_stats(collection)))
    finally:
        collection.close(downgrade=True)
