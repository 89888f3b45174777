"""The Lagrangian dual of the relaxed problem at given prices: its value, exact or smoothed, and its gradient.

Prices: `resource` [R * T], what a microsecond of a line or a pool is worth; `supply` [offers of stocks],
what a unit is worth. A stock's supplies are nested (what arrives later serves fewer buckets), so its prices
must not rise with arrival: the variables are the drops `mu >= 0` between one supply and the next, and a
price is their sum from there on.

    L = sum_o quantity(o) * min(shortfall(o), min_arc cost + base[k, t])
        - sum_segments amount * max(0, price - rate) - sum_supplies quantity * price

with base = time and labour at prices, shares of set-up and fixed costs, and the components' unit costs. Any
nonnegative prices give a lower bound (weak duality); see docs/formulation.md part 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matcher.pricing.materials import Materials
from matcher.pricing.orders import inner_minimum
from matcher.pricing.relaxation import Reals, Relaxation
from matcher.problem import Indices, Ints

LEAST_SCALE = 1.0
LEAST_SHARE = 0.01
FAR = 500.0


@dataclass(frozen=True, slots=True)
class Scales:
    """Typical magnitudes, by which temperatures and variables are measured."""

    order_line: Reals
    """[O] cost of a unit."""
    row: Reals
    """[row] cost of a unit of a component at a site."""
    resource: Reals
    """[R] price of a microsecond."""
    offer: Reals
    """[offers of stocks] price of a unit."""
    total: float
    """Cost of the whole."""


class Dual:
    """Evaluates the dual; `materials.row` holds the components' unit costs of the last evaluation."""

    def __init__(self, relaxation: Relaxation) -> None:
        self.relaxation = relaxation
        self.materials = Materials(relaxation)
        self.orders = inner_minimum(relaxation)
        problem, sourcing = relaxation.problem, relaxation.sourcing
        self.buckets = problem.grid.buckets
        self.cells = len(problem.resources.ids) * self.buckets
        self.stock_quantity = problem.supplies.quantity[sourcing.offer_supply].astype(np.float64)
        self._stock_ends = _ends(sourcing.offer_stock)
        self._pooled = np.flatnonzero(relaxation.labour > 0)
        every = np.arange(len(relaxation.line))
        self._on_line = self._owned(relaxation.line, every, np.ones(len(every)))
        pooled = self._pooled
        self._on_pool = self._owned(relaxation.pool[pooled], pooled, relaxation.labour[pooled])
        self.scales = self._scales()
        self._slot_price = np.repeat(self.scales.resource, self.buckets)
        self._segment_groups = _groups(relaxation)
        self._free_time = np.bincount(
            self._segment_groups[0].slot, self._segment_groups[0].amount, self.cells
        )
        self._slot_unit, self._drop_unit = self._units()

    def _owned(self, owner: Indices, capability: Ints, units: Reals) -> sparse.csr_array:
        """Return [R, K]: what a unit made by each capability takes of each resource, apart from what the bucket says."""
        shape = (len(self.relaxation.problem.resources.ids), len(self.relaxation.line))
        return sparse.csr_array((units, (owner, capability)), shape=shape)

    @property
    def size(self) -> int:
        """How many variables there are."""
        return self.cells + len(self.stock_quantity)

    def prices(self, variables: Reals) -> tuple[Reals, Reals]:
        """Return resource [R * T] and supply prices [offers] of scaled variables >= 0."""
        resource, drops = variables[: self.cells] * self._slot_unit, variables[self.cells :] * self._drop_unit
        return resource, self._from_there_on(drops)

    def variables(self, resource: Reals, supply: Reals) -> Reals:
        """Return the scaled variables of resource [R * T] and supply prices [offers] as they are, or the next possible."""
        offers = _falling(np.maximum(supply, 0.0), self.relaxation.sourcing.offer_stock)
        after = np.append(offers[1:], 0.0) * (np.arange(1, len(offers) + 1) < self._stock_ends)
        scaled = [
            np.maximum(resource, 0.0) / self._slot_unit,
            (offers - after[: len(offers)]) / self._drop_unit,
        ]
        return np.concatenate(scaled)

    def of_items(self) -> sparse.csr_array:
        """Return [size, items in stock]: the variables at which all supplies of an item cost its typical price."""
        sourcing, offers = self.relaxation.sourcing, np.arange(len(self.stock_quantity))
        last = offers[self._stock_ends == offers + 1]
        items = self.relaxation.problem.supplies.item[sourcing.offer_supply[last]]
        _, item = np.unique(items, return_inverse=True)
        price = self.scales.offer[last] / self._drop_unit[last]
        return sparse.csr_array(
            (price, (self.cells + last, item)), shape=(self.size, int(item.max(initial=-1)) + 1)
        )

    def base(self, resource: Reals, supply: Reals, temperature: float) -> Reals:
        """Return [K, T]: what a unit costs at the prices beyond the arc's own cost."""
        relaxed = self.relaxation
        price = resource.reshape(-1, self.buckets)
        base = relaxed.time * price[relaxed.line]
        base += relaxed.extra
        if len(self._pooled):
            base[self._pooled] += relaxed.labour[self._pooled, None] * price[relaxed.pool[self._pooled]]
        self.materials.price(base, supply, self.scales.row, temperature)
        return np.asarray(base + self.materials.cost_of_needs(), dtype=np.float64)

    def focus(self, variables: Reals, most: int) -> None:
        """Let `soft` look at the `most` arcs of each order line that cost least here, where there are very many."""
        self.orders.focus(self.base(*self.prices(variables), 0.0).reshape(-1), most)

    def soft(self, variables: Reals, temperature: float) -> tuple[float, Reals]:
        """Return the smoothed dual and its gradient by the scaled variables."""
        scales = self.scales
        resource, supply = self.prices(variables)
        base = self.base(resource, supply, temperature)
        value, usage = self.orders.soft(base.reshape(-1), scales.order_line * temperature)
        made, drawn = self.materials.use(usage.reshape(-1, self.buckets))
        load = self._on_line @ (self.relaxation.time * made) + self._on_pool @ made
        offered, spare = self._segments(resource, temperature)
        value -= offered + float(self.stock_quantity @ supply)
        by_price = load.reshape(-1) - spare
        by_drop = self._up_to_there(drawn - self.stock_quantity)
        gradient = np.concatenate([by_price * self._slot_unit, by_drop * self._drop_unit])
        return value, np.asarray(gradient, dtype=np.float64)

    def _segments(self, resource: Reals, temperature: float) -> tuple[float, Reals]:
        """Return what the segments earn at the prices, and the time offered at them [R * T].

        A segment with a rate opens where the price exceeds it; smoothed by a softplus.
        """
        free, paid = self._segment_groups
        worth = float(np.einsum("i,i->", free.amount, resource[free.slot]))
        above = (resource[paid.slot] - paid.rate) / (self._slot_price[paid.slot] * temperature)
        decay = np.exp(-np.abs(np.clip(above, -FAR, FAR)))
        share = np.where(above > 0, 1.0, decay) / (1.0 + decay)
        softplus = (np.maximum(above, 0.0) + np.log1p(decay)) * self._slot_price[paid.slot] * temperature
        worth += float(np.einsum("i,i->", paid.amount, softplus))
        opened = np.bincount(paid.slot, paid.amount * share, self.cells)
        return worth, np.asarray(self._free_time + opened, dtype=np.float64)

    def _from_there_on(self, drops: Reals) -> Reals:
        """Return for each offer the sum of the drops from it to its stock's end; never rises within a stock."""
        total = np.cumsum(drops[::-1])[::-1]
        after = np.append(total, 0.0)[self._stock_ends]
        prices = np.maximum(total - after, 0.0)
        # Rounding of the differences may leave a rise of an ulp: the running maximum from the end removes it.
        return _falling(prices, self.relaxation.sourcing.offer_stock)

    def _up_to_there(self, values: Reals) -> Reals:
        """Return for each offer the sum of values from the beginning of its stock to it."""
        total = np.append(0.0, np.cumsum(values))
        stock = self.relaxation.sourcing.offer_stock
        starts = (
            np.flatnonzero(np.append(True, stock[1:] != stock[:-1])) if len(stock) else np.zeros(0, np.int64)
        )
        return np.asarray(total[1:] - total[starts][stock], dtype=np.float64)

    def _units(self) -> tuple[Reals, Reals]:
        """Return what a variable of 1 means: for a slot's price, for a drop.

        A typical price, the smaller the more it moves: second derivatives grow with the value of the time offered,
        for a drop with that of all supplies up to it, and variables should weigh alike.
        """
        relaxed = self.relaxation
        price = self._slot_price
        time = np.bincount(relaxed.segment, relaxed.amount, self.cells) * price
        goods = self._up_to_there(self.stock_quantity) * self.scales.offer
        typical = time[time > 0].mean() if (time > 0).any() else 1.0
        slot_unit = price / np.sqrt(np.maximum(time / typical, LEAST_SHARE))
        return slot_unit, self.scales.offer / np.sqrt(np.maximum(goods / typical, LEAST_SHARE))

    def _scales(self) -> Scales:
        """Measure typical magnitudes at prices of zero."""
        relaxed, problem = self.relaxation, self.relaxation.problem
        sourcing = relaxed.sourcing
        ones = np.ones(len(sourcing.row_item))
        self.materials.price(relaxed.extra, np.zeros(len(self.stock_quantity)), ones, 0.0)
        base = relaxed.extra + self.materials.cost_of_needs()
        least = self.orders.least(base.reshape(-1))
        order_line = np.maximum(least, 0.05 * relaxed.shortfall)
        order_line = np.where(order_line > 0, order_line, LEAST_SCALE)
        typical = float(np.median(order_line)) if len(order_line) else LEAST_SCALE
        by_item = _typical_by(problem.order_lines.item, order_line, len(problem.items), typical)
        row = self._row_scale(by_item)
        item_scale = by_item[problem.capabilities.item]
        of_component = np.isin(problem.capabilities.item, sourcing.row_item)
        row_of_item = _typical_by(sourcing.row_item, row, len(problem.items), typical)
        item_scale = np.where(of_component, row_of_item[problem.capabilities.item], item_scale)
        per_time = item_scale / np.maximum(relaxed.time.min(axis=1, initial=np.inf), 1.0)
        per_labour = item_scale / np.maximum(relaxed.labour, 1.0)
        resources = len(problem.resources.ids)
        owner = np.concatenate([relaxed.line, relaxed.pool[relaxed.labour > 0]])
        resource = _typical_by(
            owner, np.concatenate([per_time, per_labour[relaxed.labour > 0]]), resources, 1.0
        )
        supply_item = problem.supplies.item[sourcing.offer_supply]
        return Scales(
            order_line=order_line,
            row=row,
            resource=resource,
            offer=0.5 * row_of_item[supply_item],
            total=max(float(relaxed.quantity @ order_line), 1.0),
        )

    def _row_scale(self, by_item: Reals) -> Reals:
        """Return by row a typical unit cost: an even share of what the items made from it cost.

        From the top level down, so that components of components get theirs.
        """
        sourcing, capability_item = self.relaxation.sourcing, self.relaxation.problem.capabilities.item
        scale = by_item.copy()
        row = np.ones(len(sourcing.row_item))
        need_item = capability_item[sourcing.need_capability]
        siblings = np.diff(sourcing.need_starts)[sourcing.need_capability]
        per_unit = sourcing.need_units / sourcing.need_per
        for level in range(int(sourcing.item_level.max(initial=0)), 0, -1):
            mine = np.flatnonzero(sourcing.item_level[need_item] == level)
            share = 0.5 * scale[need_item[mine]] / (siblings[mine] * per_unit[mine])
            rows = sourcing.need_row[mine]
            row = np.where(
                np.bincount(rows, minlength=len(row)) > 0, _typical_by(rows, share, len(row), 1.0), row
            )
            items = _typical_by(sourcing.row_item[rows], share, len(scale), 0.0)
            scale = np.where(items > 0, items, scale)
        return row


