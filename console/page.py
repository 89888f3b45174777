"""The first page: the market in numbers, the last runs, the plan as a picture, what fell short and why."""

from __future__ import annotations

from nicegui import ui

from capweave import AsyncClient
from capweave.client.errors import CapweaveError
from console.market import Names, situation
from console.sections import allocations, load, numbers, plan, runs, shortfalls
from console.style import CSS

REFRESH_SECONDS = 1.0


async def first_page(client: AsyncClient) -> None:
    """Lay the page out, then keep it current once a second while somebody looks at it."""
    ui.add_css(CSS)
    ui.colors(primary="#1f5f8b")
    with ui.header().classes("cw-header"):
        ui.label("Capweave").classes("cw-brand")
        market = ui.label().classes("cw-market")
        ui.space()
        problem = ui.label().classes("cw-problem")
    with ui.column().classes("cw-page"):
        sections = (
            numbers.Numbers(),
            runs.Runs(),
            plan.PlanCard(),
            load.LoadCard(),
            allocations.AllocationCard(),
            shortfalls.ShortfallCard(),
        )
    names = Names()
    shown: list[str] = []

    async def refresh() -> None:
        try:
            now = await situation(client)
            market.set_text(now.summary.market.name)
            sections[0].show(now.summary)
            sections[1].show(now.runs)
            if now.plan is not None and [now.plan.id, now.plan.status] != shown:
                await names.learn(client)
                for section in sections[2:]:
                    await section.show(client, now.plan, names)
                shown[:] = [now.plan.id, now.plan.status]
            problem.set_text("")
        except CapweaveError as error:
            problem.set_text(f"No answer from the API: {error}")

    ui.timer(REFRESH_SECONDS, refresh)
