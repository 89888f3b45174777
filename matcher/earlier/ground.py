"""What a plan of earlier is looked at against: a problem with its lanes, making and sourcing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.eligibility.candidates import RULES, Market, candidates_of
from matcher.formulation.making import Making, find_making
from matcher.formulation.sourcing import Sourcing, find_sourcing
from matcher.formulation.stability import caps_of
from matcher.formulation.transport import Transport
from matcher.plan import Allocations, Plan, Productions
from matcher.problem import NONE, Flags, Indices, Ints, Problem


@dataclass(frozen=True, slots=True)
class Origins:
    """By draw: the source (a row of Sourcing) that it is from, NONE where nothing can come that way, and its offer."""

    source: Ints
    offer: Ints


@dataclass(frozen=True, slots=True)
class Ground:
    """The problem as it is now."""

    problem: Problem
    transport: Transport
    making: Making
    sourcing: Sourcing

    @staticmethod
    def of(problem: Problem, transport: Transport) -> Ground:
        """Gather what the checks look up."""
        making = find_making(problem)
        return Ground(problem, transport, making, find_sourcing(problem, transport, making))

    def cells(self, table: Allocations | Productions) -> Ints:
        """Return capability * T + bucket of each row."""
        return np.asarray(
            table.capability.astype(np.int64) * self.problem.grid.buckets + table.bucket, dtype=np.int64
        )

    def needs(self, capability: Ints, quantity: Ints) -> tuple[Ints, Ints, Ints]:
        """Return by need of each (capability, quantity): its position, the component, the units needed (part 3)."""
        starts = self.sourcing.need_starts
        length = starts[capability + 1] - starts[capability]
        row = np.repeat(np.arange(len(length)), length)
        need = starts[capability[row]] + np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
        per = self.sourcing.need_per[need]
        units = (quantity[row] * self.sourcing.need_units[need] + per - 1) // per
        return row, self.sourcing.row_item[self.sourcing.need_row[need]].astype(np.int64), units

    def eligible(self, made: Allocations) -> Flags:
        """Say which allocations E1 to E8 allow, without building the arcs of everything."""
        market = Market.of(self.problem, self.transport)
        found = candidates_of(market, np.unique(made.order_line))
        count = len(self.problem.capabilities.line)
        keys = found.order_line.astype(np.int64) * count + found.capability
        wanted = made.order_line.astype(np.int64) * count + made.capability
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        if not len(keys):
            return np.zeros(len(wanted), dtype=bool)
        fine = (keys[at] == wanted) & (found.fell_to[at] == len(RULES))
        fine &= (found.first[at] <= made.bucket) & (made.bucket <= found.last[at])
        fine &= market.making_possible[made.capability, made.bucket]
        if found.certified is not None:
            fine &= found.certified[found.certificate_row[at], made.bucket]
        caps = caps_of(self.problem, made.order_line, made.capability, made.bucket)
        fine &= (caps == NONE) | (made.quantity <= caps)
        return np.asarray(fine, dtype=bool)

    def origins(self, plan: Plan) -> Origins:
        """Say of each draw where it is from."""
        draws, sourcing, buckets = plan.draws, self.sourcing, self.problem.grid.buckets
        made, produced, items = plan.allocations, plan.productions, len(self.problem.items)

        def of_consumer(allocations: Indices, productions: Indices) -> Ints:
            out = np.zeros(len(draws.quantity), dtype=np.int64)
            out[draws.for_production] = productions[draws.consumer[draws.for_production]]
            out[~draws.for_production] = allocations[draws.consumer[~draws.for_production]]
            return out

        capability = of_consumer(made.capability, produced.capability)
        bucket = of_consumer(made.bucket, produced.bucket)
        row = _looked_up(
            sourcing.need_capability.astype(np.int64) * items + sourcing.row_item[sourcing.need_row],
            sourcing.need_row,
            capability * items + draws.item,
        )
        offer, stocks = self._offers(plan), int(sourcing.offer_stock.max(initial=-1)) + 1
        kinds = stocks + len(self.problem.capabilities.line) + 1
        of_stock = sourcing.source_maker == NONE
        kind = np.where(of_stock, 0, stocks + sourcing.source_maker.astype(np.int64))
        kind[of_stock] = sourcing.offer_stock[sourcing.first[of_stock]]
        asked = np.zeros(len(offer), dtype=np.int64)
        known = offer != NONE
        from_stock = known & ~draws.from_production
        asked[from_stock] = sourcing.offer_stock[offer[from_stock]]
        made_by = produced.capability[draws.source[draws.from_production]].astype(np.int64)
        asked[draws.from_production] = stocks + made_by
        source = _looked_up(
            sourcing.source_row.astype(np.int64) * kinds + kind,
            np.arange(len(kind)),
            np.where((row != NONE) & known, row * kinds + asked, NONE),
        )
        there = source != NONE
        in_time = offer[there] <= sourcing.reach[source[there], bucket[there]]
        source[np.flatnonzero(there)[~in_time]] = NONE
        assert buckets > 0
        return Origins(source, offer)

    def _offers(self, plan: Plan) -> Ints:
        """Return the offer that each draw takes from, NONE where its supply or maker serves nobody any more."""
        draws, sourcing, buckets = plan.draws, self.sourcing, self.problem.grid.buckets
        of_supply = np.full(len(self.problem.supplies.ids) + 1, NONE, dtype=np.int64)
        of_supply[sourcing.offer_supply] = np.arange(len(sourcing.offer_supply))
        maker = np.full(len(self.problem.capabilities.line), NONE, dtype=np.int64)
        maker[sourcing.makers] = np.arange(len(sourcing.makers))
        offer = of_supply[np.where(draws.from_production, NONE, draws.source)]
        made = draws.source[draws.from_production]
        by = maker[plan.productions.capability[made]]
        first = len(sourcing.offer_supply) + by * buckets
        offer[draws.from_production] = np.where(by == NONE, NONE, first + plan.productions.bucket[made])
        return offer


def _looked_up(keys: Ints, values: np.typing.NDArray[np.integer], wanted: Ints) -> Ints:
    """Return the value of each wanted key, NONE where it is not there."""
    if not len(keys):
        return np.full(len(wanted), NONE, dtype=np.int64)
    order = np.argsort(keys, kind="stable")
    at = order[np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)]
    return np.where(keys[at] == wanted, values[at], NONE).astype(np.int64)
