"""The market of `bench.market` with the rest of the model switched on, in realistic proportion.

A third of the routes make whole multiples of 6 to 24 units; lines with set-ups share them between two families; one
product in ten is made by three lines only, and on as many lines as it had routes before after a conversion (a week or two
down, a fortnight at half speed, a machine from a depot), some with a voucher; a programme pays 2 a unit of what some
factories make for emergencies; one order in ten has two or three order lines and half of these ship complete; one product
in five may be made from another material, a tenth more of it; one factory in twenty has a floor of work. A buyer has
about twenty orders. `with_baseline` publishes a plan for the first weeks, locks what begins in the first and a tenth of the
rest, and prices changes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bench.market import MICRO, START, market
from matcher.eligibility import find_arcs
from matcher.formulation.transport import Transport
from matcher.improve import greedy
from matcher.plan import Plan
from matcher.problem import (
    DAY,
    NONE,
    Baseline,
    Budgets,
    Conversions,
    Equipment,
    Indices,
    Ints,
    OrderHeaders,
    Priorities,
    Problem,
    SetupFamilies,
    Substitutes,
    Supplies,
    Vouchers,
    WorkFloors,
)
from matcher.problem_file import validate

SCARCE = 10
"""One product in so many is made by few lines as they are."""
FEW_ROUTES = 3
MACHINES = "converting machine"


def rich_market(orders: int, seed: int = 0, *, levels: bool = False, baseline: bool = True) -> Problem:
    """Make a market of about so many order lines that uses every rule; `levels`: classes first, fair shares."""
    rng = np.random.default_rng(seed + 1_000)
    problem = market(orders, seed)
    for change in (_whole_orders, _lots, _families, _conversions, _vouchers, _substitutes, _floors):
        problem = change(problem, rng)
    if levels:
        classes = len(problem.demand_classes)
        fair = np.arange(classes) == 0
        problem = replace(
            problem,
            priorities=Priorities(lexicographic=True, fair=fair, floor_ppm=np.zeros(classes, np.int64)),
        )
    if baseline:
        problem = with_baseline(problem, first_plan(problem), rng)
    validate(problem)
    return problem


def _products(problem: Problem) -> int:
    return sum(name.startswith("product") for name in problem.items)


def _chosen(rng: np.random.Generator, count: int, share: float) -> NDArray[np.bool_]:
    return np.asarray(rng.uniform(0, 1, count) < share, dtype=bool)


def _whole_orders(problem: Problem, rng: np.random.Generator) -> Problem:
    """Join neighbours into orders of two or three lines; half of these ship complete."""
    lines = len(problem.order_lines.ids)
    starts = np.ones(lines, dtype=bool)
    for row in np.flatnonzero(_chosen(rng, lines, 0.1)).tolist():
        starts[row + 1 : row + 1 + int(rng.integers(1, 3))] = False
    starts[0] = True
    order = np.cumsum(starts) - 1
    count = int(order[-1]) + 1
    several = np.bincount(order, minlength=count) > 1
    headers = OrderHeaders(
        buyer=rng.integers(0, max(count // 20, 1), count).astype(np.int32) % len(problem.organisations),
        ship_complete=several & _chosen(rng, count, 0.5),
    )
    # An order goes to one place, to be there at about one time.
    first = np.flatnonzero(starts)[order]
    table = problem.order_lines
    same = {name: getattr(table, name)[first] for name in ("requested", "earliest", "latest", "destination")}
    lines_of = replace(table, order=order.astype(np.int32), demand_class=table.demand_class[first], **same)
    names = tuple(f"ord_{row}" for row in range(count))
    return replace(problem, orders=names, headers=headers, order_lines=lines_of)


def _lots(problem: Problem, rng: np.random.Generator) -> Problem:
    table = problem.capabilities
    size = rng.choice([6, 10, 12, 20, 24], len(table.line)).astype(np.int64)
    lot = np.where(_chosen(rng, len(size), 1 / 3), size, 1)
    return replace(problem, capabilities=replace(table, lot_size=lot))


def _families(problem: Problem, rng: np.random.Generator) -> Problem:
    """Let the capabilities of a line with set-ups share half of each in two families."""
    table = problem.capabilities
    has = table.setup_cost > 0
    number = table.line.astype(np.int64) * 2 + rng.integers(0, 2, len(table.line))
    known, family = np.unique(number[has], return_inverse=True)
    count, of = len(known), np.full(len(table.line), NONE, dtype=np.int32)
    of[has] = family
    size = np.bincount(family, minlength=count)
    mean = [
        np.bincount(family, column[has], count) / size // 2 for column in (table.setup_time, table.setup_cost)
    ]
    families = SetupFamilies(
        tuple(f"family_{row}" for row in range(count)),
        (known // 2).astype(np.int32),
        *(column.astype(np.int64) for column in mean),
    )
    halved = {name: np.where(has, getattr(table, name) // 2, 0) for name in ("setup_time", "setup_cost")}
    return replace(problem, families=families, capabilities=replace(table, family=of, **halved))


def _conversions(problem: Problem, rng: np.random.Generator) -> Problem:
    """Let few lines make some products as they are, and the others after a conversion."""
    table, products = problem.capabilities, _products(problem)
    scarce = np.zeros(len(problem.items), dtype=bool)
    scarce[: max(products // SCARCE, 1)] = True
    rank = np.zeros(len(table.line), dtype=np.int64)
    for item in np.flatnonzero(scarce).tolist():
        rank[table.item == item] = np.arange(int((table.item == item).sum()))
    needs = scarce[table.item] & (rank >= FEW_ROUTES)
    lines, number = np.unique(table.line[needs], return_inverse=True)
    conversion = np.full(len(table.line), NONE, dtype=np.int32)
    conversion[needs] = number
    count = len(lines)
    conversions = Conversions(
        tuple(f"conversion_{row}" for row in range(count)),
        lines.astype(np.int32),
        cost=rng.integers(2_000, 12_000, count) * MICRO,
        down=rng.integers(1, 3, count) * 7 * DAY,
        ramp=np.full(count, 14 * DAY),
        ramp_ppm=np.full(count, 500_000),
    )
    problem = replace(problem, capabilities=replace(table, conversion=conversion), conversions=conversions)
    return _with_machines(problem, rng)


def _with_machines(problem: Problem, rng: np.random.Generator) -> Problem:
    """Let half of the conversions need a machine, of which the depots have fewer than that."""
    count, item = len(problem.conversions.ids), len(problem.items)
    needs = np.flatnonzero(_chosen(rng, count, 0.5)).astype(np.int32)
    equipment = Equipment(needs, np.full(len(needs), item, np.int32), np.ones(len(needs), np.int64))
    depots = [row for row, name in enumerate(problem.places.ids) if name.startswith("depot")]
    table, many = problem.supplies, len(depots)
    there = Supplies(
        ids=(*table.ids, *(f"machines_{row}" for row in range(many))),
        item=np.append(table.item, np.full(many, item)).astype(np.int32),
        site=np.append(table.site, depots).astype(np.int32),
        quantity=np.append(table.quantity, np.full(many, max(len(needs) // (2 * many), 1))),
        available=np.append(table.available, np.full(many, START)),
        unit_price=np.append(table.unit_price, np.full(many, 1_500 * MICRO)),
        owner=np.append(table.owner, depots).astype(np.int32),
        own_stock=np.append(table.own_stock, np.zeros(many, dtype=bool)),
    )
    return replace(problem, items=(*problem.items, MACHINES), equipment=equipment, supplies=there)


def _vouchers(problem: Problem, rng: np.random.Generator) -> Problem:
    """A programme pays for some conversions, another for units made for emergencies by some capabilities."""
    conversions = np.flatnonzero(_chosen(rng, len(problem.conversions.ids), 0.4))
    capabilities = np.flatnonzero(_chosen(rng, len(problem.capabilities.line), 0.05))
    first, second = len(conversions), len(capabilities)
    vouchers = Vouchers(
        budget=np.repeat(np.array([0, 1], np.int32), [first, second]),
        capability=np.append(np.full(first, NONE), capabilities).astype(np.int32),
        conversion=np.append(conversions, np.full(second, NONE)).astype(np.int32),
        demand_class=np.append(np.full(first, NONE), np.zeros(second)).astype(np.int32),
        amount=np.append(np.full(first, 3_000 * MICRO), np.full(second, 2 * MICRO)),
    )
    money = np.array([1_000 * max(first, 1), 5 * len(problem.order_lines.ids)]) * MICRO
    return replace(problem, vouchers=vouchers, budgets=Budgets(("conversions", "emergencies"), money))


def _substitutes(problem: Problem, rng: np.random.Generator) -> Problem:
    """Let another material stand for the own one of some products."""
    bom, items = problem.components, problem.items
    materials = np.array([row for row, name in enumerate(items) if name.startswith("material")])
    own = (bom.item < _products(problem)) & np.isin(bom.component, materials)
    rows = np.flatnonzero(own & _chosen(rng, len(bom.item), 0.2))
    item = rng.choice(materials, len(rows))
    keep = item != bom.component[rows]
    rows, item = rows[keep], item[keep]
    table = Substitutes(
        rows.astype(np.int32),
        item.astype(np.int32),
        np.full(len(rows), 11),
        np.full(len(rows), 10),
        np.full(len(rows), MICRO // 20),
    )
    return replace(problem, substitutes=table)


def _floors(problem: Problem, rng: np.random.Generator) -> Problem:
    """Let some factories work at least nine tenths of their time; each hour less costs 15."""
    factories = np.array([row for row, name in enumerate(problem.places.ids) if name.startswith("factory")])
    sites = factories[_chosen(rng, len(factories), 0.05)]
    lines, segments = problem.resources.lines, problem.segments
    offered = np.bincount(segments.resource, segments.amount, len(problem.resources.ids))[:lines]
    by_site = np.bincount(problem.resources.site[:lines], offered, problem.places.sites)
    amount = (0.9 * by_site[sites]).astype(np.int64)
    return replace(
        problem, work_floors=WorkFloors(sites.astype(np.int32), amount, np.full(len(sites), 15 * MICRO))
    )


def first_plan(problem: Problem) -> Plan:
    """Return a plan as a planner without prices would have published it."""
    transport = Transport(problem)
    return greedy(problem, find_arcs(problem, transport).arcs, transport, None, should_stop=lambda: False)


def with_baseline(problem: Problem, plan: Plan, rng: np.random.Generator, weeks: int = 6) -> Problem:
    """Publish the first weeks of a plan."""
    made = plan.allocations
    rows = np.flatnonzero(made.bucket < weeks)
    whole = problem.shipped_whole[made.order_line[rows]]
    locked = (made.bucket[rows] == 0) | (_chosen(rng, len(rows), 0.1) & ~whole)

    def column(values: Indices | Ints) -> Indices:
        return values[rows].astype(np.int32)

    baseline = Baseline(
        column(made.order_line),
        column(made.capability),
        column(made.bucket),
        made.quantity[rows],
        locked,
        site_price=MICRO // 2,
        line_price=MICRO // 10,
        bucket_price=MICRO // 50,
        quantity_price=MICRO // 10,
        fence=int(problem.grid.boundaries[1]),
    )
    return replace(problem, baseline=baseline)
