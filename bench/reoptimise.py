"""Disturb a planned market and measure the new plan: a line fails, or orders arrive.

python -m bench.reoptimise [ORDERS] [--seed N] [--time-limit S] [--limit S] [--baseline] [--json]

With --baseline the plan before is published: its first weeks are the changed market's baseline, what begins in the first
and a tenth of the rest is locked, and changes have their prices.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass, fields, replace

import numpy as np

from bench.arguments import at_least, seconds
from bench.market import market
from bench.rich import with_baseline
from matcher.earlier.warm import carry_plan, carry_prices
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.plan import Outcome, Plan
from matcher.problem import Flags, Problem
from matcher.reoptimise import reoptimise
from matcher.reoptimise.movable import chosen_lines
from matcher.verify import check_claim

ARRIVING = 50
NOW = 4
"""The bucket from which on a failed line offers nothing."""


@dataclass(frozen=True, slots=True)
class Result:
    """One disturbance; `untouched_kept` and `against_fresh` (of the cost of matching afresh) are fractions.

    `mended`: by the fast way; otherwise all was matched anew.
    """

    event: str
    orders: int
    seconds: float
    untouched_kept: float
    objective: float
    gap: float
    fresh_objective: float
    fresh_seconds: float
    against_fresh: float
    mended: bool
    verified: bool


def fail_line(problem: Problem, plan: Plan) -> tuple[Problem, Flags]:
    """Take from the busiest line all its time from now on; also say which allocations that leaves untouched.

    Touched is what was to be made on the line, and what was to be made from that.
    """
    line = problem.capabilities.line[plan.allocations.capability]
    later = plan.allocations.bucket >= NOW
    busiest = int(np.bincount(line[later], minlength=1).argmax())
    segments = problem.segments
    keep = (segments.resource != busiest) | (segments.bucket < NOW)
    left = type(segments)(*(getattr(segments, field.name)[keep] for field in fields(segments)))
    return replace(problem, segments=left), ~(
        ((line == busiest) & later) | _made_from(problem, plan, busiest)
    )


def _made_from(problem: Problem, plan: Plan, line: int) -> Flags:
    """Say which allocations need something, at whatever level, that the line makes from now on."""
    made, draws = plan.productions, plan.draws
    lost: Flags = (problem.capabilities.line[made.capability] == line) & (made.bucket >= NOW)
    while True:
        without = draws.from_production.copy()
        without[without] = lost[draws.source[without]]
        more = lost.copy()
        more[draws.consumer[without & draws.for_production]] = True
        if (more == lost).all():
            break
        lost = more
    touched = np.zeros(len(plan.allocations.quantity), dtype=bool)
    touched[draws.consumer[without & ~draws.for_production]] = True
    return touched


def before_arrivals(problem: Problem) -> Problem:
    """Return the problem before its last order lines came in."""
    lines = problem.order_lines
    keep = np.arange(len(lines.ids) - ARRIVING)
    return replace(problem, order_lines=chosen_lines(lines, keep))


def kept(before: Plan, after: Plan, untouched: Flags) -> float:
    """Return the fraction of the untouched allocations that the new plan has unchanged."""

    def rows(plan: Plan, chosen: Flags) -> set[tuple[int, ...]]:
        made = plan.allocations
        columns = (made.order_line, made.capability, made.bucket, made.quantity)
        return set(zip(*(column[chosen].tolist() for column in columns), strict=True))

    wanted = rows(before, untouched)
    found = rows(after, np.ones(len(after.allocations.quantity), dtype=bool))
    return len(wanted & found) / max(len(wanted), 1)


def measure(
    event: str,
    old: Problem,
    new: Problem,
    first: Outcome,
    untouched: Flags,
    options: argparse.Namespace,
) -> Result:
    """Plan again and afresh, and compare."""
    if options.baseline:
        new = with_baseline(new, carry_plan(first.plan, old, new), np.random.default_rng(options.seed))
    began = time.perf_counter()
    previous = carry_plan(first.plan, old, new)
    prices = None if first.prices is None else carry_prices(first.prices, old, new)
    again = reoptimise(new, previous, prices=prices, parameters=Parameters(time_limit_seconds=options.limit))
    seconds = time.perf_counter() - began
    fresh = match(new, Parameters(time_limit_seconds=options.time_limit))
    return Result(
        event=event,
        orders=len(new.order_lines.ids),
        seconds=round(seconds, 2),
        untouched_kept=kept(first.plan, again.plan, untouched),
        objective=again.objective / 1e6,
        gap=again.gap,
        fresh_objective=fresh.objective / 1e6,
        fresh_seconds=round(fresh.seconds, 1),
        against_fresh=again.objective / fresh.objective - 1,
        mended=again.mended,
        verified=check_claim(new, again).ok,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 1 where a plan did not verify."""
    options = _parser().parse_args(arguments)
    whole = market(options.orders, options.seed)
    old = before_arrivals(whole)
    first = match(old, Parameters(time_limit_seconds=options.time_limit))
    failing, untouched = fail_line(old, first.plan)
    every = np.ones(len(first.plan.allocations.quantity), dtype=bool)
    failed = False
    for event, new, mask in (("a line fails", failing, untouched), ("orders arrive", whole, every)):
        result = measure(event, old, new, first, mask, options)
        print(json.dumps(asdict(result)) if options.json else _line(result), flush=True)
        failed = failed or not result.verified
    return int(failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.reoptimise", description=__doc__)
    parser.add_argument("orders", nargs="?", type=at_least(2 * ARRIVING), default=20_000, metavar="ORDERS")
    parser.add_argument("--seed", type=at_least(0), default=0)
    parser.add_argument(
        "--time-limit", type=seconds, default=60, metavar="S", help="of the matches (default 60)"
    )
    parser.add_argument("--limit", type=seconds, default=2, metavar="S", help="of planning again (default 2)")
    parser.add_argument("--baseline", action="store_true", help="price changes, lock some of the plan before")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    return parser


def _line(result: Result) -> str:
    mark = "" if result.verified else " NOT VERIFIED"
    way = "mended" if result.mended else "matched anew"
    return (
        f"{result.event:<16}{way:<13}{result.seconds:>6.2f} s  kept {100 * result.untouched_kept:.2f} %  gap "
        f"{100 * result.gap:.2f} %  against afresh {100 * result.against_fresh:+.3f} %{mark}"
    )


if __name__ == "__main__":
    sys.exit(main())
