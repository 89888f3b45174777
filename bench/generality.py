"""Match rich markets (`bench.rich`): gap, time, and how far the plan uses each feature of the model.

python -m bench.generality ORDERS... [--levels] [--seed N] [--time-limit S] [--gap G] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys

import numpy as np

from bench.arguments import at_least, gap, seconds
from bench.rich import rich_market
from matcher.memory import MEMORY
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.plan import Outcome, Plan
from matcher.problem import NONE, Ints, Problem
from matcher.verify import check_claim


def uses(problem: Problem, plan: Plan) -> dict[str, float]:
    """Return how far a plan uses each feature: counts, and shares of units."""
    made, table = plan.allocations, problem.capabilities
    filled = np.zeros(len(problem.order_lines.ids), dtype=np.int64)
    np.add.at(filled, made.order_line, made.quantity)
    whole = np.flatnonzero(problem.shipped_whole)
    orders, count = problem.order_lines.order[whole], len(problem.orders)
    full = filled[whole] == problem.order_lines.quantity[whole]
    complete = np.bincount(orders, full, count) == np.bincount(orders, minlength=count)
    units = max(int(made.quantity.sum()), 1)
    in_lots, converted = table.lot_size[made.capability] > 1, table.conversion[made.capability] != NONE
    return {
        "filled_share": units / max(int(problem.order_lines.quantity.sum()), 1),
        "units_in_lots_share": float(made.quantity[in_lots].sum() / units),
        "conversions_started": float(len(plan.conversions.conversion)),
        "conversions_offered": float(len(problem.conversions.ids)),
        "units_converted_share": float(made.quantity[converted].sum() / units),
        "scarce_filled_share": _scarce_filled(problem, filled),
        "whole_orders_filled": float(complete[np.unique(orders)].sum()),
        "whole_orders": float(len(np.unique(orders))),
        "substitute_draws": float((plan.draws.item != plan.draws.stands_for).sum()),
        "vouchers_granted": float(len(plan.grants.voucher)),
    }


def _scarce_filled(problem: Problem, filled: Ints) -> float:
    """Return the share filled of what few lines can make without a conversion."""
    table, lines = problem.capabilities, problem.order_lines
    scarce = np.isin(lines.item, table.item[table.conversion != NONE])
    return float(filled[scarce].sum() / max(int(lines.quantity[scarce].sum()), 1))


def measured(problem: Problem, outcome: Outcome) -> dict[str, object]:
    """Return what is printed of a match."""
    levels = {f"{level.name} of {level.demand_class}": (level.value, level.bound) for level in outcome.levels}
    return {
        "order_lines": len(problem.order_lines.ids),
        "objective": outcome.objective / 1e6,
        "bound": outcome.bound / 1e6,
        "gap": round(outcome.gap, 5),
        "termination": outcome.termination,
        "seconds": round(outcome.seconds, 1),
        "peak_mb": round(outcome.peak_memory_mb),
        "verified": check_claim(problem, outcome).ok,
        "released": f"{len(outcome.released)} of {int(problem.baseline.locked.sum())}",
        **{name: round(value, 4) for name, value in uses(problem, outcome.plan).items()},
        **levels,
        "terms": {term: round(value / 1e6) for term, value in outcome.terms.items() if value},
    }


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 1 where a plan or a claim did not verify."""
    parser = argparse.ArgumentParser(prog="python -m bench.generality", description=__doc__)
    parser.add_argument("orders", nargs="+", type=at_least(1), metavar="ORDERS")
    parser.add_argument(
        "--levels", action="store_true", help="classes before money, fair shares in the first"
    )
    parser.add_argument("--seed", type=at_least(0), default=0)
    parser.add_argument("--time-limit", type=seconds, default=60.0, metavar="S")
    parser.add_argument("--gap", type=gap, default=0.0, metavar="G")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    options = parser.parse_args(arguments)
    fine = True
    for orders in options.orders:
        problem = rich_market(orders, options.seed, levels=options.levels)
        MEMORY.forget()
        result = measured(problem, match(problem, Parameters(options.time_limit, options.gap)))
        fine = fine and bool(result["verified"])
        lines = [json.dumps(result)] if options.json else [f"{name:>24} {result[name]}" for name in result]
        print("\n".join(lines), flush=True)
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main())
