"""Measures as HTTP writes them, read into the exact integers and instants of the domain, and written back.

Money is a decimal string and becomes micros; durations are numbers whose field names the unit, or ISO 8601,
and become microseconds; instants are RFC 3339 with an offset, or a plain date that the market's time zone
completes.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from models.domain.measures import DAY, HOUR, SECOND, exact, seconds

DECIMAL = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?", re.ASCII)
TOO_MANY_DIGITS = 30
ISO_DURATION = re.compile(
    r"P(?=.)(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,12}(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)
PLAIN_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INSTANT = re.compile(
    r"(?P<whole>\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)\d*(?P<offset>[Zz]|[+-]\d{2}:\d{2})?",
    re.ASCII,
)
Moment = TypeVar("Moment", bound=date)
FIRST_YEAR, LAST_YEAR = 1900, 9998
"""Certificates "for ever" end in 9998 at the latest: a time zone and a day still fit behind."""


def decimal(value: Any, unit: int) -> int:
    """A decimal (a string, an integer, or a JSON number read exactly) as a whole number of 1/`unit`.

    Raises:
        ValueError: no decimal, finer than 1/`unit`, or of more digits than any measure has.
    """
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, str):
        if not DECIMAL.fullmatch(value):
            raise ValueError('a decimal such as "12.5" is expected')
    elif isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError('a decimal such as "12.5" is expected')  # noqa: TRY004 (as for a wrong text)
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > TOO_MANY_DIGITS:
        raise ValueError("the number is out of range")
    return exact(number, unit)


def degrees(value: Any) -> float:
    """A JSON number, or the same as text.

    Raises:
        ValueError: something else, or beyond a full circle.
    """
    if isinstance(value, float | Decimal):
        value = str(value)
    amount = decimal(value, 10**15) if len(str(value)) <= TOO_MANY_DIGITS else None
    if amount is None or abs(amount) > 360 * 10**15:
        raise ValueError("a number of degrees is expected")
    return amount / 10**15


def duration(value: Any, unit: int) -> int:
    """A duration in microseconds: a decimal number of `unit` (in µs), or ISO 8601 such as "PT1M30S".

    Raises:
        ValueError: neither, or a number with more than 6 places.
    """
    if isinstance(value, str) and value.startswith("P"):
        return iso_duration(value)
    return decimal(value, SECOND) * (unit // SECOND)


def iso_duration(text: str) -> int:
    """An ISO 8601 duration of days, hours, minutes and seconds, in microseconds."""
    match = ISO_DURATION.fullmatch(text)
    if match is None:
        raise ValueError(
            'an ISO 8601 duration of days, hours, minutes and seconds is expected, such as "PT1M30S"'
        )
    days, hours, minutes = (int(match[name] or 0) for name in ("days", "hours", "minutes"))
    return days * DAY + hours * HOUR + minutes * 60 * SECOND + exact(match["seconds"] or 0, SECOND)


def instant(value: Any) -> datetime:
    """RFC 3339 with an offset, as aware UTC; digits finer than a microsecond are dropped.

    Raises:
        ValueError: another form, no offset, no such day or hour, or a year that cannot be kept.
    """
    match = INSTANT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('an RFC 3339 instant is expected, such as "2026-05-04T08:00:00Z"')
    if match["offset"] is None:
        raise ValueError('the time has no offset: end it with "Z" or with one such as "+02:00"')
    try:
        found = datetime.fromisoformat(match["whole"].upper() + match["offset"].upper()).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the year is out of range") from error
    return kept(found)


def instant_or_day(value: Any) -> datetime | date:
    """An instant, or a plain date that the market's time zone will complete."""
    if isinstance(value, str) and PLAIN_DATE.fullmatch(value):
        return kept(date.fromisoformat(value))
    return instant(value)


def kept(moment: Moment) -> Moment:
    """The moment, where its year can be kept."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"the year must be from {FIRST_YEAR} to {LAST_YEAR}")
    return moment


def day_start(moment: datetime | date, zone: ZoneInfo) -> datetime:
    """The instant; of a plain date its first moment in the market's time zone."""
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(), zone).astimezone(UTC)


def day_end(moment: datetime | date, zone: ZoneInfo) -> datetime:
    """The instant; of a plain date the midnight that ends it in the market's time zone."""
    if isinstance(moment, datetime):
        return moment
    return day_start(moment + timedelta(days=1), zone)


def number_of(amount: int, unit: int) -> int | float | str:
    """Microseconds as a number of `unit`, or as ISO 8601 where 6 places cannot hold them."""
    whole, rest = divmod(amount, unit)
    if not rest:
        return whole
    return f"PT{seconds(amount)}S" if rest * 10**6 % unit else amount / unit


def rfc3339(moment: datetime) -> str:
    """The instant in UTC with `Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
