"""All compiled loops, by group: `python -m matcher.loops GROUP...` compiles some.

Without names it compiles all, one after another, and lets everything else go first (`tools.compile_ahead`: beside each
other, and fast). The results stand beside the sources, or in the user's cache where these cannot be written;
NUMBA_CACHE_DIR says where else. It takes minutes of one core where nothing is compiled yet, seconds where everything is.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matcher.eligibility import Arcs
    from matcher.formulation.transport import Transport
    from matcher.problem import Problem

ROOT = Path(__file__).resolve().parents[1]
POLL_SECONDS = 0.1


def compile_search() -> None:
    """Compile the search of large markets, and the placing that it begins with."""
    # Imported here, and below, because loading the compiler takes seconds and each process compiles one group.
    from matcher.compiled import compiled_twins
    from matcher.improve.competition import placing, search

    for module in (placing, search):
        compiled_twins(module)


def compile_tree() -> None:
    """Compile the knapsacks of whole order lines and their tree."""
    from matcher.compiled import compiled_twins
    from matcher.improve.whole_orders.knapsacks import tree

    compiled_twins(tree)


def compile_regions() -> None:
    """Compile the regions in which plans of whole order lines are improved."""
    from matcher.compiled import compiled_twins
    from matcher.improve.whole_orders.knapsacks import regions

    compiled_twins(regions)


def compile_dives() -> None:
    """Compile the dives that make plans of whole order lines."""
    from matcher.compiled import compiled_twins
    from matcher.improve.whole_orders.knapsacks import dives

    compiled_twins(dives)


def compile_facilities() -> None:
    """Compile prices of whole order lines at facilities and the filling of places, on the smallest there are."""
    import numpy as np

    from matcher.improve.facilities.whole_prices import whole_prices
    from matcher.improve.facilities.whole_sets import Sets
    from matcher.improve.facilities.whole_shape import square_of
    from matcher.improve.whole_orders.shape import Assignment

    one = np.ones((3, 3), dtype=np.int64)
    room, fixed = np.array([2, 2, 0]), np.array([1, 1, 0])
    tables = Assignment(one, one * np.array([1, 1, 0]), room, fixed, one, 1)
    square = square_of(tables)
    assert square is not None
    whole_prices(square, lambda: False)
    Sets(tables, square, 0).fill(np.ones(2, dtype=bool), 1)


def compile_ascent() -> None:
    """Compile prices of demand that is split over facilities."""
    from matcher.improve.facilities.ascent import ascend, tiny_arguments

    ascend(*tiny_arguments())


def compile_lots() -> None:
    """Compile the moves of set-ups."""
    from matcher.compiled import compiled_twins
    from matcher.improve.lots import search

    compiled_twins(search)


def compile_cells() -> None:
    """Compile what buckets of lines do at prices of order lines."""
    from matcher.compiled import compiled_twins
    from matcher.improve.lots.cells import knapsacks

    compiled_twins(knapsacks)


def compile_prices() -> None:
    """Compile rounding, and prices and the first-order method, which learn their types from a tiny market."""
    from matcher.compiled import compiled_twins
    from matcher.eligibility import find_arcs
    from matcher.formulation.transport import Transport
    from matcher.improve.competition import follow
    from matcher.improve.competition.near import near_arcs
    from matcher.improve.restricted import solve_restricted, tier
    from matcher.pricing import find_prices, orders, sources
    from matcher.problem_file.text import from_document

    for module in (orders, sources):
        vars(module)["COMPILED_FROM"] = 0
    vars(tier)["OPTIMUM_SHARE"] = 0.0
    problem = from_document(TINY)
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    soon = time.monotonic() + 600
    prices = find_prices(problem, arcs, transport, deadline=soon, should_stop=lambda: False)
    _compile_focused(problem, arcs, transport)
    compiled_twins(follow)
    near_arcs(arcs, prices.base, 1)
    plans: list[object] = []

    def second(plan: object) -> bool:
        plans.append(plan)
        return len(plans) > 1

    solve_restricted(problem, arcs, prices, deadline=soon, should_stop=lambda: False, on_plan=second)


def _compile_focused(problem: Problem, arcs: Arcs, transport: Transport) -> None:
    """Compile what finds the prices of markets of a million arcs, which look at some of these only."""
    import numpy as np

    from matcher.formulation.making import find_making
    from matcher.formulation.sourcing import find_sourcing
    from matcher.pricing.dual import Dual
    from matcher.pricing.relaxation import relax

    making = find_making(problem)
    dual = Dual(relax(problem, arcs, making, find_sourcing(problem, transport, making)))
    dual.focus(np.zeros(dual.size), 1)
    dual.soft(np.zeros(dual.size), 1.0)


GROUPS: dict[str, tuple[str, Callable[[], None]]] = {
    "search": ("the search of large markets", compile_search),
    "prices": ("prices, and plans that follow them", compile_prices),
    "regions": ("regions of whole order lines", compile_regions),
    "tree": ("the tree of whole order lines", compile_tree),
    "dives": ("plans of whole order lines", compile_dives),
    "facilities": ("whole order lines at facilities", compile_facilities),
    "lots": ("moves of set-ups", compile_lots),
    "cells": ("prices of order lines made in lots", compile_cells),
    "ascent": ("prices of demand at facilities", compile_ascent),
}
"""By name, what a group is for and what compiles it; those that take longest first."""


def start(group: str) -> subprocess.Popen[bytes]:
    """Start a process that compiles one group."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(  # noqa: S603 - this module itself
        [sys.executable, "-m", "matcher.loops", group],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        # What is called matcher where the caller stands may be something else.
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
    )


TINY: dict[str, object] = {
    "format": "capweave-problem",
    "version": 1,
    "grid": {"boundaries": [0, 86_400_000_000, 172_800_000_000], "convention": "same_bucket"},
    "sites": [{"id": "works"}],
    "items": ["cup", "clay"],
    "lines": [{"id": "press", "site": "works"}],
    "segments": [
        {"resource": "press", "bucket": bucket, "amount": 10_000_000, "cost_per_hour": cost}
        for bucket in (0, 1)
        for cost in (0, 5)
    ],
    "capabilities": [{"line": "press", "item": "cup", "time_per_unit": 1_000_000, "unit_cost": 2}],
    "components": [{"item": "cup", "component": "clay", "quantity": 1, "per": 1}],
    "supplies": [{"id": "pit", "item": "clay", "site": "works", "quantity": 9, "available": 0}],
    "order_lines": [
        {
            "id": f"line {row}",
            "order": f"order {row}",
            "item": "cup",
            "quantity": 4,
            "requested": 86_400_000_000,
            "shortfall_cost": 100,
        }
        for row in range(4)
    ],
}
"""A problem that uses each kind of table that the loops read."""


if __name__ == "__main__":
    if not sys.argv[1:]:
        os.nice(19)
    try:
        for name in sys.argv[1:] or GROUPS:
            GROUPS[name][1]()
    except KeyboardInterrupt:
        # Whoever ends the service ends this with it, and wants to read nothing about it.
        sys.exit(128 + signal.SIGINT)
