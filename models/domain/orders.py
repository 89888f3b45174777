"""Orders and their lines: what buyers ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from models.domain.ids import maker
from models.domain.measures import Micros, Quantity, now
from models.domain.resources import Resource


class OrderStatus(StrEnum):
    """Whether an order (and each of its lines) takes part."""

    OPEN = "open"
    CANCELLED = "cancelled"


class PriorityClass(StrEnum):
    """Emergencies come before everything else."""

    EMERGENCY = "emergency"
    STANDARD = "standard"


class Commitment(StrEnum):
    """Whether the buyer is bound."""

    FIRM = "firm"
    FORECAST = "forecast"


class DemandClass(StrEnum):
    """The classes that the optimiser serves in this order."""

    EMERGENCY = "emergency"
    FIRM = "firm"
    FORECAST = "forecast"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine(Resource):
    """A quantity of an item, wanted by a date.

    Attributes:
        organisation, order: the buyer, and the order it belongs to; given by the store.
        code: unique in the order; "1", "2", ... where not said.
        earliest_start: nothing is made before.
        requested_date, latest_date: late after the one, useless after the other.
        price_ceiling: most that a unit may cost, made and delivered.
        lateness_cost_per_day: per unit and day; None takes the run's, which follows the shortfall cost.
        shortfall_cost: per unit unmet; None takes the run's for the demand class.
        max_sources: lines that may share it; None is any number.
        smallest_lot: least that one line makes of it; None is any.
        required_certificates: kinds.
        allowed_factories, excluded_factories: sites or organisations; no allowed one allows all.
        destination_site, destination_region: instead of the order's.
    """

    id: str = field(default_factory=maker("order_line"))
    organisation: str | None = None
    order: str | None = None
    status: OrderStatus = OrderStatus.OPEN
    item: str
    quantity: Quantity
    earliest_start: datetime | None = None
    requested_date: datetime
    latest_date: datetime | None = None
    priority_class: PriorityClass = PriorityClass.STANDARD
    commitment: Commitment = Commitment.FIRM
    price_ceiling: Micros | None = None
    lateness_cost_per_day: Micros | None = None
    shortfall_cost: Micros | None = None
    max_sources: int | None = None
    smallest_lot: Quantity | None = None
    ship_complete: bool = False
    required_certificates: tuple[str, ...] = ()
    allowed_factories: tuple[str, ...] = ()
    excluded_factories: tuple[str, ...] = ()
    destination_site: str | None = None
    destination_region: str | None = None

    @property
    def demand_class(self) -> DemandClass:
        """Emergency if it is one, else what the buyer's commitment says."""
        if self.priority_class is PriorityClass.EMERGENCY:
            return DemandClass.EMERGENCY
        return DemandClass(self.commitment.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Resource):
    """What one buyer asks for at one time; `organisation` is the buyer."""

    id: str = field(default_factory=maker("order"))
    organisation: str
    status: OrderStatus = OrderStatus.OPEN
    placed_at: datetime = field(default_factory=now)
    destination_site: str | None = None
    destination_region: str | None = None
    lines: tuple[OrderLine, ...] = ()
