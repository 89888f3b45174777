"""Markets of `bench.market` with some of their rules switched off, to see what each of them costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matcher.problem import NONE, Components, Problem


def without(problem: Problem, rules: Iterable[str]) -> Problem:
    """Return the problem without these rules, each a key of RULES."""
    for rule in rules:
        problem = RULES[rule](problem)
    return problem


def _without_set_ups(problem: Problem) -> Problem:
    table = problem.capabilities
    nothing = np.zeros_like(table.setup_time)
    return replace(problem, capabilities=replace(table, setup_time=nothing, setup_cost=nothing))


def _without_batches(problem: Problem) -> Problem:
    table = problem.capabilities
    return replace(problem, capabilities=replace(table, minimum_batch=np.zeros_like(table.minimum_batch)))


def _without_labour(problem: Problem) -> Problem:
    table = problem.capabilities
    nobody, nothing = np.full_like(table.labour_pool, NONE), np.zeros_like(table.labour_per_unit)
    return replace(problem, capabilities=replace(table, labour_pool=nobody, labour_per_unit=nothing))


def _without_lots(problem: Problem) -> Problem:
    lines = problem.order_lines
    none = np.zeros_like(lines.smallest_lot)
    return replace(
        problem, order_lines=replace(lines, smallest_lot=none, max_sources=np.zeros_like(lines.max_sources))
    )


def _without_whole_lines(problem: Problem) -> Problem:
    lines = problem.order_lines
    return replace(problem, order_lines=replace(lines, ship_complete=np.zeros_like(lines.ship_complete)))


def _without_levels(problem: Problem) -> Problem:
    """Take out what is made for others: products need their materials alone."""
    table = problem.components
    made = np.isin(np.arange(len(problem.items)), problem.capabilities.item)
    return _components(problem, ~made[table.component] & ~np.isin(table.item, table.component))


def _without_materials(problem: Problem) -> Problem:
    return _components(problem, np.zeros(len(problem.components.item), dtype=bool))


def _components(problem: Problem, kept: NDArray[np.bool_]) -> Problem:
    table = problem.components
    some = Components(table.item[kept], table.component[kept], table.quantity[kept], table.per[kept])
    return replace(problem, components=some)


RULES: Mapping[str, Callable[[Problem], Problem]] = {
    "set-ups": _without_set_ups,
    "batches": _without_batches,
    "labour": _without_labour,
    "lots": _without_lots,
    "whole-lines": _without_whole_lines,
    "levels": _without_levels,
    "materials": _without_materials,
}
"""Set-ups; minimum batches; labour pools; smallest lots and limits of sources; order lines that ship whole; sub-assemblies;
all components."""
