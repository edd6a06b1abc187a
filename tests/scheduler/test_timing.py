from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.scheduler.timing import DAY_S, Timing, day_timing

MOMENTS = st.integers(1_400_000_000, 2_100_000_000)
OFFSETS = st.none() | st.integers(-840, 720)
HOURS = st.integers(0, 23)


def timing_at(
    now_s: int, created_s: int, creation_offset: int | None, local_offset: int | None, hour: int
) -> Timing:
    return day_timing(
        now_s=now_s,
        created_s=created_s,
        creation_offset=creation_offset,
        local_offset=local_offset,
        rollover=hour,
    )


@given(MOMENTS, st.integers(0, 4000 * DAY_S), OFFSETS, OFFSETS, HOURS)
def test_the_day_goes_up_by_one_at_the_cutoff_and_lasts_a_day(
    now_s: int, age_s: int, creation_offset: int | None, local_offset: int | None, hour: int
) -> None:
    created_s = now_s - age_s - 2 * DAY_S
    now = timing_at(now_s, created_s, creation_offset, local_offset, hour)
    assert 0 <= now.next_cutoff_s - now_s <= DAY_S
    before = timing_at(now.next_cutoff_s - 1, created_s, creation_offset, local_offset, hour)
    after = timing_at(now.next_cutoff_s + 1, created_s, creation_offset, local_offset, hour)
    assert after.today == before.today + 1
    assert after.next_cutoff_s == now.next_cutoff_s + DAY_S


@given(MOMENTS, st.integers(-840, 720), HOURS)
def test_a_day_begins_at_the_rollover_on_the_persons_clock(
    now_s: int, local_offset: int, hour: int
) -> None:
    timing = timing_at(now_s, now_s, local_offset, local_offset, hour)
    clock = timezone(timedelta(minutes=-local_offset))
    cutoff = datetime.fromtimestamp(timing.next_cutoff_s, clock)
    assert (cutoff.hour, cutoff.minute, cutoff.second) == (hour, 0, 0)


@given(st.integers(0, 3000), st.sampled_from(["Europe/Berlin", "America/New_York", "UTC"]))
def test_a_day_is_counted_for_every_date_across_daylight_saving(start: int, zone: str) -> None:
    """At noon of each date, with the offset a browser then reports, the number goes up by one."""
    created = datetime(2014, 1, 1, 4, tzinfo=ZoneInfo(zone))
    noons = [created.replace(hour=12) + timedelta(days=start + day) for day in range(370)]
    numbers = [
        timing_at(int(noon.timestamp()), int(created.timestamp()), west(created), west(noon), 4)
        for noon in noons
    ]
    assert all(after.today == before.today + 1 for before, after in pairwise(numbers))


@given(MOMENTS, st.integers(0, 4000 * DAY_S), OFFSETS, OFFSETS, HOURS)
def test_a_collection_from_the_future_is_on_its_first_day(
    now_s: int, ahead_s: int, creation_offset: int | None, local_offset: int | None, hour: int
) -> None:
    created_s = now_s + ahead_s + 2 * DAY_S
    assert timing_at(now_s, created_s, creation_offset, local_offset, hour).today == 0


def test_no_local_offset_is_utc() -> None:
    noon = int(datetime(2024, 3, 1, 12, tzinfo=UTC).timestamp())
    assert timing_at(noon, noon, 0, None, 4) == timing_at(noon, noon, 0, 0, 4)


def west(moment: datetime) -> int:
    offset = moment.utcoffset()
    assert offset is not None
    return -int(offset.total_seconds()) // 60
