"""What can be made, when and from what: lines, labour, capacity, capabilities, bills, supplies."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.snapshot.capacity import Windows
from jobs.snapshot.rows import Rows, flags, indices, ints
from matcher.problem import Capabilities, Components, Resources, Supplies
from models.domain.bills import BillOfMaterials
from models.domain.capabilities import Capability
from models.domain.capacity import CapacityWindow, Rate
from models.domain.lines import LabourPool, Line
from models.domain.measures import instant_to_us
from models.domain.supplies import Supply


def resources_of(lines: Sequence[Line], pools: Sequence[LabourPool], sites: Rows) -> Resources:
    """Return the table of lines and labour pools."""
    everything: tuple[Line | LabourPool, ...] = (*lines, *pools)
    return Resources(
        ids=tuple(each.id for each in everything),
        site=sites.column(each.site for each in everything),
        fixed_cost=ints(line.fixed_cost for line in lines),
    )


def windows_of(windows: Sequence[CapacityWindow], resources: Rows) -> Windows:
    """Return capacity windows as columns."""
    starts = ints(instant_to_us(each.starts_at) for each in windows)
    ends = ints(instant_to_us(each.ends_at) for each in windows)
    given = [each.available for each in windows]
    return Windows(
        resource=resources.column(each.line or each.labour_pool for each in windows),
        starts=starts,
        ends=ends,
        available=ints(
            length if available is None else available
            for available, length in zip(given, (ends - starts).tolist(), strict=True)
        ),
        cost_per_hour=ints(each.cost_per_hour for each in windows),
        overtime=flags(each.rate is Rate.OVERTIME for each in windows),
    )


def capabilities_of(capabilities: Sequence[Capability], resources: Rows, items: Rows) -> Capabilities:
    """Return the table of capabilities."""
    return Capabilities(
        line=resources.column(each.line for each in capabilities),
        item=items.column(each.item for each in capabilities),
        time_per_unit=ints(each.time_per_unit for each in capabilities),
        labour_pool=resources.column(each.labour_pool for each in capabilities),
        labour_per_unit=ints(each.labour_per_unit for each in capabilities),
        unit_cost=ints(each.unit_cost for each in capabilities),
        setup_time=ints(each.setup_time for each in capabilities),
        setup_cost=ints(each.setup_cost for each in capabilities),
        minimum_batch=ints(each.minimum_batch for each in capabilities),
        yield_ppm=ints(each.yield_ppm for each in capabilities),
        lead_time=ints(each.lead_time for each in capabilities),
    )


def components_of(bills: Sequence[BillOfMaterials], items: Rows) -> Components:
    """Return the bills of materials, a row a component."""
    rows = [(items.row(bill.item), part) for bill in bills for part in bill.components]
    return Components(
        item=indices(item for item, _ in rows),
        component=items.column(part.item for _, part in rows),
        quantity=ints(part.quantity for _, part in rows),
        per=ints(part.per for _, part in rows),
    )


def supplies_of(supplies: Sequence[Supply], organisations: Rows, sites: Rows, items: Rows) -> Supplies:
    """Return the table of supplies."""
    return Supplies(
        ids=tuple(each.id for each in supplies),
        item=items.column(each.item for each in supplies),
        site=sites.column(each.site for each in supplies),
        quantity=ints(each.quantity for each in supplies),
        available=ints(instant_to_us(each.available_from) for each in supplies),
        unit_price=ints(each.unit_price for each in supplies),
        owner=organisations.column(each.organisation for each in supplies),
        own_stock=flags(each.own_stock for each in supplies),
    )
