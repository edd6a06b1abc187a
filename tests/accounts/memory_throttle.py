"""Tries in a dict: what the port promises, with nothing behind it."""

from threading import Lock

from chalicelib.accounts.throttle import Limit, Throttle, Ticket, Tries, counted, present, without


class MemoryThrottle(Throttle):
    def __init__(self) -> None:
        self._tries: dict[str, Tries] = {}
        self._lock = Lock()

    def _admit(self, key: str, limit: Limit, now_ms: int) -> Ticket:
        with self._lock:
            before = present(self._tries.get(key), limit, now_ms)
            self._tries[key] = counted(before, limit, now_ms)
            return Ticket(key, before, self._tries[key])

    def _take_back(self, ticket: Ticket) -> None:
        with self._lock:
            fewer = without(self._tries.get(ticket.key), ticket)
            if fewer:
                self._tries[ticket.key] = fewer
