"""Parts that are a flow from order lines to buckets of lines: solved exactly as minimum cost flow.

A part is a network when every rule but R1, R2 for single units, and R5 is idle in it, and all that one line
makes takes equally long, so that a bucket is a number of units. A part is one of lots when it would be a
network (perhaps with unequal times) were the set-ups decided. What takes no time of its line needs no room there.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

import numpy as np

from matcher.components import Part
from matcher.exact.answer import Answer
from matcher.exact.apart import SolverApart
from matcher.exact.flow import Flow, cheapest_flow
from matcher.exact.keys import distinct, numbered
from matcher.exact.setting import Scope, Setting
from matcher.formulation.levels import aims_of
from matcher.problem import NONE, Flags, Ints
from matcher.progress import Watch

SAFE = 2**60
APART_FROM = 300_000
"""Activities from which a flow takes so long that it is found by a process which can be killed."""


class Kind(Enum):
    """What a part is for the exact tier; a charged network is one but for fixed costs of lines and sites."""

    NETWORK = "network"
    CHARGED_NETWORK = "charged network"
    LOTS = "lots"
    GENERAL = "general"


def kinds_of(setting: Setting, parts: list[Part]) -> list[Kind]:
    """Say what each part is."""
    flow, charged, lots, set_up = _flow_arcs(setting)
    aims, kinds = aims_of(setting.problem), []
    for part in parts:
        beside = (part.makings, part.supplies, part.conversions, part.vouchers, part.work_floors)
        if any(map(len, beside)) or not lots[part.arcs].all():
            kinds.append(Kind.GENERAL)
        elif flow[part.arcs].all() and not aims:
            kinds.append(Kind.CHARGED_NETWORK if charged[part.arcs].any() else Kind.NETWORK)
        else:
            kinds.append(Kind.LOTS if set_up[part.arcs].any() else Kind.GENERAL)
    return kinds


def _flow_arcs(setting: Setting) -> tuple[Flags, Flags, Flags, Flags]:
    """Say which arcs are flow and nothing more, which use a line or site with a fixed cost, ...

    ... which are units that need room in a bucket and perhaps a set-up, and which do need a set-up.
    """
    problem, arcs = setting.problem, setting.arcs
    lines, table = problem.order_lines, problem.capabilities
    order = ~(lines.ship_complete & (lines.quantity > 1)) & (lines.smallest_lot <= 1)
    # A limit of sources binds only with more lines, and more units, than it allows.
    most = np.minimum(_lines_of(setting), lines.quantity)
    order &= (lines.max_sources == 0) | (lines.max_sources >= most)
    even, paid = _even(setting)
    lots = (table.minimum_batch <= 1) & ((table.labour_pool == NONE) | (setting.making.labour == 0))
    lots &= ~np.isin(table.item, setting.bom_items) & ~paid & _alone(setting)
    set_up = (table.setup_time > 0) | (table.setup_cost * setting.weight["setup"] > 0)
    site = problem.resources.site[table.line]
    fixed = (problem.resources.fixed_cost[table.line] > 0) | (problem.places.fixed_cost[site] > 0)
    charged = fixed & (setting.weight["fixed"] > 0)
    lots_arcs = order[arcs.order_line] & lots[arcs.capability]
    flow_arcs = lots_arcs & (even & ~set_up)[arcs.capability]
    return flow_arcs, charged[arcs.capability], lots_arcs, set_up[arcs.capability]


def _alone(setting: Setting) -> Flags:
    """Say which capabilities no rule or price of the wider model touches (rules new to it belong here)."""
    problem, table = setting.problem, setting.problem.capabilities
    alone = (table.family == NONE) & (table.lot_size <= 1) & (table.conversion == NONE)
    alone &= ~np.isin(np.arange(len(table.line)), problem.vouchers.capability)
    alone &= ~np.isin(problem.resources.site[table.line], problem.work_floors.site)
    alone &= ~np.isin(table.line, problem.conversions.line)
    whole = problem.headers.ship_complete.any() or len(problem.baseline.order_line) > 0
    return np.asarray(alone & (not whole) & _shortfall_comes_first(setting), dtype=bool)


def _shortfall_comes_first(setting: Setting) -> bool:
    """Say whether nothing comes before money, or the least shortfall of the only class; more is no aim of lots.

    Networks have no aims at all: their one objective is money.
    """
    problem = setting.problem
    aims = aims_of(problem)
    late = setting.weight["lateness"] > 0 and problem.order_lines.lateness_cost.any()
    return not aims or ([aim.name for aim in aims] == ["service"] and not late)


def _lines_of(setting: Setting) -> Ints:
    """Return how many different lines each order line has arcs to."""
    arcs, line = setting.arcs, setting.problem.capabilities.line
    lines, orders = max(setting.problem.resources.lines, 1), len(setting.problem.order_lines.ids)
    # Arcs of one order line and capability stand together.
    step = np.flatnonzero(np.diff(arcs.capability, prepend=-1) | np.diff(arcs.order_line, prepend=-1))
    pairs = arcs.order_line[step].astype(np.int64) * lines + line[arcs.capability[step]]
    return np.bincount(distinct(pairs, orders * lines) // lines, minlength=orders)


def _even(setting: Setting) -> tuple[Flags, Flags]:
    """Say for which capabilities their line takes one time, or none, for all it makes, and where it offers paid time."""
    problem, line = setting.problem, setting.problem.capabilities.line
    used = np.unique(setting.arcs.capability)
    shortest = np.full(problem.resources.lines, np.iinfo(np.int64).max)
    longest = np.zeros(problem.resources.lines, dtype=np.int64)
    takes = used[setting.making.time[used] > 0]
    np.minimum.at(shortest, line[takes], setting.making.time[takes])
    np.maximum.at(longest, line[takes], setting.making.time[takes])
    even = (shortest == longest) | (longest == 0)
    paid = (setting.regular != setting.making.offered).any(axis=1)
    return np.asarray(even[line], dtype=bool), np.asarray(paid[: len(longest)][line], dtype=bool)


def solve_network(scope: Scope, open_: Flags | None = None, watch: Watch | None = None) -> Answer | None:
    """Return units by activity and their cost as the bound; None where the costs do not fit the algorithm.

    Only activities where `open_` are used, all if it is not given; fixed costs are left out. A large flow stops when
    the `watch`, if one is given, says so, and then has no answer either.
    """
    shortfall = scope.setting.problem.order_lines.shortfall_cost[scope.part.order_lines]
    unmet = scope.setting.weight["shortfall"] * shortfall
    common = max(int(np.gcd.reduce(np.concatenate([scope.cost, unmet]))), 1)
    buckets = scope.setting.problem.grid.buckets
    cells, cell = numbered(scope.line * buckets + scope.bucket, scope.setting.making.offered.size)
    orders = len(scope.quantity)
    if _largest(scope.cost, unmet) // common * (orders + len(cells) + 1) > SAFE:
        return None
    capacity = scope.setting.making.offered[cells // buckets, cells % buckets]
    time = np.zeros(len(cells), dtype=np.int64)
    np.maximum.at(time, cell, scope.time)
    demand = int(scope.quantity.sum())
    room = np.where(time > 0, capacity // np.maximum(time, 1), demand)
    sink = orders + len(cells)
    each, there = np.arange(orders), np.arange(orders, sink)
    # What takes no time goes past the room.
    through = np.where(scope.time > 0, orders + cell, sink)
    flow = Flow(
        np.concatenate([scope.order, each, there]),
        np.concatenate([through, np.full(orders, sink), np.full(len(cells), sink)]),
        np.concatenate(
            [scope.limit if open_ is None else scope.limit * open_, scope.quantity, np.minimum(room, demand)]
        ),
        np.concatenate([scope.cost // common, unmet // common, np.zeros(len(cells), dtype=np.int64)]),
        np.concatenate([scope.quantity, np.zeros(len(cells), dtype=np.int64), [-demand]]),
    )
    if watch is not None and len(scope.order) >= APART_FROM:
        with SolverApart(watch) as apart:
            found = apart.flow(replace(flow, seconds=watch.remaining))
    else:
        found = cheapest_flow(flow)
    return None if found is None else Answer(found[0][: len(scope.order)], found[1] * common)


def _largest(*columns: Ints) -> int:
    return max((int(np.abs(column).max()) for column in columns if len(column)), default=0)
