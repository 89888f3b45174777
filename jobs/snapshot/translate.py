"""A market as it is stored -> the columnar problem of the matcher. The only place that knows both."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from jobs.snapshot.capacity import spread
from jobs.snapshot.costs import shortfall_costs, unit_costs
from jobs.snapshot.demand import DEMAND_CLASSES, asked_for, headers_of, order_lines_of, priorities_of
from jobs.snapshot.making import capabilities_of, components_of, resources_of, supplies_of, windows_of
from jobs.snapshot.places import certificate_kinds, certificates_of, geography_of, lanes_of, places_of
from jobs.snapshot.rows import Rows, ints
from jobs.snapshot.stability import baseline_of
from matcher.problem import TERMS, Flags, Grid, Problem
from models.domain.calendar import Bucket, buckets
from models.domain.measures import instant_to_us
from models.domain.runs import RunParameters
from models.store.snapshots import MarketSnapshot

FULL_WEIGHT = 1000


@dataclass(frozen=True, slots=True)
class Translation:
    """A problem, and what its rows mean where the problem itself does not say.

    Attributes:
        problem: valid for the matcher if the market's numbers are within its limits.
        snapshot: what was translated; its rows and the problem's stand in the same order.
        buckets: of the problem's grid.
        overtime: by segment, whether it is offered at the overtime rate.
    """

    problem: Problem
    snapshot: MarketSnapshot
    buckets: tuple[Bucket, ...]
    overtime: Flags


def translate(snapshot: MarketSnapshot, parameters: RunParameters) -> Translation:
    """Return the problem of one run over one snapshot; equal input gives equal columns and an equal hash."""
    horizon = buckets(parameters.horizon_start, parameters.buckets, snapshot.market.time_zone)
    grid = Grid(
        boundaries=ints(
            instant_to_us(each) for each in (horizon[0].starts_at, *(bucket.ends_at for bucket in horizon))
        ),
        convention=parameters.convention.value,
    )
    organisations = Rows(each.id for each in snapshot.organisations)
    items = Rows(each.id for each in snapshot.items)
    geography = geography_of(snapshot.sites, snapshot.lanes, snapshot.orders)
    kinds = certificate_kinds(snapshot.certificates, snapshot.orders)
    resources = resources_of(snapshot.lines, snapshot.labour_pools, geography.sites)
    resource_rows = Rows(resources.ids)
    segments, overtime = spread(windows_of(snapshot.capacity_windows, resource_rows), grid.boundaries)
    capabilities = capabilities_of(snapshot.capabilities, resource_rows, items)
    components = components_of(snapshot.bills, items)
    supplies = supplies_of(snapshot.supplies, organisations, geography.sites, items)
    asked = asked_for(snapshot.orders, geography)
    lines = [each.line for each in asked]
    shortfall = shortfall_costs(
        lines,
        [items.row(line.item) for line in lines],
        unit_costs(len(items), capabilities, components, supplies),
        parameters.shortfall_costs,
    )
    problem = Problem(
        grid=grid,
        organisations=organisations.ids,
        places=places_of(snapshot.sites, organisations, geography),
        resources=resources,
        segments=segments,
        items=items.ids,
        capabilities=capabilities,
        components=components,
        supplies=supplies,
        lanes=lanes_of(snapshot.lanes, geography),
        certificate_kinds=kinds.ids,
        certificates=certificates_of(snapshot.certificates, geography.sites, kinds),
        demand_classes=tuple(each.value for each in DEMAND_CLASSES),
        orders=tuple(order.id for order in snapshot.orders),
        order_lines=order_lines_of(
            asked, shortfall, int(grid.boundaries[-1]), snapshot.items, items, geography, kinds
        ),
        baseline=baseline_of(
            snapshot.baseline,
            parameters,
            grid,
            ZoneInfo(snapshot.market.time_zone),
            Rows(line.id for line in lines),
            Rows(each.id for each in snapshot.capabilities),
        ),
        headers=headers_of(snapshot.orders, organisations),
        priorities=priorities_of(parameters.priorities),
        weights=np.array([parameters.weights.get(term, FULL_WEIGHT) for term in TERMS], dtype=np.int64),
    )
    return Translation(problem, snapshot, horizon, overtime)
