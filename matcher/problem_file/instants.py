"""Instants and durations as text: ISO 8601, to the microsecond, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII)
_UNITS = (604_800_000_000, 86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000)


def instant_of(text: str) -> int:
    """Read an ISO 8601 instant with its offset as µs since 1970. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("expected an instant with its offset from UTC, such as 2026-01-05T06:00Z")
    return (moment - _EPOCH) // _MICROSECOND


def text_of(instant: int) -> str | int:
    """Write µs since 1970 as ISO 8601; a number where the calendar ends before it."""
    try:
        moment = _EPOCH + timedelta(microseconds=instant)
    except OverflowError:
        return instant
    return moment.isoformat().replace("+00:00", "Z")


def duration_of(text: str) -> int:
    """Read an ISO 8601 duration of whole weeks, days, hours, minutes and seconds as µs. Raises ValueError."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ValueError("expected a duration such as PT8H or P2D")
    return sum(int(number or 0) * unit for number, unit in zip(match.groups(), _UNITS, strict=True))
