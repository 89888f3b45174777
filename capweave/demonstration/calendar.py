"""Dates of the demonstration market, all relative to its start: midnight UTC of a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

WEEKS = 11
"""How far the factories' calendars reach."""


@dataclass(frozen=True)
class Week:
    """A working week: Monday, Saturday and Sunday at 00:00, cut to the part after the market's start."""

    number: int
    monday: datetime
    saturday: datetime
    sunday: datetime

    @property
    def working_share(self) -> float:
        """The part of Monday to Friday that lies after the start."""
        return (self.saturday - self.monday) / timedelta(days=5)


def midnight(day: date) -> datetime:
    """The beginning of a day, UTC."""
    return datetime.combine(day, time(), tzinfo=UTC)


def instant(moment: datetime) -> str:
    """RFC 3339, as the API takes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def weeks(start: datetime) -> Iterator[Week]:
    """The weeks of the calendar; what lies before the start is cut off."""
    first = start - timedelta(days=start.weekday())
    for number in range(WEEKS):
        monday = first + timedelta(weeks=number)
        saturday, sunday = monday + timedelta(days=5), monday + timedelta(days=6)
        yield Week(number, max(monday, start), max(saturday, start), max(sunday, start))
