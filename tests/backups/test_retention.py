"""How long backups are kept."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.backups.backup import BackupId
from chalicelib.backups.retention import DAY_MS, KEPT_MS, WEEK_MS, unneeded

HOUR_MS = 60 * 60 * 1000
NOW_MS = 1_705_312_800_000

backups = st.builds(
    BackupId,
    st.integers(NOW_MS - 400 * DAY_MS, NOW_MS),
    st.sampled_from(["daily", "manual"]),
)


def at(*ages_ms: int) -> list[BackupId]:
    return [BackupId(NOW_MS - age, "daily") for age in ages_ms]


def kept(backups: list[BackupId], most: int = 1000) -> list[BackupId]:
    gone = unneeded(backups, NOW_MS, most)
    return [backup for backup in backups if backup not in gone]


def test_everything_of_the_last_thirty_days_is_kept() -> None:
    hourly = at(*range(0, 30 * DAY_MS + 1, HOUR_MS))
    assert kept(hourly) == hourly


def test_after_thirty_days_one_a_week_is_kept_the_last_one() -> None:
    daily = at(*(day * DAY_MS for day in range(31, 180)))
    left = kept(daily)
    weeks = {backup.made_ms // WEEK_MS for backup in daily}
    assert len(left) == len(weeks)
    for week in weeks:
        of_week = [backup for backup in daily if backup.made_ms // WEEK_MS == week]
        assert max(of_week) in left


def test_after_half_a_year_it_goes() -> None:
    young, old, older = at(HOUR_MS, KEPT_MS, KEPT_MS + 1)
    assert kept([young, old, older]) == [young, old]


def test_a_crowded_hour_does_not_cost_the_weeks_before() -> None:
    daily = at(*(day * DAY_MS for day in range(1, 21)))
    crowd = at(*(minute * 60_000 for minute in range(60)))
    assert set(daily) <= set(kept(daily + crowd, most=30))


@given(st.lists(backups, unique=True, min_size=1, max_size=60), st.integers(1, 20))
def test_never_more_than_the_most_never_none_and_never_the_newest(
    existing: list[BackupId], most: int
) -> None:
    left = kept(existing, most)
    assert 1 <= len(left) <= most
    assert max(existing) in left
    assert unneeded(left, NOW_MS, most) == []


@given(st.lists(backups, unique=True, max_size=40))
def test_pruning_every_day_leaves_what_pruning_once_would(existing: list[BackupId]) -> None:
    left = existing
    for day in range(0, 60, 5):
        gone = unneeded(left, NOW_MS + day * DAY_MS, 1000)
        left = [backup for backup in left if backup not in gone]
    once = unneeded(existing, NOW_MS + 55 * DAY_MS, 1000)
    assert sorted(left) == sorted(backup for backup in existing if backup not in once)
