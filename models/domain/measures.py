"""Exact measures: integers inside, decimal strings and instants with an offset outside.

| measure | inside | limit |
|---|---|---|
| quantity | units of the item's base unit | 10^12 |
| money | micros (millionths) of the market's currency | 10^12 units of currency |
| duration | microseconds | 100 years |
| yield | parts per million | 10^6 |
| weight | thousandths | 10^6 units |
| instant | aware UTC datetime; microseconds since 1970 in snapshots | |
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal, DecimalException, localcontext

Quantity = int
Micros = int
Microseconds = int
Ppm = int
Thousandths = int

MICROS = 1_000_000
SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
FULL_YIELD = 1_000_000

MAX_QUANTITY = 10**12
MAX_MONEY = 10**12 * MICROS
MAX_DURATION = 36_525 * DAY
MAX_WEIGHT = 10**6 * 1000

_PRECISION = 60
_DIGITS = 30
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def exact(value: Decimal | str | int, unit: int) -> int:
    """Return `value` as a whole number of 1/`unit`.

    Raises:
        ValueError: not a finite decimal of sane size, or more decimal places than the unit holds.
    """
    with localcontext(prec=_PRECISION):
        try:
            scaled = Decimal(value) * unit
        except DecimalException:
            raise ValueError(f"{value!r} is not a decimal number, or too large") from None
        # A short text can name a number of a billion digits: nothing that large is ever written out.
        if not scaled.is_finite() or scaled.adjusted() > _DIGITS:
            raise ValueError(f"{value!r} is too large")
        if scaled != (whole := scaled.to_integral_value()):
            raise ValueError(f"{value} is finer than 1/{unit}")
        return int(whole)


def shown(value: int, unit: int) -> str:
    """Return a whole number of 1/`unit` as the shortest exact decimal string: 12500000 micros are "12.5"."""
    with localcontext(prec=_PRECISION):
        text = format(Decimal(value) / unit, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def micros(value: Decimal | str | int) -> Micros:
    """Return money, such as "12.5", in micros; ValueError where it has more than 6 places."""
    return exact(value, MICROS)


def money(value: Micros) -> str:
    """Return micros as a decimal string."""
    return shown(value, MICROS)


def microseconds(seconds: Decimal | str | int) -> Microseconds:
    """Return seconds as microseconds; ValueError where they have more than 6 places."""
    return exact(seconds, SECOND)


def seconds(value: Microseconds) -> str:
    """Return microseconds as a decimal string of seconds."""
    return shown(value, SECOND)


def instant_to_us(instant: datetime) -> int:
    """Return microseconds since 1970-01-01T00:00Z of an aware instant."""
    return (instant - _EPOCH) // _MICROSECOND


def us_to_instant(value: int) -> datetime:
    """Return the aware UTC instant of microseconds since 1970-01-01T00:00Z."""
    return _EPOCH + timedelta(microseconds=value)


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)
