from hypothesis import given
from hypothesis import strategies as st

from chalicelib.scheduler.timing import DAY_S
from migrations.flask.days import Calendar

_OFFSETS = st.integers(-14 * 60, 12 * 60)
_CALENDARS = st.builds(
    Calendar,
    st.integers(1_300_000_000, 1_700_000_000),
    st.none() | _OFFSETS,
    _OFFSETS,
    st.integers(0, 23),
)
_MOMENTS = st.integers(1_700_000_000 + DAY_S, 1_900_000_000)


@given(_CALENDARS, _MOMENTS)
def test_the_day_keeps_its_number(calendar: Calendar, now_s: int) -> None:
    counted = (now_s - calendar.created_s) // DAY_S
    new = calendar.with_old_days(now_s)
    assert new.today(now_s) == counted
    assert new.creation_offset is not None
    assert (new.local_offset, new.rollover) == (calendar.local_offset, calendar.rollover)


@given(_CALENDARS, _MOMENTS, st.integers(0, 400))
def test_from_then_on_every_day_counts_one(calendar: Calendar, now_s: int, days: int) -> None:
    new = calendar.with_old_days(now_s)
    assert new.today(now_s + days * DAY_S) == new.today(now_s) + days


@given(_CALENDARS, _MOMENTS)
def test_a_calendar_is_changed_once(calendar: Calendar, now_s: int) -> None:
    new = calendar.with_old_days(now_s)
    assert abs(new.created_s - calendar.created_s) <= 2 * DAY_S
    if calendar.creation_offset is not None and calendar.today(now_s) == new.today(now_s):
        assert new is calendar
