"""From the state that the kernel leaves to a plan: allocations, productions and draws as sorted columns."""

from __future__ import annotations

import numpy as np

from matcher.eligibility import Arcs
from matcher.improve.kernel import ALLOCATED, DRAWN, State
from matcher.plan import Allocations, Draws, Plan, Productions
from matcher.problem import Ints
from matcher.sourcing import Sourcing


def plan_of(arcs: Arcs, sourcing: Sourcing, state: State, buckets: int) -> Plan:
    """Join what belongs together: each allocation, production and draw stands once."""
    count = int(state.count[ALLOCATED])
    arc, number = np.unique(np.asarray(state.given_arc[:count], dtype=np.int64), return_inverse=True)
    quantity = np.zeros(len(arc), dtype=np.int64)
    np.add.at(quantity, number, np.asarray(state.given_quantity[:count], dtype=np.int64))
    produced = np.asarray(state.produced, dtype=np.int64)
    cells = np.flatnonzero(produced)
    return Plan(
        Allocations(arcs.order_line[arc], arcs.capability[arc], arcs.bucket[arc].astype(np.int32), quantity),
        Productions((cells // buckets).astype(np.int32), (cells % buckets).astype(np.int32), produced[cells]),
        _draws(sourcing, state, number, cells, buckets),
    )


def _draws(sourcing: Sourcing, state: State, allocation_row: Ints, cells: Ints, buckets: int) -> Draws:
    count = int(state.count[DRAWN])
    supplies = len(sourcing.offer_supply)
    offer = np.asarray(state.draw_offer[:count], dtype=np.int64)
    from_production = offer >= supplies
    maker, bucket = np.divmod(np.maximum(offer - supplies, 0), buckets)
    made_at = sourcing.makers[maker] * buckets + bucket if len(sourcing.makers) else maker
    supply = sourcing.offer_supply[np.minimum(offer, supplies - 1)] if supplies else np.zeros(count, np.int64)
    source = np.where(from_production, np.searchsorted(cells, made_at), supply)
    cell = np.asarray(state.draw_cell[:count], dtype=np.int64)
    for_production = cell >= 0
    allocation = np.asarray(state.draw_allocation[:count], dtype=np.int64)
    fed = allocation_row[np.maximum(allocation, 0)] if len(allocation_row) else allocation
    consumer = np.where(for_production, np.searchsorted(cells, cell), fed)
    item = sourcing.row_item[np.asarray(state.draw_row[:count], dtype=np.int64)]
    columns = np.stack([from_production, source, for_production, consumer, item]).astype(np.int64)
    distinct, number = np.unique(columns, axis=1, return_inverse=True)
    quantity = np.zeros(distinct.shape[1], dtype=np.int64)
    np.add.at(quantity, number, np.asarray(state.draw_quantity[:count], dtype=np.int64))
    return Draws(
        from_production=distinct[0].astype(bool),
        source=distinct[1].astype(np.int32),
        for_production=distinct[2].astype(bool),
        consumer=distinct[3].astype(np.int32),
        item=distinct[4].astype(np.int32),
        quantity=quantity,
    )
