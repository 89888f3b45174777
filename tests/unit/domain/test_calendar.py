from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from models.domain.calendar import DEFAULT_SPANS, BucketLength, BucketSpan, buckets, next_midnight

WEDNESDAY = datetime(2026, 5, 6, tzinfo=UTC)


def test_buckets_follow_each_other_without_a_gap() -> None:
    grid = buckets(WEDNESDAY, DEFAULT_SPANS, "UTC")
    assert len(grid) == 38
    assert all(before.ends_at == after.starts_at for before, after in pairwise(grid))
    assert [bucket.index for bucket in grid] == list(range(38))


def test_weeks_end_on_mondays_and_the_first_may_be_short() -> None:
    short, week = buckets(WEDNESDAY, [BucketSpan(2, BucketLength.WEEK)], "UTC")
    assert short.ends_at - short.starts_at == timedelta(days=5)
    assert (week.starts_at.weekday(), week.ends_at - week.starts_at) == (0, timedelta(days=7))


def test_days_begin_at_the_markets_midnight() -> None:
    start = next_midnight(WEDNESDAY, "Asia/Shanghai")
    assert start == datetime(2026, 5, 6, 16, tzinfo=UTC)
    (day,) = buckets(start, [BucketSpan(1, BucketLength.DAY)], "Asia/Shanghai")
    assert day.ends_at == datetime(2026, 5, 7, 16, tzinfo=UTC)


def test_a_horizon_may_begin_within_a_day() -> None:
    noon = WEDNESDAY + timedelta(hours=12)
    first, second = buckets(noon, [BucketSpan(2, BucketLength.DAY)], "UTC")
    assert (first.starts_at, first.ends_at - first.starts_at) == (noon, timedelta(hours=12))
    assert second.ends_at - second.starts_at == timedelta(days=1)


@pytest.mark.parametrize(("date", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 5, 6), 24)])
def test_a_day_on_which_clocks_change_is_shorter_or_longer(date: tuple[int, int, int], hours: int) -> None:
    start = next_midnight(datetime(*date, tzinfo=UTC) - timedelta(hours=12), "Europe/Berlin")
    (day,) = buckets(start, [BucketSpan(1, BucketLength.DAY)], "Europe/Berlin")
    assert day.ends_at - day.starts_at == timedelta(hours=hours)
