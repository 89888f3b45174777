"""Certificates: what a site holds and an order may require."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from models.domain.ids import maker
from models.domain.resources import Published


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate(Published):
    """A kind, such as `ISO13485`, valid in [valid_from, valid_until]; `organisation` is the site's."""

    id: str = field(default_factory=maker("certificate"))
    organisation: str | None = None
    site: str
    kind: str
    number: str | None = None
    valid_from: datetime
    valid_until: datetime
