"""Who makes what for whom, where, when and at what cost: a table by pages, by factory and by order."""

from __future__ import annotations

from nicegui import ui

from capweave import AsyncClient
from capweave.client.errors import InvalidRequestError
from capweave.client.outcomes import Allocation, Plan
from console.market import Names, Wanted, allocations
from console.wording import count, day, moment, money

HEAD = ("order", "buyer", "item", "quantity", "factory", "line", "made in", "delivered", "cost", "status")


class AllocationCard:
    """A page of allocations; what is chosen stays chosen when the plan changes."""

    def __init__(self) -> None:
        """Lay out the empty card."""
        self._client: AsyncClient | None = None
        self._plan: Plan | None = None
        self._cursors: list[str | None] = [None]
        """Where the pages begin, up to the one that is shown."""
        self._next: str | None = None
        with ui.column().classes("cw-card"):
            ui.label("Who makes what").classes("cw-title")
            with ui.row().classes("items-center gap-3"):
                self._factory = ui.select({}, label="factory", with_input=True, clearable=True).classes(
                    "w-64"
                )
                self._order = ui.input("order").props("clearable debounce=400").classes("w-48")
                self._back = ui.button(icon="chevron_left", on_click=self._to_last).props("flat dense")
                self._forth = ui.button(icon="chevron_right", on_click=self._to_next).props("flat dense")
            self._note = ui.label("Allocations appear with the first plan.").classes("cw-note")
            self._rows = ui.element("div").classes("cw-grid cw-made")
        self._factory.on_value_change(self._begin)
        self._order.on_value_change(self._begin)
        self._allow()

    async def show(self, client: AsyncClient, plan: Plan, names: Names) -> None:
        """Show the first page of a plan."""
        self._client, self._plan = client, plan
        self._factory.set_options(names.factories)
        await self._begin()

    async def _begin(self) -> None:
        self._cursors = [None]
        await self._fetch()

    async def _to_next(self) -> None:
        self._cursors.append(self._next)
        await self._fetch()

    async def _to_last(self) -> None:
        self._cursors.pop()
        await self._fetch()

    async def _fetch(self) -> None:
        if self._client is None or self._plan is None:
            return
        wanted = Wanted(self._factory.value, (self._order.value or "").strip() or None, self._cursors[-1])
        try:
            page = await allocations(self._client, self._plan, wanted)
        except InvalidRequestError as error:  # an order that is not there
            self._draw([], str(error))
            self._next = None
        else:
            self._draw(page.data, "" if page.data else "Nothing of that kind is made.")
            self._next = page.next_cursor
        self._allow()

    def _allow(self) -> None:
        self._back.set_enabled(len(self._cursors) > 1)
        self._forth.set_enabled(self._next is not None)

    def _draw(self, made: list[Allocation] | tuple[Allocation, ...], said: str) -> None:
        self._note.set_text(
            said or f"Page {len(self._cursors)}; quantities in the item's unit, times in UTC."
        )
        self._rows.clear()
        with self._rows:
            for title in HEAD if made else ():
                ui.label(title).classes("cw-head")
            for each in made:
                for cell in cells_of(each):
                    ui.label(cell)


def cells_of(made: Allocation) -> tuple[str, ...]:
    """What a row of the table says, column by column."""
    names = made.names
    return (
        f"{names.order} / {names.order_line}",
        names.buyer,
        names.item,
        f"{count(made.quantity)} {names.unit}",
        names.factory,
        names.line,
        f"{day(made.starts_at)} \u2013 {day(made.ends_at)}",
        moment(made.delivery_at),
        money(made.cost),
        made.status,
    )
