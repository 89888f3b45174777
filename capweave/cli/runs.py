"""`capweave run`: optimisation runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from capweave.cli.exits import CommandError, Exit
from capweave.cli.options import AsJson, Key, Url, connect
from capweave.cli.output import console, moment, money, note, print_json, share, table, warn
from capweave.cli.progress import Seen, progress

if TYPE_CHECKING:
    from capweave.client import Client
    from capweave.client.outcomes import Run

app = typer.Typer(invoke_without_command=True)
DEFAULT_SECONDS = 60
CANCELLED = "cancelled"


@app.callback()
def run(
    context: typer.Context,
    *,
    time_limit: Annotated[float, typer.Option(min=1, max=86_400, help="Seconds at most.")] = DEFAULT_SECONDS,
    gap: Annotated[
        str, typer.Option(help="Stop when proven this near to the best, as a fraction.")
    ] = "0.001",
    days: Annotated[int | None, typer.Option(min=0, help="Daily buckets, first.")] = None,
    weeks: Annotated[int | None, typer.Option(min=0, help="Weekly buckets after them.")] = None,
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day; the market's tomorrow if not given."),
    ] = None,
    convention: Annotated[str | None, typer.Option(help="conservative or same_bucket.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="For repeatable plans.")] = None,
    market: Annotated[str | None, typer.Option(help="Market, if there are several.")] = None,
    publish: Annotated[bool, typer.Option("--publish", help="Publish the plan at the end.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the run to its end.")] = True,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Start a run and follow it to its end; list, show and cancel runs.

    For example:

        capweave run

        capweave run --days 7 --weeks 0 --time-limit 30 --publish

        capweave run list
    """
    if context.invoked_subcommand is not None:
        return
    asked: dict[str, Any] = {
        "time_limit_seconds": f"{time_limit:g}",
        "gap_target": gap,
        "buckets": _buckets(days, weeks),
        "horizon_start": start.date() if start else None,
        "convention": convention,
        "seed": seed,
        "market": market,
    }
    with connect(url, key) as client:
        started = client.runs.create(**{name: value for name, value in asked.items() if value is not None})
        if not as_json:
            note(f"Run {started.id}, {time_limit:g} s at most.")
        if not wait:
            _tell(started, as_json=as_json)
            return
        ended = follow(client, started, seconds=time_limit, quiet=as_json)
        if publish and ended.plan and ended.status != CANCELLED:
            warn(client.plans.publish(ended.plan).warnings)
        _tell(ended, as_json=as_json)
    plan = ended.required_plan()
    if ended.status == CANCELLED:
        raise CommandError(f"The run was cancelled; the best plan it had found is kept as a draft: {plan}")
    if not as_json:
        note(f"Look at it with:   capweave plan show {plan}")


@app.command("list")
def list_runs(
    *,
    status: Annotated[str | None, typer.Option(help="Only runs of this status.")] = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """List the runs, the newest first.

    Example:   capweave run list --status failed
    """
    with connect(url, key) as client:
        found = list(client.runs.list(status=status))
    if as_json:
        print_json(found)
        return
    rows = (
        (
            each.id,
            each.status,
            money(each.incumbent),
            share(each.gap),
            moment(each.created_at),
        )
        for each in found
    )
    columns = ("run", "status", "objective>", "gap>", "created")
    console().print(table(None, columns, rows))


@app.command()
def show(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="Id of the run.")],
    *,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Show one run: how far it has come, or why it failed.

    Example:   capweave run show run_01k...
    """
    with connect(url, key) as client:
        _tell(client.runs.get(run_id), as_json=as_json)


@app.command()
def cancel(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="Id of the run.")],
    *,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Ask a run to stop: the search ends within two seconds, the best plan so far is kept as a draft.

    Example:   capweave run cancel run_01k...
    """
    with connect(url, key) as client:
        _tell(client.runs.cancel(run_id), as_json=as_json)


@app.command()
def problem(
    run_id: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="Id of the run; the newest if not given.")
    ] = None,
    *,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Where to write it; JSON where the name ends in .json.")
    ],
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Write the market as a run saw it into a problem file, for `capweave solve` and `verify`.

    A market that was never planned has none yet: a short run makes it.

    Example:   capweave run problem -o market.problem && capweave solve market.problem -o market.plan
    """
    with connect(url, key) as client:
        if run_id is None:
            newest = client.runs.page(limit=1).data
            if not newest:
                raise CommandError("There is no run yet. Make one with:   capweave run --time-limit 1")
            run_id = newest[0].id
        content = client.runs.problem(run_id)
    _write_problem(content, output)
    if as_json:
        print_json({"run": run_id, "written": str(output)})
    else:
        note(f"Wrote the problem of {run_id} to {output}. Solve it with:   capweave solve {output} -o PLAN")


def _write_problem(content: bytes, output: Path) -> None:
    from capweave.cli.file_faults import matcher_errors

    with matcher_errors():
        if output.suffix != ".json":
            output.write_bytes(content)
            return
        from matcher import problem_file

        problem_file.write(problem_file.from_bytes(content), output)


def follow(client: Client, started: Run, *, seconds: float, quiet: bool) -> Run:
    """Wait for a run's end with a progress bar on a terminal, lines elsewhere."""
    try:
        with progress(seconds, quiet=quiet) as tell:
            return client.runs.wait(started.id, every_seconds=0.3, on_progress=lambda run: tell(_seen(run)))
    except KeyboardInterrupt:
        raise CommandError(
            f"Run {started.id} goes on, unwatched. Stop it with:   capweave run cancel {started.id}",
            Exit.INTERRUPTED,
        ) from None


def _seen(run: Run) -> Seen:
    return Seen(run.phase or run.status, float(run.elapsed_seconds or 0), run.incumbent, run.gap)


def _buckets(days: int | None, weeks: int | None) -> list[dict[str, Any]] | None:
    if days is None and weeks is None:
        return None
    wanted = (("day", 14 if days is None else days), ("week", weeks or 0))
    buckets = [{"count": count, "length": length} for length, count in wanted if count]
    if not buckets:
        raise CommandError("A run needs at least one bucket.", Exit.USAGE)
    return buckets


def _seconds(run: Run) -> str:
    return "-" if run.elapsed_seconds is None else f"{run.elapsed_seconds:.1f}"


def _tell(run: Run, *, as_json: bool) -> None:
    if as_json:
        print_json(run)
        return
    rows: list[tuple[str, str]] = [("run", run.id), ("status", run.status)]
    if run.phase and not run.is_final:
        rows.append(("phase", run.phase))
    rows += [("objective", money(run.incumbent)), ("bound", money(run.bound)), ("gap", share(run.gap))]
    rows += [("seconds", _seconds(run)), ("created", moment(run.created_at))]
    if run.plan:
        rows.append(("plan", run.plan))
    if run.error:
        rows.append(("error", f"{run.error.code}: {run.error.message}"))
    for name, value in rows:
        typer.echo(f"{name:10} {value}")
