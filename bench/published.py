"""Solve published instances with the product's own settings and compare with the best known values.

python -m bench.published KIND FILE... [--time-limit S] [--gap G] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction

from bench.adapters.instance import Instance
from bench.arguments import existing_file, gap, seconds
from bench.best_known import BestKnown
from bench.reading import KINDS, use_each
from matcher.memory import MEMORY
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.problem_file.validation import validate
from matcher.proof import FLOATING, WrongBound
from matcher.verify import verify


@dataclass(frozen=True, slots=True)
class Result:
    """One instance solved: amounts in the published unit, `gap` and `distance` fractions.

    Where not all demand is met, the objective and the bound count every unit unmet at the problem's own price, which is
    such that the least shortfall is the cheapest. Published values are of complete plans: no distance to them then.
    """

    instance: str
    objective: float
    bound: float
    gap: float
    proven: bool
    seconds: float
    peak_mb: float
    best_known: float | None
    distance: float | None
    verified: bool
    extra: dict[str, object] = field(default_factory=dict)
    """What the kind measures beside, printed after the others; first `short`, the published units of demand (jobs, whole
    customers) that are not met, and `served_cost`, what the rest costs by the published figures: only where some are not.
    """


def solve(instance: Instance, best_known: BestKnown, parameters: Parameters) -> Result:
    """Solve an instance and count its cost again, from the published figures where everything is served.

    Raises ProblemError where the adapter made a problem of the file that the matcher's own format would refuse.
    """
    validate(instance.problem)
    MEMORY.forget()
    outcome = match(instance.problem, parameters)
    verdict = verify(instance.problem, outcome.plan)
    unmet = int(instance.problem.order_lines.quantity.sum() - outcome.plan.allocations.quantity.sum())
    complete = verdict.ok and not unmet
    objective = instance.cost(outcome.plan) if complete else outcome.objective * instance.money
    bound = outcome.bound * instance.money
    # What is published may count in finer units than micros, but no more.
    if bound > objective + instance.money + abs(objective) * Fraction(FLOATING):
        raise WrongBound(f"{instance.names[0]}: the bound {float(bound)} is above {float(objective)}")
    bound = min(bound, objective)
    best = best_known.of(instance.names)
    compared = None if unmet else best
    short = (
        {"short": unmet / instance.parts, "served_cost": float(instance.cost(outcome.plan))} if unmet else {}
    )
    return Result(
        instance=instance.names[0],
        objective=float(objective),
        bound=float(bound),
        gap=float((objective - bound) / max(abs(objective), Fraction(1))),
        proven=outcome.termination == "optimal",
        seconds=round(outcome.seconds, 3),
        peak_mb=round(outcome.peak_memory_mb, 1),
        best_known=None if best is None else float(best),
        distance=None
        if compared is None
        else float((objective - compared) / max(abs(compared), Fraction(1))),
        verified=verdict.ok and verdict.objective == outcome.objective,
        extra=short | ({} if instance.report is None else instance.report(outcome)),
    )


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 1 where a file could not be read or a plan did not verify."""
    options = _parser().parse_args(arguments)
    chosen = {"time_limit_seconds": options.time_limit, "gap_target": options.gap}
    parameters = Parameters(**{name: value for name, value in chosen.items() if value is not None})
    if not options.json:
        print(
            f"{'instance':<20}{'objective':>18}{'bound':>18}{'gap %':>9}{'s':>8}{'MB':>7}{'distance %':>12}"
        )

    def use(instance: Instance, best_known: BestKnown) -> bool:
        limited = parameters
        if options.time_limit is None and instance.seconds is not None:
            limited = replace(parameters, time_limit_seconds=instance.seconds)
        result = solve(instance, best_known, limited)
        print(json.dumps(_flat(result)) if options.json else _line(result), flush=True)
        return result.verified

    return int(not use_each(options.kind, options.files, use))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.published", description=__doc__)
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("files", nargs="+", type=existing_file, metavar="FILE")
    parser.add_argument("--time-limit", type=seconds, metavar="S", help="seconds for each instance")
    parser.add_argument("--gap", type=gap, metavar="G", help="stop at this gap, a fraction")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    return parser


def _flat(result: Result) -> dict[str, object]:
    row = asdict(result)
    return {name: value for name, value in row.items() if name != "extra"} | result.extra


def _line(result: Result) -> str:
    distance = "" if result.distance is None else f"{100 * result.distance:.4f}"
    marks = ("" if result.proven else " not proven") + ("" if result.verified else " NOT VERIFIED")
    if "short" in result.extra:
        marks += f" SHORT by {result.extra['short']:g} units"
    return (
        f"{result.instance:<20}{result.objective:>18.3f}{result.bound:>18.3f}{100 * result.gap:>9.4f}"
        f"{result.seconds:>8.2f}{result.peak_mb:>7.0f}{distance:>12}{marks}"
    )


if __name__ == "__main__":
    sys.exit(main())
