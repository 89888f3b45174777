"""Compiling the loops ahead: `python -m matcher.compiling`, a minute and a half of one core where nothing is compiled yet.

The results stand beside the source, or in the user's cache where the source cannot be written. A match that finds them
missing has a process of its own do this, which it can end: compiling itself heeds nobody.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

from matcher.progress import Watch

ROOT = Path(__file__).resolve().parents[1]
POLL_SECONDS = 0.1
FEW_SECONDS = 2.5
"""Loading the compiler and what it compiled takes about so long on a busy core."""


def loops_are_ready(watch: Watch) -> bool:
    """Say whether compiled loops can be used now, with some time left."""
    return watch.remaining >= FEW_SECONDS and _are_compiled()


def may_run_loops(watch: Watch) -> bool:
    """Say whether compiled loops can be used: have them compiled if need be, unless the match stops before."""
    if watch.remaining < FEW_SECONDS:
        return False
    if _are_compiled():
        return True
    watch.tell("compiling")
    compiled = compiled_by_child(watch)
    # Whatever the child could not do, this process does itself.
    _are_compiled.cache_clear()
    return compiled


def compiled_by_child(watch: Watch, *which: str) -> bool:
    """Have all loops, or those of `which` ("lots"), compiled by a process of its own; False: the match stops before."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    child = subprocess.Popen(  # noqa: S603 - this module itself
        [sys.executable, "-m", "matcher.compiling", *which],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": path},
    )
    try:
        while child.poll() is None:
            if watch.stopped():
                return False
            time.sleep(POLL_SECONDS)
    finally:
        child.kill()
        child.wait()
    return not watch.stopped()


@cache
def _are_compiled() -> bool:
    # Imported here because loading the compiler takes a second, which small markets do not have.
    from matcher.compiled import is_cached
    from matcher.improve.competition import placing, search

    return all(is_cached(module) for module in (placing, search))


def main() -> int:
    """Solve a tiny market by the loops for large ones."""
    # Imported here because whoever only asks whether loops are compiled needs none of it.
    from matcher.compiled import compiled_twins
    from matcher.eligibility import find_arcs
    from matcher.formulation.transport import Transport
    from matcher.improve import greedy, kernel
    from matcher.improve.competition.compete import compete
    from matcher.improve.restricted import rounding, solve_restricted, tier
    from matcher.pricing import find_prices, orders, sources
    from matcher.problem_file.text import from_document

    for module in (orders, sources, sys.modules[greedy.__module__], rounding):
        vars(module)["COMPILED_FROM"] = 0
    vars(tier)["OPTIMUM_SHARE"] = 0.0
    problem = from_document(TINY)
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    soon = time.monotonic() + 600
    prices = find_prices(problem, arcs, transport, deadline=soon, should_stop=lambda: False)
    compiled_twins(kernel)
    greedy(problem, arcs, transport, prices, should_stop=lambda: False)
    plans: list[object] = []

    def second(plan: object) -> bool:
        plans.append(plan)
        return len(plans) > 1

    solve_restricted(problem, arcs, prices, deadline=soon, should_stop=lambda: False, on_plan=second)
    compete(problem, arcs, prices, seed=0, deadline=time.monotonic(), should_stop=lambda: False)
    return compile_lots()


def compile_lots() -> int:
    """Compile the moves of set-ups."""
    # Imported here for the same reason.
    from matcher.compiled import compiled_twins
    from matcher.improve.lots import search

    compiled_twins(search)
    return 0


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
    sys.exit(compile_lots() if "lots" in sys.argv else main())
