"""Access to replicas: at hand, or validated with the log."""

from chalicelib.storage.disk import disk_errors
from chalicelib.storage.opening import Opener
from chalicelib.storage.replica import ReopenError, Replica
from chalicelib.storage.warm import Seat


class Access:
    """Fills seats with replicas; for whoever has the turn with a seat."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener

    def at_hand(self, seat: Seat) -> Replica:
        """The seat's replica, out of date perhaps; opened when there is none."""
        if seat.replica is None or seat.replica.torn:
            return self.reopened(seat)
        return seat.replica

    def validated(self, seat: Seat) -> Replica:
        """The seat's replica at a state no older than this call."""
        if seat.replica is None or seat.replica.torn:
            return self.reopened(seat)
        self.catch_up(seat)
        return self.at_hand(seat)

    def catch_up(self, seat: Seat) -> bool:
        """Bring the seat's replica to the head; whether it was behind."""
        try:
            return self._opener.catch_up(self.at_hand(seat))
        except ReopenError:
            self.reopened(seat)
            return True

    def reopened(self, seat: Seat) -> Replica:
        """A fresh replica in the place of the seat's."""
        with disk_errors():
            seat.drop()
            try:
                seat.replica = self._opener.open(seat.owner, seat.path)
            finally:
                if seat.replica is None:
                    seat.drop()
        return seat.replica
