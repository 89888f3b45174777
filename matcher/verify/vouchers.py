"""R16: what budgets pay. Part 5 of docs/formulation.md."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.problem import NONE
from matcher.verify.arithmetic import Exact, times, totals
from matcher.verify.facts import Array, Facts, Mask, broken, wide
from matcher.verify.verdict import Finding, Rule


def budgets_are_kept(facts: Facts) -> Iterator[Finding]:
    """(R16) No budget pays more than it has, no voucher for more than is allocated or converted."""
    table, budgets = facts.problem.vouchers, facts.problem.budgets
    budget = wide(table.budget)[facts.voucher]
    paid = totals(budget, times(paid_each(facts), facts.granted), len(budgets.ids))
    for row in broken(np.asarray(paid > budgets.amount, dtype=bool)):
        name = budgets.ids[row]
        yield f"budget {name}: {paid[row]} micros are granted, {budgets.amount[row]} are there", (name,)
    yield from _grants_for_conversions(facts)
    yield from _grants_for_capabilities(facts)
    yield from _grants_for_classes(facts)


def paid_each(facts: Facts) -> Array:
    """`paid(g)` of each grant: the voucher's amount, at most what a unit or the conversion costs."""
    problem, table = facts.problem, facts.problem.vouchers
    amount, conversion = table.amount[facts.voucher], wide(table.conversion)[facts.voucher]
    converts = conversion != NONE
    cost = np.zeros(len(amount), dtype=np.int64)
    cost[converts] = problem.conversions.cost[conversion[converts]]
    cost[~converts] = problem.capabilities.unit_cost[table.capability[facts.voucher[~converts]]]
    return np.minimum(amount, cost)


VOUCHERS = (Rule("budgets_are_kept", "R16", budgets_are_kept),)


def _grants_for_conversions(facts: Facts) -> Iterator[Finding]:
    conversions = facts.problem.conversions
    conversion = wide(facts.problem.vouchers.conversion)[facts.voucher]
    counts = len(conversions.ids)
    granted = totals(conversion[conversion != NONE], facts.granted[conversion != NONE], counts)
    started = np.bincount(facts.starting.conversion, minlength=counts)
    for row in broken(np.asarray(granted > started, dtype=bool)):
        name = conversions.ids[row]
        yield f"conversion {name} starts {started[row]} times, {granted[row]} are granted", (name,)


def _grants_for_capabilities(facts: Facts) -> Iterator[Finding]:
    """All grants of a capability sum to at most what is allocated to it."""
    capability = wide(facts.problem.vouchers.capability)[facts.voucher]
    counts = len(facts.problem.capabilities.line)
    granted = totals(capability[capability != NONE], facts.granted[capability != NONE], counts)
    allocated = totals(facts.made.capability, facts.made.quantity, counts)
    for row in broken(np.asarray(granted > allocated, dtype=bool)):
        yield _too_much(facts, row, granted[row], f"{allocated[row]} are allocated")


def _grants_for_classes(facts: Facts) -> Iterator[Finding]:
    """Those for one demand class sum to at most what is allocated to orders of that class."""
    vouchers, classes = facts.problem.vouchers, len(facts.problem.demand_classes)
    of_class = wide(vouchers.demand_class)[facts.voucher]
    capability = wide(vouchers.capability)[facts.voucher]
    named = (of_class != NONE) & (capability != NONE)
    pairs, granted = _by_pair(capability * classes + of_class, facts.granted, named)
    ordered = wide(facts.problem.order_lines.demand_class)[facts.order_line]
    cells, units = _by_pair(facts.made.capability * classes + ordered, facts.made.quantity, ordered != NONE)
    allocated: Exact = np.zeros(len(pairs), dtype=units.dtype)
    _, here, there = np.intersect1d(pairs, cells, assume_unique=True, return_indices=True)
    allocated[here] = units[there]
    for row in broken(np.asarray(granted > allocated, dtype=bool)):
        name = facts.problem.demand_classes[pairs[row] % classes]
        there_are = f"{allocated[row]} are allocated to orders of class {name}"
        yield _too_much(facts, int(pairs[row]) // classes, granted[row], there_are)


def _by_pair(pair: Array, quantity: Array, counted: Mask) -> tuple[Array, Exact]:
    """Sum quantities of equal pairs, of the rows that count."""
    pairs, number = np.unique(pair[counted], return_inverse=True)
    return pairs, totals(number, quantity[counted], len(pairs))


def _too_much(facts: Facts, capability: int, granted: int, there_are: str) -> Finding:
    table = facts.problem.capabilities
    line = facts.problem.resources.ids[table.line[capability]]
    item = facts.problem.items[table.item[capability]]
    return f"line {line} making {item}: {granted} units are granted, {there_are}", (line, item)
