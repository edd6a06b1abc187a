"""What requests do on their way costs them nothing most of the time, and never their answer."""

from chalicelib.errors import StorageUnavailableError
from chalicelib.ops.now_and_then import NowAndThen


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_it_is_done_once_in_its_time_and_not_at_the_first_request() -> None:
    clock, done = Clock(), []
    tidy = NowAndThen(lambda: done.append(clock.now_s), every_s=60, clock=clock)
    for clock.now_s in (0, 1, 59, 60, 61, 119, 120, 500):
        tidy()
    assert done == [60, 120, 500]


def test_what_goes_wrong_stops_no_request() -> None:
    clock, tries = Clock(), []

    def fails() -> None:
        tries.append(clock.now_s)
        raise StorageUnavailableError if len(tries) == 1 else OSError

    tidy = NowAndThen(fails, every_s=60, clock=clock)
    for clock.now_s in (60, 61, 120):
        tidy()
    assert tries == [60, 120]
