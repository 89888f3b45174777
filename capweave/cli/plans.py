"""`capweave plan`: what a run decided."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from capweave.cli import pictures
from capweave.cli.exits import CommandError, Exit
from capweave.cli.naming import Names
from capweave.cli.options import AsJson, Key, Url, connect
from capweave.cli.output import console, count, moment, money, note, print_json, share, table, warn
from capweave.client.errors import ForbiddenError

if TYPE_CHECKING:
    from capweave.client import Client

app = typer.Typer(
    no_args_is_help=True,
    help="Plans: objective, allocations, shortfalls with their reasons, load; publish one.",
)
PlanId = Annotated[
    str | None,
    typer.Argument(metavar="[PLAN]", help="Id of the plan, or `published`; the latest if not given."),
]
Limit = Annotated[int, typer.Option(min=1, help="Rows shown at most (all of them with --json).")]
Item = Annotated[str | None, typer.Option(help="Only this item (id or code).")]
Line = Annotated[str | None, typer.Option(help="Only this line (id or code).")]
Organisation = Annotated[str | None, typer.Option(help="Only this organisation (id or code).")]
SHOWN = 40


@app.command("list")
def list_plans(
    *,
    status: Annotated[str | None, typer.Option(help="draft, published or superseded.")] = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """List the plans, the newest first."""
    with connect(url, key) as client:
        found = list(client.plans.list(status=status))
    if as_json:
        print_json(found)
        return
    rows = (
        (
            each.id,
            each.status,
            money(each.objective),
            share(each.gap),
            each.termination,
            moment(each.created_at),
        )
        for each in found
    )
    columns = ("plan", "status", "objective>", "gap>", "ended by", "created")
    console().print(table(None, columns, rows))


@app.command()
def show(
    plan_id: PlanId = None,
    *,
    limit: Limit = 10,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Show a plan: objective by term, bound and gap, how full the lines are, what is short and why.

    Example:   capweave plan show
    """
    with connect(url, key) as client:
        plan = client.plans.get(plan_or_latest(client, plan_id))
        if as_json:
            print_json(plan)
            return
        names, out = Names(client), console()
        pictures.print_objective(out, plan)
        pictures.print_load(out, plan, list(client.plans.load(plan.id)), names, limit=2 * limit)
        shortfalls = sorted(client.plans.shortfalls(plan.id), key=lambda each: -each.unmet)
        pictures.print_shortfalls(out, shortfalls, names, limit=limit // 2)
    note(f"More:   capweave plan shortfalls {plan.id}   allocations, productions, draws, load")


@app.command()
def allocations(
    plan_id: PlanId = None,
    *,
    order: Annotated[str | None, typer.Option(help="Only this order (id or code).")] = None,
    line: Line = None,
    item: Item = None,
    organisation: Organisation = None,
    limit: Limit = SHOWN,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Who makes what for which order line, when, and what it costs.

    A factory and a buyer read their own of the published plan, with a key of theirs.

    Example:   capweave plan allocations --line nonwoven-01-l1
    """
    with connect(url, key) as client:
        plan = plan_or_latest(client, plan_id)
        asked = {"order": order, "line": line, "item": item, "organisation": organisation}
        found = client.plans.allocations(plan, **asked)
        if as_json:
            print_json(list(found))
            return
        rows = [
            (
                f"{each.names.order} / {each.names.order_line}",
                each.names.item,
                count(each.quantity),
                f"{each.names.factory}, {each.names.line}",
                moment(each.starts_at),
                moment(each.delivery_at),
                money(each.cost),
                each.status,
            )
            for each in islice(found, limit)
        ]
    columns = ("order / line", "item", "quantity>", "made by", "from", "delivered", "cost>", "status")
    console().print(table(f"Allocations of {plan}", columns, rows))


@app.command()
def productions(
    plan_id: PlanId = None,
    *,
    line: Line = None,
    item: Item = None,
    limit: Limit = SHOWN,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Components that are made for others to use."""
    with connect(url, key) as client:
        plan = plan_or_latest(client, plan_id)
        found = client.plans.productions(plan, line=line, item=item)
        if as_json:
            print_json(list(found))
            return
        names = Names(client)
        rows = [
            (
                names.of("items", each.item),
                count(each.quantity),
                names.of("lines", each.line),
                moment(each.starts_at),
            )
            for each in islice(found, limit)
        ]
    console().print(table(f"Productions of {plan}", ("item", "quantity>", "made by", "bucket from"), rows))


@app.command()
def draws(
    plan_id: PlanId = None,
    *,
    item: Item = None,
    limit: Limit = SHOWN,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Which material is taken from where, for what."""
    with connect(url, key) as client:
        plan = plan_or_latest(client, plan_id)
        found = client.plans.draws(plan, item=item)
        if as_json:
            print_json(list(found))
            return
        names = Names(client)
        rows = [
            (
                names.of("items", each.item),
                count(each.quantity),
                names.of("supplies", each.supply) if each.supply else each.from_production,
                each.allocation or each.for_production,
            )
            for each in islice(found, limit)
        ]
    console().print(table(f"Draws of {plan}", ("item", "quantity>", "from", "for"), rows))


@app.command()
def shortfalls(
    plan_id: PlanId = None,
    *,
    factor: Annotated[str | None, typer.Option(help="Only with this gating factor.")] = None,
    order: Annotated[str | None, typer.Option(help="Only of this order, by id or code.")] = None,
    item: Item = None,
    limit: Limit = SHOWN,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Order lines that are short or late, and what stood in the way.

    Example:   capweave plan shortfalls --factor material
    """
    with connect(url, key) as client:
        plan = plan_or_latest(client, plan_id)
        found = list(client.plans.shortfalls(plan, factor=factor, order=order, item=item))
        if as_json:
            print_json(found)
            return
        pictures.print_shortfalls(console(), found, Names(client), limit=limit)


@app.command()
def load(
    plan_id: PlanId = None,
    *,
    line: Line = None,
    limit: Limit = SHOWN,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """How full each line and labour pool is in each bucket."""
    with connect(url, key) as client:
        plan = client.plans.get(plan_or_latest(client, plan_id))
        found = list(client.plans.load(plan.id, line=line))
        if as_json:
            print_json(found)
            return
        pictures.print_load(console(), plan, found, Names(client), limit=limit)


@app.command()
def publish(plan_id: PlanId = None, *, as_json: AsJson = False, url: Url = None, key: Key = None) -> None:
    """Make a plan the market's plan; the one before it is superseded, and can be published again.

    Example:   capweave plan publish plan_01k...
    """
    with connect(url, key) as client:
        published = client.plans.publish(plan_or_latest(client, plan_id))
    if as_json:
        print_json(published)
    else:
        note(f"{published.id} is {published.status}.")
    warn(published.warnings)


def plan_or_latest(client: Client, plan: str | None) -> str:
    """The plan that was named; else that of the latest run; else the published one, which is all that parties see."""
    if plan:
        return plan
    try:
        summary = client.summary()
    except ForbiddenError:
        return "published"
    if summary.latest_run and summary.latest_run.plan:
        return summary.latest_run.plan
    if summary.published_plan:
        return summary.published_plan.id
    raise CommandError("There is no plan yet. Make one with:   capweave run", Exit.FAILED)
