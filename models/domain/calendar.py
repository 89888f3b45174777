"""The planning calendar: how a run's horizon is cut into buckets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo


class BucketLength(StrEnum):
    """How long a bucket is. A week ends at the next Monday: the first one may be part of a week."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class BucketSpan:
    """So many buckets of one length, one after the other."""

    count: int
    length: BucketLength


@dataclass(frozen=True, slots=True)
class Bucket:
    """The half-open interval [starts_at, ends_at)."""

    index: int
    starts_at: datetime
    ends_at: datetime


DEFAULT_SPANS = (BucketSpan(14, BucketLength.DAY), BucketSpan(24, BucketLength.WEEK))
"""Fourteen days, then ISO weeks until the 26th."""
MAX_BUCKETS = 1000


def next_midnight(instant: datetime, time_zone: str) -> datetime:
    """Return the first midnight of the time zone after an instant: where a horizon begins if nobody says."""
    return _midnight(instant.astimezone(ZoneInfo(time_zone)).date() + timedelta(days=1), time_zone)


def buckets(start: datetime, spans: Sequence[BucketSpan], time_zone: str) -> tuple[Bucket, ...]:
    """Cut the time from `start` on, at midnights of the time zone.

    The first bucket begins at `start` itself and ends at the calendar's next midnight (or Monday). A day on
    which clocks change has 23 or 25 hours.
    """
    boundaries = [start]
    day = start.astimezone(ZoneInfo(time_zone)).date()
    for span in spans:
        for _ in range(span.count):
            day += timedelta(days=1 if span.length is BucketLength.DAY else 7 - day.weekday())
            boundaries.append(_midnight(day, time_zone))
    return tuple(Bucket(index, *bounds) for index, bounds in enumerate(pairwise(boundaries)))


def _midnight(day: date, time_zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)