@dataclass(frozen=True, slots=True)
class _Group:
    slot: Ints
    amount: Reals
    rate: Reals


def _groups(relaxation: Relaxation) -> tuple[_Group, _Group]:
    """Return the segments that cost nothing extra, and the others."""
    paid = relaxation.rate > 0
    free, dear = (
        _Group(relaxation.segment[which], relaxation.amount[which], relaxation.rate[which])
        for which in (~paid, paid)
    )
    return free, dear


def _typical_by(group: Indices, values: Reals, groups: int, otherwise: float) -> Reals:
    """Return the geometric mean of the values of each group."""
    count = np.bincount(group, minlength=groups)
    logs = np.bincount(group, np.log(np.maximum(values, 1e-12)), groups)
    return np.where(count > 0, np.exp(logs / np.maximum(count, 1)), otherwise)


def _ends(stock: Indices) -> Indices:
    """Return for each offer the first offer beyond its stock."""
    return np.searchsorted(stock, stock, side="right").astype(np.int32)


def _falling(prices: Reals, stock: Indices) -> Reals:
    """Return the prices raised where needed so that they do not rise within a stock."""
    fixed = prices.copy()
    while True:
        rising = np.flatnonzero((stock[1:] == stock[:-1]) & (fixed[1:] > fixed[:-1]))
        if not len(rising):
            return fixed
        fixed[rising] = fixed[rising + 1]
