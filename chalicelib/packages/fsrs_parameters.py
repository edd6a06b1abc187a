"""What an option group says of somebody's memory, which goes nowhere without the scheduling.

Source: Anki's rslib/src/deckconfig/schema11.rs (keys); that they are left out is what Anki does.
"""

from collections.abc import Mapping

NO_FSRS_PARAMETERS: Mapping[str, list[float]] = {
    "fsrsWeights": [],
    "fsrsParams5": [],
    "fsrsParams6": [],
}
