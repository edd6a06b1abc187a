"""The slots of a ring that a reader asks for, and what their entries tell."""

from collections.abc import Iterable

from chalicelib.storage.ports import Following, LogEntry

# How many slots beyond its own a reader asks for at once.
_AHEAD = 8


def slots_from(seq: int, slots: int) -> list[int]:
    """The slot of commit `seq` and a few after it, as far as they can be had in one request.

    That is up to the end of the ring; from its last slot on, those at the beginning.
    """
    own = seq % slots
    last = min(own + _AHEAD, slots - 1)
    return [own, *(range(own + 1, last + 1) or range(min(_AHEAD, own)))]


def following(found: Iterable[LogEntry], seq: int, slots: int) -> Following:
    """What the entries found in those slots tell a reader at commit `seq`."""
    held = {entry.seq % slots: entry for entry in found}
    own, last = seq % slots, slots_from(seq, slots)[-1]
    newer = sorted(
        (entry for slot, entry in held.items() if slot != own and entry.seq > seq),
        key=lambda entry: entry.seq,
    )
    more = any(entry.seq % slots == last for entry in newer)
    return Following(held.get(own), tuple(newer), more)
