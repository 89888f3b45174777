"""A synthetic market at any size, as a problem: the same for the same size and seed.

What it is like, so that nobody takes it for easier or harder than it is: products that fourteen lines each
can make over eleven weeks or so (about 140 arcs an order line); a line's week holds about one order line of
250 units, so that lots and set-ups are coarse against capacity. Every product needs a sub-assembly, made on
the platform from two materials by one of six lines, and a material of its own; materials come week by week
and suffice for all demand in all, not at all times. A third of the lines has set-ups (about 8 % of what a
plan costs apart from shortfalls; two fifths of a week's batch on such a line) and minimum batches of 10 to
40; labour is shared by the two lines of a factory and binds about a fifth as often as lines. Every order
line has at most three sources and a smallest lot of a fifth of it; one in ten ships whole, needs a
certificate, or excludes a factory; one in twenty has a price ceiling. A unit unmet costs 60 to 140 against
5 to 20 for making it. All demand needs 1.16 times the hours offered on average routes, overtime included:
cheaper and quicker routes bring the part that no plan can meet down to about a tenth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.problem import (
    ALWAYS,
    DAY,
    HOUR,
    NONE,
    Capabilities,
    Certificates,
    Components,
    Grid,
    Ints,
    Lanes,
    Lists,
    OrderLines,
    Places,
    Problem,
    Resources,
    Segments,
    Supplies,
)

MICRO = 1_000_000
WEEKS = 26
ROUTES = 14
SUB_ROUTES = 6
START = 1_767_225_600_000_000  # 2026-01-01T00:00Z
LOAD = 1.16
"""Hours that all demand needs over the hours offered, overtime included."""
Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shape:
    """How many of everything a market of some size has; items are products, then sub-assemblies, then materials."""

    orders: int
    factories: int
    products: int
    sub_assemblies: int
    materials: int
    regions: int

    @classmethod
    def of(cls, orders: int) -> Shape:
        """Scale the market with its orders."""
        products = max(8, orders // 100)
        factories = max(10, orders // 50)
        regions = int(np.clip(orders // 500, 4, 40))
        return cls(orders, factories, products, max(4, products // 2), max(6, products // 2), regions)

    @property
    def lines(self) -> int:
        """Two lines a factory."""
        return 2 * self.factories

    @property
    def sites(self) -> int:
        """The factories, and a depot in every region."""
        return self.factories + self.regions

    @property
    def items(self) -> int:
        """All items."""
        return self.products + self.sub_assemblies + self.materials


def market(orders: int, seed: int = 0) -> Problem:
    """Make a market of about so many orders, one line each."""
    return _Maker(Shape.of(orders), np.random.default_rng(seed)).problem()


class _Maker:
    """Draws one table after the other from one generator, so that a seed fixes everything."""

    def __init__(self, shape: Shape, rng: np.random.Generator) -> None:
        self.shape, self.rng = shape, rng
        self.place_at = rng.uniform(0, 1, (shape.regions, 2))
        self.region_of = np.concatenate(
            [rng.integers(0, shape.regions, shape.factories), np.arange(shape.regions)]
        )
        self.product = (
            rng.integers(0, shape.products, orders) if (orders := shape.orders) else np.zeros(0, np.int64)
        )
        self.quantity = rng.integers(10, 500, shape.orders)
        self.sub_of = rng.integers(0, shape.sub_assemblies, shape.products)
        self.sub_quantity = rng.integers(1, 3, shape.products)

    def problem(self) -> Problem:
        shape, boundaries = self.shape, START + np.arange(WEEKS + 1, dtype=np.int64) * 7 * DAY
        capabilities = self._capabilities()
        components = self._components()
        return Problem(
            grid=Grid(boundaries),
            organisations=tuple(f"org_{row}" for row in range(shape.sites)),
            places=self._places(),
            resources=self._resources(),
            segments=self._segments(capabilities),
            items=self._items(),
            capabilities=capabilities,
            components=components,
            supplies=self._supplies(components),
            lanes=self._lanes(),
            certificate_kinds=("medical",),
            certificates=self._certificates(),
            demand_classes=("emergency", "firm", "forecast"),
            orders=tuple(f"ord_{row}" for row in range(shape.orders)),
            order_lines=self._order_lines(capabilities),
        )

    def _items(self) -> tuple[str, ...]:
        shape = self.shape
        names = (("product", shape.products), ("sub", shape.sub_assemblies), ("material", shape.materials))
        return tuple(f"{name}_{row}" for name, count in names for row in range(count))

    def _places(self) -> Places:
        shape = self.shape
        names = [f"factory_{row}" for row in range(shape.factories)]
        names += [f"depot_{row}" for row in range(shape.regions)]
        names += [f"region_{row}" for row in range(shape.regions)]
        region = (shape.sites + self.region_of).astype(np.int32)
        return Places(
            tuple(names), np.arange(shape.sites, dtype=np.int32), region, np.zeros(shape.sites, np.int64)
        )

    def _resources(self) -> Resources:
        shape = self.shape
        names = [f"line_{row}" for row in range(shape.lines)] + [
            f"pool_{row}" for row in range(shape.factories)
        ]
        site = np.concatenate([np.arange(shape.lines) // 2, np.arange(shape.factories)]).astype(np.int32)
        return Resources(tuple(names), site, np.zeros(shape.lines, np.int64))

    def _routes(self, items: int, routes: int) -> tuple[Ints, Ints]:
        """Return item and line of every capability; no line twice for an item."""
        routes = min(routes, self.shape.lines)
        lines = np.stack([self.rng.choice(self.shape.lines, routes, replace=False) for _ in range(items)])
        return np.repeat(np.arange(items), routes), lines.reshape(-1)

    def _capabilities(self) -> Capabilities:
        shape, rng = self.shape, self.rng
        product, product_line = self._routes(shape.products, ROUTES)
        sub, sub_line = self._routes(shape.sub_assemblies, SUB_ROUTES)
        item, line = np.concatenate([product, shape.products + sub]), np.concatenate([product_line, sub_line])
        base_hours = np.concatenate(
            [rng.uniform(0.02, 0.2, shape.products), rng.uniform(0.005, 0.02, shape.sub_assemblies)]
        )
        base_cost = np.concatenate(
            [rng.uniform(5, 20, shape.products), rng.uniform(0.5, 2, shape.sub_assemblies)]
        )
        count = len(item)
        hours = base_hours[item] * rng.uniform(0.8, 1.25, count)
        cost = base_cost[item] * rng.uniform(0.85, 1.15, count)
        has_setup = line % 3 == 0
        # A line's week holds about one order of 250: its set-up costs about two fifths of making it.
        setup_cost = np.where(has_setup, rng.uniform(80, 130, count) * base_cost[item], 0.0)
        setup_hours = np.where(has_setup, rng.uniform(5, 10, count) * hours, 0.0)
        batch = np.where(has_setup, rng.integers(10, 40, count), 0)
        return Capabilities(
            line=line.astype(np.int32),
            item=item.astype(np.int32),
            time_per_unit=_whole(hours * HOUR),
            labour_pool=(shape.lines + line // 2).astype(np.int32),
            labour_per_unit=_whole(hours * rng.uniform(0.5, 1.0, count) * HOUR),
            unit_cost=_whole(cost * MICRO),
            setup_time=_whole(setup_hours * HOUR),
            setup_cost=_whole(setup_cost * MICRO),
            minimum_batch=batch.astype(np.int64),
            yield_ppm=rng.integers(950_000, 1_000_001, count),
            lead_time=rng.integers(0, 3, count) * DAY,
        )

    def _components(self) -> Components:
        shape, rng = self.shape, self.rng
        product, sub = np.arange(shape.products), np.arange(shape.sub_assemblies)
        first_material = shape.products + shape.sub_assemblies
        own = first_material + rng.integers(0, shape.materials, shape.products)
        lower = np.stack([rng.choice(shape.materials, 2, replace=False) for _ in sub]) + first_material
        return Components(
            item=np.concatenate([product, product, shape.products + np.repeat(sub, 2)]).astype(np.int32),
            component=np.concatenate([shape.products + self.sub_of, own, lower.reshape(-1)]).astype(np.int32),
            quantity=np.concatenate(
                [self.sub_quantity, rng.integers(5, 20, shape.products), rng.integers(3, 12, 2 * len(sub))]
            ),
            per=np.concatenate(
                [np.ones(shape.products, np.int64), np.full(shape.products + 2 * len(sub), 10)]
            ),
        )

    def _segments(self, capabilities: Capabilities) -> Segments:
        """Offer regular time and a quarter more as overtime, so that all demand needs LOAD times what there is."""
        shape, rng = self.shape, self.rng
        hours = np.bincount(capabilities.item, capabilities.time_per_unit) / np.bincount(capabilities.item)
        demand = np.bincount(self.product, self.quantity, shape.products)
        subs = np.bincount(self.sub_of, demand * self.sub_quantity, shape.sub_assemblies)
        need = (np.concatenate([demand, subs]) * hours).sum() / LOAD
        regular = rng.uniform(0.6, 1.4, (shape.lines, WEEKS))
        regular *= need / (1.25 * regular.sum())
        labour = (
            1.6
            * np.add.reduceat(regular, np.arange(0, shape.lines, 2), axis=0)
            * rng.uniform(0.45, 0.7, (shape.factories, 1))
        )
        offered = np.concatenate([regular, labour])
        resource = np.repeat(np.arange(len(offered)), WEEKS)
        bucket = np.tile(np.arange(WEEKS), len(offered))
        amount = _whole(offered.reshape(-1))
        # An hour makes about ten units at 12: overtime at 30 an hour adds a quarter to their cost.
        rate = np.repeat(rng.integers(20, 40, len(offered)) * MICRO, WEEKS)
        return Segments(
            resource=np.tile(resource, 2).astype(np.int32),
            bucket=np.tile(bucket, 2).astype(np.int32),
            amount=np.concatenate([amount, amount // 4]),
            cost_per_hour=np.concatenate([np.zeros_like(rate), rate]),
        )

    def _supplies(self, components: Components) -> Supplies:
        """Two depots get every material week by week, about as much as all demand needs; some factories own some stock."""
        shape, rng = self.shape, self.rng
        first = shape.products + shape.sub_assemblies
        made = np.zeros(shape.items)
        made[: shape.products] = np.bincount(self.product, self.quantity, shape.products)
        for low, high in ((0, shape.products), (shape.products, first)):
            mine = (components.item >= low) & (components.item < high)
            use = made[components.item[mine]] * components.quantity[mine] / components.per[mine] / 0.97
            np.add.at(made, components.component[mine], use)
        need = made[first:] + 1
        arrivals = rng.uniform(0, 1, (shape.materials, 2, WEEKS))
        arrivals[:, :, 0] += 3
        arrivals *= (1.15 * need / arrivals.sum(axis=(1, 2)))[:, None, None]
        depot = np.stack([rng.choice(shape.regions, 2, replace=False) for _ in need])
        price = np.round(
            rng.uniform(0.1, 1, shape.materials)[:, None]
            * rng.uniform(0.9, 1.1, (shape.materials, 2))
            * MICRO
        )
        week = np.tile(np.arange(WEEKS), shape.materials * 2)
        item = np.repeat(np.arange(shape.materials), 2 * WEEKS)
        own = max(1, shape.factories // 4)
        own_site, own_item = rng.integers(0, shape.factories, own), rng.integers(0, shape.materials, own)
        site = np.concatenate([shape.factories + np.repeat(depot.reshape(-1), WEEKS), own_site])
        count = len(item) + own
        return Supplies(
            ids=tuple(f"supply_{row}" for row in range(count)),
            item=(first + np.concatenate([item, own_item])).astype(np.int32),
            site=site.astype(np.int32),
            quantity=np.maximum(1, _whole(np.concatenate([arrivals.reshape(-1), 0.005 * need[own_item]]))),
            available=START + np.concatenate([week * 7 * DAY, np.zeros(own, np.int64)]),
            unit_price=np.concatenate([np.repeat(price.reshape(-1), WEEKS), np.zeros(own)]).astype(np.int64),
            owner=site.astype(np.int32),
            own_stock=np.arange(count) >= len(item),
        )

    def _lanes(self) -> Lanes:
        """Join most regions with each other by distance; a region always reaches itself."""
        shape = self.shape
        origin, destination = np.divmod(np.arange(shape.regions**2), shape.regions)
        apart = np.linalg.norm(self.place_at[origin] - self.place_at[destination], axis=1)
        keep = (self.rng.uniform(0, 1, len(origin)) > 0.04) | (origin == destination)
        return Lanes(
            origin=(shape.sites + origin[keep]).astype(np.int32),
            destination=(shape.sites + destination[keep]).astype(np.int32),
            unit_cost=_whole((0.02 + 0.5 * apart[keep]) * MICRO),
            transit=np.ceil(4 * apart[keep]).astype(np.int64) * DAY,
        )

    def _certificates(self) -> Certificates:
        site = np.flatnonzero(self.rng.uniform(0, 1, self.shape.factories) < 0.6).astype(np.int32)
        until = START + self.rng.integers(10, 60, len(site)) * 7 * DAY
        return Certificates(site, np.zeros(len(site), np.int32), np.full(len(site), ALWAYS), until)

    def _order_lines(self, capabilities: Capabilities) -> OrderLines:
        shape, rng, count = self.shape, self.rng, self.shape.orders
        due = rng.integers(3, WEEKS, count)
        weight = rng.uniform(1, 5, count)
        base = np.bincount(capabilities.item, capabilities.unit_cost) / np.bincount(capabilities.item)
        base = base[self.product] / MICRO
        requested = START + due * 7 * DAY
        needs_certificate = rng.uniform(0, 1, count) < 0.1
        none = Lists(np.zeros(count + 1, np.int64), np.zeros(0, np.int32))
        banned = np.flatnonzero(rng.uniform(0, 1, count) < 0.1)
        excluded = Lists(
            np.searchsorted(banned, np.arange(count + 1)).astype(np.int64),
            rng.integers(0, shape.factories, len(banned)).astype(np.int32),
        )
        required = Lists(
            np.concatenate([[0], np.cumsum(needs_certificate)]).astype(np.int64),
            np.zeros(int(needs_certificate.sum()), np.int32),
        )
        ceiling = np.where(rng.uniform(0, 1, count) < 0.05, _whole(base * 1.1 * MICRO), NONE)
        whole = rng.uniform(0, 1, count) < 0.1
        return OrderLines(
            ids=tuple(f"orl_{row}" for row in range(count)),
            order=np.arange(count, dtype=np.int32),
            item=self.product.astype(np.int32),
            quantity=self.quantity.astype(np.int64),
            earliest=requested - 9 * 7 * DAY,
            requested=requested,
            latest=requested + 4 * 7 * DAY,
            demand_class=(2 - (weight > 2) - (weight > 4)).astype(np.int32),
            shortfall_cost=_whole((40 + 20 * weight) * MICRO),
            lateness_cost=_whole(0.06 * weight * MICRO),
            holding_cost=_whole(0.0043 * base * MICRO),
            price_ceiling=ceiling.astype(np.int64),
            max_sources=np.full(count, 3, np.int32),
            smallest_lot=np.maximum(1, self.quantity // 5).astype(np.int64),
            ship_complete=whole,
            destination=(shape.sites + rng.integers(0, shape.regions, count)).astype(np.int32),
            required=required,
            allowed=none,
            excluded=excluded,
        )


def _whole(values: Reals) -> Ints:
    return np.rint(values).astype(np.int64)
