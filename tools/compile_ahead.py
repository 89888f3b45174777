"""Compile the matcher's loops ahead, so that the first large run does not spend its time limit on that.

python -m tools.compile_ahead

Takes half a minute of one core the first time, two seconds where everything is compiled already. The results stand
beside the source, or in the user's cache where the source cannot be written.
"""

from __future__ import annotations

import sys
import time

from bench.market import market
from matcher.compiled import compiled_twins
from matcher.eligibility import find_arcs
from matcher.improve import greedy, kernel
from matcher.improve.competition.compete import compete
from matcher.pricing import find_prices, orders, sources
from matcher.transport import Transport


def main() -> int:
    """Solve a tiny market by the loops for large ones."""
    for module in (orders, sources, sys.modules[greedy.__module__]):
        vars(module)["COMPILED_FROM"] = 0
    problem = market(20)
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    soon = time.monotonic() + 600
    prices = find_prices(problem, arcs, transport, deadline=soon, should_stop=lambda: False)
    compiled_twins(kernel)
    greedy(problem, arcs, transport, prices, should_stop=lambda: False)
    compete(problem, arcs, prices, seed=0, deadline=time.monotonic(), should_stop=lambda: False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
