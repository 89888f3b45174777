"""What the first page shows, fetched from the API: one function a section."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from capweave import AsyncClient
from capweave.client.calls import Page
from capweave.client.outcomes import Allocation, Load, Plan, Run, Shortfall, Summary
from capweave.client.resources import PLANS

RUNS_SHOWN = 6
NAMES_PAGE = 500
ALLOCATIONS_PAGE = 25


@dataclass(slots=True)
class Names:
    """What lines, items and factories are called, by id, asked for once and kept."""

    lines: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    factories: dict[str, str] = field(default_factory=dict)

    async def learn(self, client: AsyncClient) -> None:
        """Ask for the names again: lines and items may have been added since."""
        self.lines = {line.id: line.code async for line in client.lines.list(limit=NAMES_PAGE)}
        self.items = {item.id: item.name async for item in client.items.list(limit=NAMES_PAGE)}
        self.factories = {
            found.id: found.name
            async for found in client.organisations.list(limit=NAMES_PAGE)
            if "factory" in found.roles
        }


@dataclass(frozen=True, slots=True)
class LoadPicture:
    """Lines by buckets: the share of the time on offer that the plan uses; None where nothing is offered."""

    lines: tuple[str, ...]
    buckets: tuple[str, ...]
    cells: tuple[tuple[int, int, float], ...]
    """(bucket, row of `lines`, percent)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which allocations to show: of a factory (its id), of an order (its code), from a page on."""

    factory: str | None = None
    order: str | None = None
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything on the page at one moment."""

    summary: Summary
    runs: Sequence[Run]
    plan: Plan | None
    """The published plan, or else the newest one."""


async def situation(client: AsyncClient) -> Situation:
    """Fetch the numbers, the last runs and which plan to show."""
    summary = await client.summary()
    runs = await newest_runs(client)
    plan = summary.published_plan
    if plan is None:
        newest = next((run.plan for run in runs if run.plan), None)
        plan = await client.plans.get(newest) if newest else None
    return Situation(summary, runs, plan)


async def newest_runs(client: AsyncClient) -> Sequence[Run]:
    """Return the last few runs, newest first."""
    return (await client.runs.page(limit=RUNS_SHOWN, order="newest")).data


async def load_picture(client: AsyncClient, plan: Plan, names: Names, most: int) -> LoadPicture:
    """Return the busiest `most` lines, busiest on top, over all buckets of the plan."""
    by_line: dict[str, list[Load]] = defaultdict(list)
    async for load in client.plans.load(plan.id, limit=NAMES_PAGE):
        if load.line:
            by_line[load.line].append(load)
    busiest = sorted(by_line, key=lambda line: sum(load.used_seconds for load in by_line[line]))[-most:]
    cells = tuple(
        (load.bucket, row, round(100 * float(load.used_seconds / load.available_seconds), 1))
        for row, line in enumerate(busiest)
        for load in by_line[line]
        if load.available_seconds
    )
    labels = tuple(f"{bucket.starts_at:%d %b}" for bucket in plan.buckets)
    return LoadPicture(tuple(names.lines.get(line, line) for line in busiest), labels, cells)


async def shortfalls(client: AsyncClient, plan: Plan) -> list[Shortfall]:
    """Return the plan's short and late order lines, the largest first."""
    every = [short async for short in client.plans.shortfalls(plan.id, limit=NAMES_PAGE)]
    return sorted(every, key=lambda short: (-short.unmet, -short.late))


async def allocations(client: AsyncClient, plan: Plan, wanted: Wanted) -> Page[Allocation]:
    """Return one page of what a plan makes.

    Raises:
        InvalidRequestError: there is no such order.
    """
    asked = {"organisation": wanted.factory, "order": wanted.order, "cursor": wanted.cursor}
    return await client.send(PLANS.allocations(plan.id, limit=ALLOCATIONS_PAGE, **asked))


def leading_factors(short: Sequence[Shortfall]) -> list[tuple[str, int]]:
    """Count the order lines by what gates them first, most frequent first."""
    return Counter(each.factors[0].factor for each in short if each.factors).most_common()
