"""What works at a site: production lines (or work centres), and pools of workers of one skill."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.domain.ids import maker
from models.domain.measures import Micros
from models.domain.resources import Published


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Published):
    """A production line. `fixed_cost` is paid once if it makes anything; `organisation` is the site's."""

    id: str = field(default_factory=maker("line"))
    organisation: str | None = None
    site: str
    name: str
    fixed_cost: Micros = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LabourPool(Published):
    """Workers of one skill at one site; `organisation` is the site's."""

    id: str = field(default_factory=maker("labour_pool"))
    organisation: str | None = None
    site: str
    name: str
    skill: str | None = None
