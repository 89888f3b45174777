"""How numbers and instants are written for people."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

DASH = "\u2013"
FACTORS = {
    "capability": "No line can make it",
    "certificate": "Certificate missing",
    "capacity": "Line capacity",
    "labour": "Labour",
    "material": "Material",
    "lead_time": "Lead time",
    "frozen_fence": "Frozen fence",
    "lot_size": "Lot size",
    "split_limit": "Split limit",
    "price_ceiling": "Price ceiling",
    "competing_demand": "Competing demand",
    "excluded": "Factory excluded",
    "lane": "No lane",
    "cost": "Dearer than going without",
    "lateness_is_free": "Lateness costs nothing",
}
TERMINATIONS = {
    "optimal": "nothing better exists",
    "gap": "good enough for the gap asked for",
    "time_limit": "the time was up",
    "cancelled": "cancelled",
}


def count(value: int | None) -> str:
    """Write a whole number with thin spaces between thousands."""
    return DASH if value is None else f"{value:,}".replace(",", "\u202f")


def money(value: Decimal | str | None, currency: str = "") -> str:
    """Write an amount rounded to units, large ones in thousands or millions."""
    if value is None:
        return DASH
    amount = Decimal(value)
    for size, suffix in ((10**9, " bn"), (10**6, " M"), (10**4, " k")):
        if abs(amount) >= size:
            scaled = amount / (1000 if suffix == " k" else size)
            return f"{scaled:,.2f}{suffix} {currency}".replace(",", "\u202f").strip()
    return f"{amount:,.2f} {currency}".replace(",", "\u202f").strip()


def share(value: Decimal | str | float | None, digits: int = 2) -> str:
    """Write a fraction as a percentage."""
    return DASH if value is None else f"{float(value) * 100:.{digits}f} %"


def seconds(value: Decimal | str | float | None) -> str:
    """Write a duration in seconds or minutes."""
    if value is None:
        return DASH
    number = float(value)
    return f"{number:.1f} s" if number < 60 else f"{int(number // 60)} min {int(number % 60):02d} s"  # noqa: PLR2004 - sixty seconds


def day(instant: datetime | str | None) -> str:
    """Write the day of an instant: `4 May`."""
    if instant is None:
        return DASH
    at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return f"{at.day} {at:%b}"


def moment(instant: datetime | str | None) -> str:
    """Write an instant: `4 May 13:05`."""
    if instant is None:
        return DASH
    at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return f"{at.day} {at:%b %H:%M}"
