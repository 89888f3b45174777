"""What all published resources have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from models.domain.measures import now


class Status(StrEnum):
    """Whether a resource takes part."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One row of a market.

    A field that refers to another resource holds its id. On the way in it may hold the other's code instead:
    the store turns codes into ids, fills an empty `market`, an empty `code` (with the id), the organisation
    that a row inherits from what it belongs to, and both instants.
    """

    id: str
    market: str = ""
    code: str = ""
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published(Resource):
    """A resource that is active until it is withdrawn."""

    status: Status = Status.ACTIVE
