"""The market: one currency, one planning calendar and time zone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from models.domain.ids import maker
from models.domain.measures import now
from models.domain.resources import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Orders and capacity belong to a market; a run plans one. A new installation has one, code `main`.

    Attributes:
        currency: ISO 4217, such as `EUR`.
        time_zone: IANA name; days and weeks of the planning calendar begin at its midnight.
    """

    id: str = field(default_factory=maker("market"))
    code: str = ""
    name: str
    currency: str
    time_zone: str = "UTC"
    status: Status = Status.ACTIVE
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
