"""Organisations: buyers, factories, suppliers, operators, observers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from models.domain.ids import maker
from models.domain.resources import Published


class Role(StrEnum):
    """What an organisation, or an API key, may do."""

    ENTERPRISE = "enterprise"
    FACTORY = "factory"
    SUPPLIER = "supplier"
    OPERATOR = "operator"
    OBSERVER = "observer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation(Published):
    """One organisation may hold several roles. `country` is ISO 3166-1 alpha-2, `region` free text."""

    id: str = field(default_factory=maker("organisation"))
    name: str
    roles: tuple[Role, ...] = ()
    country: str | None = None
    region: str | None = None
