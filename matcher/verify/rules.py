"""R1 to R7, R13, R14: what is made. Part 5 of docs/formulation.md."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.problem import NONE
from matcher.verify.arithmetic import Exact, totals
from matcher.verify.facts import Array, Facts, broken, wide
from matcher.verify.verdict import Finding, Rule


def order_is_never_overfilled(facts: Facts) -> Iterator[Finding]:
    """(R1) `sum x[o,·,·] <= quantity(o)`."""
    lines, filled = facts.problem.order_lines, facts.filled
    for row in broken(filled > lines.quantity):
        name = lines.ids[row]
        yield f"{name}: {filled[row]} units are made, {lines.quantity[row]} are ordered", (name,)


def line_ships_complete_or_not_at_all(facts: Facts) -> Iterator[Finding]:
    """(R2) For ship-complete `o`, `sum x[o,·,·]` is `0` or `quantity(o)`."""
    lines, filled = facts.problem.order_lines, facts.filled
    for row in broken(lines.ship_complete & (filled > 0) & (filled < lines.quantity)):
        name = lines.ids[row]
        yield f"{name} ships complete, but {filled[row]} of {lines.quantity[row]} units are made", (name,)


def sources_are_limited(facts: Facts) -> Iterator[Finding]:
    """(R3) At most `max_sources(o)` lines make something of `o`; 0: any number."""
    lines = facts.problem.order_lines
    order_line, _, _ = _sources(facts)
    count = np.bincount(order_line, minlength=len(lines.ids))
    for row in broken((lines.max_sources > 0) & (count > lines.max_sources)):
        name = lines.ids[row]
        yield f"{name}: {count[row]} lines make it, at most {lines.max_sources[row]} may", (name,)


def no_lot_is_too_small(facts: Facts) -> Iterator[Finding]:
    """(R4) What one line makes of `o` over all buckets is 0 or at least `smallest_lot(o)`."""
    lines = facts.problem.order_lines
    order_line, line, made = _sources(facts)
    smallest = lines.smallest_lot[order_line]
    for row in broken(made < smallest):
        name, source = lines.ids[order_line[row]], facts.problem.resources.ids[line[row]]
        lot = f"line {source} makes {made[row]} units, fewer than its smallest lot of {smallest[row]}"
        yield f"{name}: {lot}", (name, source)


def capacity_is_respected(facts: Facts) -> Iterator[Finding]:
    """(R5) `sum time(k)·(x + z) + sum setup_time·y <= ` the line's segments, by line and bucket.

    Set-ups are those of capabilities, and of the families that they share.
    """
    yield from _overloads(facts, range(facts.problem.resources.lines), "line")


def labour_is_respected(facts: Facts) -> Iterator[Finding]:
    """(R6) `sum labour(k)·(x + z) <= ` the pool's segments, by labour pool and bucket."""
    resources = facts.problem.resources
    yield from _overloads(facts, range(resources.lines, len(resources.ids)), "labour pool")


def batches_are_large_enough(facts: Facts) -> Iterator[Finding]:
    """(R7) `sum_o x[o,k,t] + z[k,t]` is 0 or at least `minimum_batch(k)`."""
    capability, _, batch = facts.batches
    smallest = facts.problem.capabilities.minimum_batch[capability]
    for row in broken(np.asarray(batch < smallest, dtype=bool)):
        yield _batch_is(facts, row, f"fewer than its minimum batch of {smallest[row]}")


def lots_are_whole(facts: Facts) -> Iterator[Finding]:
    """(R13) `sum_o x[o,k,t] + z[k,t]` is a whole multiple of `lot_size(k)`."""
    capability, _, batch = facts.batches
    lot = facts.problem.capabilities.lot_size[capability]
    for row in broken(np.asarray(batch % lot != 0, dtype=bool)):
        yield _batch_is(facts, row, f"which is no whole number of lots of {lot[row]}")


def order_ships_complete_or_not_at_all(facts: Facts) -> Iterator[Finding]:
    """(R14) Of an order that ships complete, every line is filled or nothing is made."""
    lines, orders = facts.problem.order_lines, facts.problem.orders
    of_order = lines.order != NONE
    order = wide(lines.order)[of_order]
    begun = np.bincount(order[facts.filled[of_order] > 0], minlength=len(orders)) > 0
    missing = np.bincount(order[facts.filled[of_order] < lines.quantity[of_order]], minlength=len(orders))
    for row in broken(facts.problem.headers.ship_complete & begun & (missing > 0)):
        short = f"ships complete, but something is made and {missing[row]} of its lines are not filled"
        yield f"order {orders[row]} {short}", (orders[row],)


MAKING = (
    Rule("order_is_never_overfilled", "R1", order_is_never_overfilled),
    Rule("line_ships_complete_or_not_at_all", "R2", line_ships_complete_or_not_at_all),
    Rule("sources_are_limited", "R3", sources_are_limited),
    Rule("no_lot_is_too_small", "R4", no_lot_is_too_small),
    Rule("capacity_is_respected", "R5", capacity_is_respected),
    Rule("labour_is_respected", "R6", labour_is_respected),
    Rule("batches_are_large_enough", "R7", batches_are_large_enough),
    Rule("lots_are_whole", "R13", lots_are_whole),
    Rule("order_ships_complete_or_not_at_all", "R14", order_ships_complete_or_not_at_all),
)


def _sources(facts: Facts) -> tuple[Array, Array, Exact]:
    """Return the pairs of an order line and a line that makes it, and how much in all buckets."""
    lines = facts.problem.resources.lines
    pairs, number = np.unique(facts.order_line * lines + facts.made.line, return_inverse=True)
    return pairs // lines, pairs % lines, totals(number, facts.made.quantity, len(pairs))


def _batch_is(facts: Facts, row: int, what: str) -> Finding:
    """Say what is wrong with what a capability makes in a bucket."""
    (capability, bucket, batch), table = facts.batches, facts.problem.capabilities
    line = facts.problem.resources.ids[table.line[capability[row]]]
    item = facts.problem.items[table.item[capability[row]]]
    when = facts.bucket_name(int(bucket[row]))
    return f"line {line} in {when} makes {batch[row]} of {item}, {what}", (line, item)


def _overloads(facts: Facts, resources: range, what: str) -> Iterator[Finding]:
    """Find the buckets in which some of the resources are used for longer than they offer."""
    load, offered = facts.loads, facts.capacities
    for cell in broken(np.asarray(load > offered, dtype=bool)):
        if cell // facts.buckets in resources:
            name = facts.problem.resources.ids[cell // facts.buckets]
            used = f"{load[cell]} µs are used, {offered[cell]} are offered"
            yield f"{what} {name}: {used} in {facts.bucket_name(cell % facts.buckets)}", (name,)
