"""`capweave solve` and `capweave verify`: the matcher on files, without database or service."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from capweave.cli.exits import CommandError, Exit
from capweave.cli.file_faults import matcher_errors, naming
from capweave.cli.interruption import interruption
from capweave.cli.options import AsJson
from capweave.cli.output import console, count, counted, note, print_json, table
from capweave.cli.progress import Seen, progress

if TYPE_CHECKING:
    from matcher.plan import Outcome
    from matcher.problem import Problem
    from matcher.progress import Progress

Problem_ = Annotated[Path, typer.Argument(metavar="PROBLEM", help="Problem file (docs/problem-format.md).")]
MICROS = 1_000_000


def solve(
    problem_file: Problem_,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the plan.")],
    *,
    time_limit: Annotated[float, typer.Option(min=0.1, help="Seconds at most.")] = 60,
    gap: Annotated[
        float, typer.Option(min=0, max=1, help="Stop when proven this near to the best, as a fraction.")
    ] = 0.001,
    seed: Annotated[int, typer.Option(min=0, help="For repeatable plans.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Cores to use.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Find a plan for a problem file; no database and no service are needed. Ctrl-C keeps the best plan so far.

    For example:

        capweave solve market.problem -o market.plan

        capweave solve market.json -o plan.json --time-limit 300 --gap 0
    """
    with matcher_errors(as_json=as_json), interruption() as interrupted:
        # A file that is wrong is told at once; the solvers take seconds to load.
        problem = read_problem(problem_file)
        check_writable(output)
        if not as_json:
            note(
                f"{counted(len(problem.order_lines.ids), 'order line')}, {time_limit:g} s at most; loading the solvers ..."
            )
        from matcher import plan_file
        from matcher.parameters import Parameters
        from matcher.pipeline import match

        asked = Parameters(time_limit_seconds=time_limit, gap_target=gap, seed=seed, workers=workers)
        with progress(time_limit, quiet=as_json) as tell:
            outcome = match(problem, asked, on_progress=lambda now: tell(_seen(now)), should_stop=interrupted)
        parameters = {"time_limit_seconds": time_limit, "gap_target": gap, "seed": seed, "workers": workers}
        plan_file.write(problem, outcome, output, parameters)
        stopped = interrupted()
    if stopped:
        raise CommandError(f"Interrupted: the best plan so far is in {output}.", Exit.INTERRUPTED)
    if as_json:
        print_json(_document(problem, outcome))
        return
    rows = [(term, _money(value)) for term, value in outcome.terms.items() if value]
    rows += [("objective", _money(outcome.objective)), ("proven bound", _money(outcome.bound))]
    rows += [
        ("gap", f"{outcome.gap:.4%}"),
        ("ended by", outcome.termination),
        ("seconds", f"{outcome.seconds:.2f}"),
    ]
    console().print(table(None, ("", ">"), rows))
    _print_levels_and_released(problem, outcome)
    short = sum(1 for each in outcome.shortfalls if each.unmet)
    note(f"{counted(len(problem.order_lines.ids), 'order line')}, {count(short)} short. Wrote {output}.")


def verify(
    problem_file: Problem_,
    plan_path: Annotated[Path, typer.Argument(metavar="PLAN", help="Plan file of that problem.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Check a plan against every rule and recompute its objective, exactly, with code of its own.

    Exit code 0 if everything holds, 5 if something does not.

    Example:   capweave verify market.problem market.plan
    """
    with matcher_errors(as_json=as_json):
        from matcher import plan_file
        from matcher.verify import check_claim

        problem = read_problem(problem_file)
        with naming(plan_path):
            outcome = plan_file.read(problem, plan_path)
        verdict = check_claim(problem, outcome)
    violations = [{"rule": each.rule, "message": each.message} for each in verdict.violations]
    if as_json:
        before_money = {"levels": levels_of(outcome), "released": released_of(problem, outcome)}
        checked = {"verified": verdict.ok, "objective": verdict.objective, "violations": violations}
        print_json(checked | before_money)
    elif violations:
        rows = [(each["rule"], each["message"]) for each in violations]
        console().print(table(None, ("rule", "what is wrong"), rows))
    if not verdict.ok:
        raise CommandError(f"The plan breaks {counted(len(violations), 'rule')}.", Exit.NOT_VERIFIED)
    if not as_json:
        _print_levels_and_released(problem, outcome)
        note(f"Every rule holds; the objective is {_money(verdict.objective)}.")


def check_writable(path: Path) -> None:
    """See that a file can be written before minutes are spent on what goes into it; one that is there stays as it is.

    Raises:
        OSError: it cannot.
    """
    new = not path.exists()
    with path.open("ab"):
        pass
    if new:
        path.unlink()


def read_problem(path: Path) -> Problem:
    """The problem of a file, validated."""
    from matcher import problem_file

    with naming(path):
        return problem_file.read(path)


def _seen(now: Progress) -> Seen:
    incumbent = None if now.incumbent is None else Decimal(now.incumbent) / MICROS
    return Seen(now.phase, now.elapsed, incumbent, now.gap)


def _money(micros: int) -> str:
    return f"{micros / MICROS:,.2f}"


def _print_levels_and_released(problem: Problem, outcome: Outcome) -> None:
    """What came before money, and what was promised and could not be kept; nothing where there is neither."""
    if outcome.levels:
        rows = [
            (each.name.replace("_", " "), each.demand_class, _level(each.name, each.value),
             _level(each.name, each.bound), f"{each.gap:.4%}")
            for each in outcome.levels
        ]  # fmt: skip
        columns = ("before money", "demand class", "reached>", "proven bound>", "gap>")
        console().print(table(None, columns, rows))
    if outcome.released:
        released = [
            (str(each["order_line"]), str(each["line"]), str(each["bucket"]), count(each["quantity"]))
            for each in released_of(problem, outcome)
        ]
        title = "Promised before, and not possible any more"
        console().print(table(title, ("order line", "line", "bucket>", "units missing>"), released))


def _level(name: str, value: int) -> str:
    """A level's value for a reader: units given up, the lowest fill rate, units below the floor, money."""
    if name == "fair_share":
        return f"{1 - value / MICROS:.2%}"
    return count(value) if name in {"released", "floor"} else _money(value)


def levels_of(outcome: Outcome) -> list[dict[str, object]]:
    """What came before money, as it stands in plan files."""
    return [asdict(each) for each in outcome.levels]


def released_of(problem: Problem, outcome: Outcome) -> list[dict[str, Any]]:
    """The locked rows of the baseline that could not be kept whole, by name."""
    before, capabilities = problem.baseline, problem.capabilities
    return [
        {
            "order_line": problem.order_lines.ids[before.order_line[each.row]],
            "line": problem.resources.ids[capabilities.line[before.capability[each.row]]],
            "bucket": int(before.bucket[each.row]),
            "quantity": each.quantity,
        }
        for each in outcome.released
        # A file may claim any row; which do not exist, the check has told.
        if 0 <= each.row < len(before.quantity)
    ]


def _document(problem: Problem, outcome: Outcome) -> dict[str, object]:
    """The result in whole micros: what a script can compare exactly."""
    return {
        "objective": outcome.objective,
        "bound": outcome.bound,
        "gap": outcome.gap,
        "terms": outcome.terms,
        "termination": outcome.termination,
        "seconds": outcome.seconds,
        "peak_memory_mb": outcome.peak_memory_mb,
        "short": sum(1 for each in outcome.shortfalls if each.unmet),
        "levels": levels_of(outcome),
        "released": released_of(problem, outcome),
    }
