"""Match synthetic markets of rising size: gap, time, memory, and how they grow.

python -m bench.scale ORDERS... [--seed N] [--without RULES] [--time-limit S] [--gap G] [--json] [-o FILE]
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from bench.arguments import at_least, gap, seconds
from bench.market import market
from bench.simpler import RULES, without
from matcher import problem_file
from matcher.eligibility import find_arcs
from matcher.formulation.transport import Transport
from matcher.memory import MEMORY
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.problem import Problem
from matcher.verify import check_claim


@dataclass(frozen=True, slots=True)
class Result:
    """One market matched; `gap` and `unmet` (of the units asked for) are fractions."""

    orders: int
    arcs: int
    objective: float
    bound: float
    gap: float
    unmet: float
    allocations_per_order: float
    termination: str
    match_seconds: float
    explain_and_check_seconds: float
    peak_mb: float
    verified: bool


def measure(orders: int, problem: Problem, parameters: Parameters) -> Result:
    """Match a problem and check the outcome's plan and claims again."""
    MEMORY.forget()
    began = time.monotonic()
    outcome = match(problem, parameters)
    arcs = len(find_arcs(problem, Transport(problem)).arcs)
    verdict = check_claim(problem, outcome)
    unmet = sum(shortfall.unmet for shortfall in outcome.shortfalls)
    return Result(
        orders=orders,
        arcs=arcs,
        objective=outcome.objective / 1e6,
        bound=outcome.bound / 1e6,
        gap=outcome.gap,
        unmet=unmet / int(problem.order_lines.quantity.sum()),
        allocations_per_order=len(outcome.plan.allocations.quantity) / orders,
        termination=outcome.termination,
        match_seconds=round(outcome.seconds, 1),
        explain_and_check_seconds=round(time.monotonic() - began - outcome.seconds, 1),
        peak_mb=round(outcome.peak_memory_mb),
        verified=verdict.ok,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 1 where a plan or a claim did not verify."""
    options = _parser().parse_args(arguments)
    results: list[Result] = []
    if not options.json and options.output is None:
        print(f"{'orders':>9}{'arcs':>12}{'gap %':>9}{'unmet %':>9}{'s':>8}{'MB':>8}  ended by")
    for orders in options.orders:
        problem = without(market(orders, options.seed), options.without)
        if options.output is not None:
            problem_file.write(problem, options.output)
            continue
        limit = default_limit(orders) if options.time_limit is None else options.time_limit
        target = default_gap(orders) if options.gap is None else options.gap
        results.append(measure(orders, problem, Parameters(limit, target)))
        print(json.dumps(asdict(results[-1])) if options.json else _line(results[-1]), flush=True)
    if not options.json:
        for smaller, larger in pairwise(results):
            print(_growth(smaller, larger))
    return int(not all(result.verified for result in results))


def default_limit(orders: int) -> float:
    """Return seconds: 30 for up to 20,000 order lines, 150 for 100,000, 20 minutes at most."""
    return min(max(30.0, 0.0015 * orders), 1200.0)


def default_gap(orders: int) -> float:
    """Return the gap at which to stop, a fraction, which may be the wider the larger the market is."""
    return 0.005 if orders < 100_000 else 0.01 if orders < 1_000_000 else 0.02


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("orders", nargs="+", type=at_least(1), metavar="ORDERS")
    parser.add_argument("--seed", type=at_least(0), default=0)
    parser.add_argument(
        "--without",
        type=_rules,
        default=[],
        metavar="RULES",
        help=f"switch off, by commas, any of {', '.join(RULES)}",
    )
    limits = "seconds for each (default 0.0015 an order line, between 30 and 1200)"
    parser.add_argument("--time-limit", type=seconds, metavar="S", help=limits)
    gaps = "stop at this gap (default 0.005, from 100,000 order lines on 0.01, from 1,000,000 on 0.02)"
    parser.add_argument("--gap", type=gap, metavar="G", help=gaps)
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument(
        "-o", "--output", type=Path, help="write the problem to a file instead of matching it"
    )
    return parser


def _rules(text: str) -> list[str]:
    """Read names of rules, with commas between them."""
    names = [name for name in text.split(",") if name]
    unknown = [name for name in names if name not in RULES]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(RULES)}")
    return names


def _growth(smaller: Result, larger: Result) -> str:
    """Say how time and memory grow from one size to the next, as powers of the number of order lines."""
    times = math.log(max(larger.orders, 2) / max(smaller.orders, 1))
    if times <= 0:
        return ""
    seconds = math.log(max(larger.match_seconds, 0.1) / max(smaller.match_seconds, 0.1)) / times
    memory = math.log(larger.peak_mb / smaller.peak_mb) / times
    return (
        f"from {smaller.orders:,} to {larger.orders:,} order lines:"
        f" time grows with the power {seconds:.2f}, memory with {memory:.2f}"
    )


def _line(result: Result) -> str:
    mark = "" if result.verified else " NOT VERIFIED"
    return (
        f"{result.orders:>9,}{result.arcs:>12,}{100 * result.gap:>9.3f}{100 * result.unmet:>9.2f}"
        f"{result.match_seconds:>8.1f}{result.peak_mb:>8,.0f}  {result.termination}{mark}"
    )


if __name__ == "__main__":
    sys.exit(main())
