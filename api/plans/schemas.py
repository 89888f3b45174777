"""Plans and their parts over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from api.fields import InstantOut, MoneyOut, Reference, Schema, SecondsOut, Shown
from api.resources.schemas import Cursor, HistoryQuery
from api.runs.schemas import FractionOut
from models.domain.measures import money
from models.domain.orders import DemandClass
from models.domain.plans import Aim, AllocationStatus, Factor, PlanLevel, PlanStatus, Termination
from models.domain.runs import Convention

Measure = Literal["fraction", "units", "money"]
MEASURES: Mapping[Aim, Measure] = {
    Aim.RELEASED: "units",
    Aim.FAIR_SHARE: "fraction",
    Aim.FLOOR: "units",
    Aim.SERVICE: "money",
}


class Part(Shown):
    """What is made of a domain value."""

    model_config = ConfigDict(from_attributes=True)


class BucketOut(Part):
    """The half-open interval [starts_at, ends_at)."""

    index: int
    starts_at: InstantOut
    ends_at: InstantOut


class PlanCountsOut(Part):
    """Order lines that the run saw; filled whole and on time; short; late; and allocations made."""

    order_lines: int
    filled: int
    short: int
    late: int
    allocations: int


class PlanLevelOut(Part):
    """An aim that came before money, in its own measure: the less, the better."""

    aim: Aim
    demand_class: DemandClass | None = Field(
        description="null for `released`, which is of all classes together."
    )
    unit: Measure = Field(
        description="What `value` and `bound` count: `units` promised before that the plan does not have (`released`), "
        "the `fraction` of the fill rate that the worst served buyer lacks (`fair_share`), `units` below the floors "
        "(`floor`), `money` of shortfall and lateness (`service`)."
    )
    value: str = Field(description="A decimal, as of money.")
    bound: str = Field(description="Proven: no plan has less.")
    gap: FractionOut

    @model_validator(mode="before")
    @classmethod
    def measured(cls, level: Any) -> Any:
        """Write value and bound in their unit."""
        if not isinstance(level, PlanLevel):
            return level
        unit = MEASURES[level.aim]
        told = {
            name: str(amount) if unit == "units" else money(amount)
            for name, amount in (("value", level.value), ("bound", level.bound))
        }
        return {"aim": level.aim, "demand_class": level.demand_class, "unit": unit, "gap": level.gap, **told}


class ReleasedOut(Part):
    """Units that the earlier plan had promised, on a line from `starts_at` on, and that had become impossible."""

    order_line: str
    line: str
    starts_at: str
    quantity: int


class PlanOut(Part):
    """What a run decided."""

    id: str
    market: str
    run: str
    status: PlanStatus
    objective: MoneyOut = Field(description="The weighted sum of the terms.")
    terms: Mapping[str, MoneyOut] = Field(description="Unweighted, by name.")
    bound: MoneyOut = Field(description="Proven: no plan of this market can cost less.")
    gap: FractionOut = Field(description="(objective - bound) / objective.")
    termination: Termination
    seconds: SecondsOut = Field(validation_alias="elapsed", description="Wall time of the match.")
    peak_memory_mb: float
    snapshot_hash: str = Field(description="SHA-256 of the problem that was solved.")
    seed: int
    convention: Convention
    buckets: tuple[BucketOut, ...]
    counts: PlanCountsOut
    released: tuple[ReleasedOut, ...] = Field(description="What was promised before and is not kept.")
    levels: tuple[PlanLevelOut, ...] = Field(description="What came before money, the most urgent first.")
    created_at: InstantOut
    published_at: InstantOut | None


class PublishedOut(PlanOut):
    """A plan that was published just now."""

    warnings: tuple[str, ...] = Field(description="Where it is far worse than the plan published before.")


class AllocationNamesOut(Part):
    """What people call them: names, and the codes of the order and its line."""

    factory: str
    site: str
    line: str
    buyer: str
    order: str
    order_line: str
    item: str
    unit: str = Field(description="What the quantity counts.")


class AllocationOut(Part):
    """So much of an order line is made by a line in a bucket; it arrives at `delivery_at`."""

    id: str
    plan: str
    organisation: str = Field(description="The factory.")
    buyer: str
    order: str
    order_line: str
    site: str
    line: str
    capability: str
    item: str
    bucket: int
    starts_at: InstantOut
    ends_at: InstantOut
    delivery_at: InstantOut
    quantity: int
    status: AllocationStatus
    unit_cost: MoneyOut = Field(description="What the capability asks for a unit, as it stands now.")
    cost: MoneyOut = Field(description="Of all units, without set-ups and carriage.")
    names: AllocationNamesOut


class ProductionOut(Part):
    """So much of a component is made in a bucket for others to use."""

    id: str
    plan: str
    organisation: str
    site: str
    line: str
    capability: str
    item: str
    bucket: int
    starts_at: InstantOut
    ends_at: InstantOut
    quantity: int


class DrawOut(Part):
    """So much of an item goes from a supply or a production to an allocation or a production."""

    id: str
    plan: str
    organisation: str = Field(description="The factory that uses it.")
    supplier: str = Field(description="Who owns what is drawn.")
    supply: str | None
    from_production: str | None
    allocation: str | None
    for_production: str | None
    item: str
    quantity: int


class GatingFactorOut(Part):
    """What stood in the way."""

    factor: Factor
    object: str | None
    bucket: int | None
    message: str


class ShortfallNamesOut(Part):
    """What people call them: names, and the codes of the order and its line."""

    buyer: str
    order: str
    order_line: str
    item: str
    unit: str = Field(description="What the quantities count.")


class ShortfallOut(Part):
    """An order line that is short (`unmet` > 0) or late (`late` > 0), and why."""

    id: str
    plan: str
    organisation: str
    order: str
    order_line: str
    item: str
    quantity: int
    unmet: int
    late: int
    factors: tuple[GatingFactorOut, ...]
    names: ShortfallNamesOut


class LoadOut(Part):
    """How much of what a line or a labour pool offers in a bucket is used; overtime is in both, and apart."""

    plan: str
    organisation: str
    site: str
    line: str | None
    labour_pool: str | None
    bucket: int
    used_seconds: SecondsOut = Field(validation_alias="used")
    available_seconds: SecondsOut = Field(validation_alias="available")
    used_overtime_seconds: SecondsOut = Field(validation_alias="used_overtime")
    available_overtime_seconds: SecondsOut = Field(validation_alias="available_overtime")


class PageQuery(Schema):
    """Which page of a list."""

    limit: int = Field(default=100, ge=1, le=500, description="Rows a page.")
    cursor: Cursor | None = Field(default=None, description="The `next_cursor` of the page before.")


class PlanQuery(HistoryQuery):
    """What the list of plans can be asked."""

    status: PlanStatus | None = Field(default=None, description="Only plans of this status.")
    run: Reference | None = Field(default=None, description="Id of the run that made it.")


class AllocationQuery(PageQuery):
    """What a plan's allocations can be asked."""

    order: Reference | None = None
    order_line: Reference | None = None
    line: Reference | None = None
    item: Reference | None = None
    bucket: int | None = Field(default=None, ge=0, le=1000)
    organisation: Reference | None = None


class ProductionQuery(PageQuery):
    """What a plan's productions can be asked."""

    line: Reference | None = None
    item: Reference | None = None
    bucket: int | None = Field(default=None, ge=0, le=1000)
    organisation: Reference | None = None


class DrawQuery(PageQuery):
    """What a plan's material draws can be asked."""

    supply: Reference | None = None
    item: Reference | None = None
    organisation: Reference | None = None


class ShortfallQuery(PageQuery):
    """What a plan's shortfalls can be asked."""

    factor: Factor | None = None
    order: Reference | None = None
    order_line: Reference | None = None
    item: Reference | None = None
    organisation: Reference | None = None


class LoadQuery(PageQuery):
    """What a plan's load can be asked."""

    line: Reference | None = None
    labour_pool: Reference | None = None
    bucket: int | None = Field(default=None, ge=0, le=1000)
    organisation: Reference | None = None
