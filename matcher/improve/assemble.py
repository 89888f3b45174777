"""From the state that the kernel leaves to a plan: allocations, productions and draws as sorted columns."""

from __future__ import annotations

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.sourcing import Sourcing
from matcher.improve import tables
from matcher.improve.tables import State
from matcher.plan import Allocations, Draws, Plan, Productions
from matcher.problem import Ints


def plan_of(arcs: Arcs, sourcing: Sourcing, state: State, cells: int, buckets: int) -> Plan:
    """Join what belongs together: each allocation, production and draw stands once.

    `cells` is the number of (capability, bucket).
    """
    given = rows_of(state.allocations, tables.ALLOCATED, state.counts[tables.ALLOCATIONS])
    arc, number = np.unique(given[:, tables.ARC], return_inverse=True)
    quantity = np.zeros(len(arc), dtype=np.int64)
    np.add.at(quantity, number, given[:, tables.MADE_UNITS])
    offers = len(sourcing.offer_supply) + len(sourcing.makers) * buckets
    now = np.asarray(state.now, dtype=np.int64)
    produced = now[len(now) - offers - cells : len(now) - offers]
    made = np.flatnonzero(produced)
    return Plan(
        Allocations(arcs.order_line[arc], arcs.capability[arc], arcs.bucket[arc].astype(np.int32), quantity),
        Productions((made // buckets).astype(np.int32), (made % buckets).astype(np.int32), produced[made]),
        _draws(sourcing, state, number, made, buckets),
    )


def _draws(sourcing: Sourcing, state: State, allocation_row: Ints, made: Ints, buckets: int) -> Draws:
    drawn = rows_of(state.draws, tables.DRAW, state.counts[tables.DRAWS])
    supplies, offer = len(sourcing.offer_supply), drawn[:, tables.OFFER]
    from_production = offer >= supplies
    source = np.empty(len(drawn), dtype=np.int64)
    source[~from_production] = sourcing.offer_supply[offer[~from_production]]
    maker, bucket = np.divmod(offer[from_production] - supplies, buckets)
    source[from_production] = np.searchsorted(
        made, sourcing.makers[maker].astype(np.int64) * buckets + bucket
    )
    for_production = drawn[:, tables.CONSUMING_CELL] >= 0
    consumer = np.empty(len(drawn), dtype=np.int64)
    consumer[for_production] = np.searchsorted(made, drawn[for_production, tables.CONSUMING_CELL])
    consumer[~for_production] = allocation_row[drawn[~for_production, tables.ALLOCATION]]
    item = sourcing.row_item[drawn[:, tables.DRAWN_ROW]]
    columns = np.stack([from_production, source, for_production, consumer, item], axis=1).astype(np.int64)
    order = np.lexsort(columns.T[::-1])
    columns = columns[order]
    new = np.append(True, (columns[1:] != columns[:-1]).any(axis=1))[: len(columns)]
    first = np.flatnonzero(new)
    quantity = np.add.reduceat(drawn[order, tables.DRAWN_UNITS], first) if len(first) else first
    return Draws(
        from_production=columns[first, 0].astype(bool),
        source=columns[first, 1].astype(np.int32),
        for_production=columns[first, 2].astype(bool),
        consumer=columns[first, 3].astype(np.int32),
        item=columns[first, 4].astype(np.int32),
        quantity=quantity,
    )


def rows_of(column: Ints, width: int, rows: int) -> Ints:
    """Return the first rows of a packed table, [row, width]."""
    return np.asarray(column[: rows * width], dtype=np.int64).reshape(-1, width)
