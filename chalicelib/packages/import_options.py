"""What a person wants of an import, as Anki's dialog asks it."""

from dataclasses import dataclass
from typing import Literal

UpdateCondition = Literal["if_newer", "always", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How a package is merged.

    `update_notes` and `update_notetypes` say which of those that are here already are replaced.
    With `merge_notetypes`, a notetype that has other fields or templates than ours of the same id
    is joined with ours; else it is added beside it. Anki has the same defaults but for scheduling
    and deck options, which its dialog leaves behind.
    Source: Anki's proto/anki/import_export.proto (`ImportAnkiPackageOptions`).
    """

    with_scheduling: bool = True
    with_deck_configs: bool = True
    update_notes: UpdateCondition = "if_newer"
    update_notetypes: UpdateCondition = "if_newer"
    merge_notetypes: bool = False


def should_update(condition: UpdateCondition, existing_s: int, incoming_s: int) -> bool:
    """Whether what is here gives way, by when both were changed, epoch seconds.

    Source: Anki's rslib/src/import_export/package/apkg/import/notes.rs.
    """
    match condition:
        case "if_newer":
            return existing_s < incoming_s
        case "always":
            return existing_s != incoming_s
        case "never":
            return False
