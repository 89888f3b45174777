"""What the plan leaves short or late, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from nicegui import ui

from capweave import AsyncClient
from capweave.client.outcomes import Plan, Shortfall
from console.market import Names, leading_factors, shortfalls
from console.wording import FACTORS, count

MOST = 40
REASONS = 2
"""A row shows this many reasons; all are in the tooltip."""
HEAD = ("order", "item", "unmet", "late", "first reason", "why")


class ShortfallCard:
    """A list with reasons, the largest first."""

    def __init__(self) -> None:
        """Lay out the empty card."""
        with ui.column().classes("cw-card"):
            ui.label("Short and late").classes("cw-title")
            self._note = ui.label("Shortfalls appear with the first plan.").classes("cw-note")
            self._rows = ui.element("div").classes("cw-grid cw-shorts")

    async def show(self, client: AsyncClient, plan: Plan, names: Names) -> None:
        """List the plan's shortfalls."""
        short = await shortfalls(client, plan)
        codes = await _order_codes(client, short[:MOST])
        self._note.set_text(_headline(short))
        self._rows.clear()
        with self._rows:
            for title in HEAD if short else ():
                ui.label(title).classes("cw-head")
            for each in short[:MOST]:
                _row(each, codes, names)


def _headline(short: Sequence[Shortfall]) -> str:
    if not short:
        return "Every order line is filled in full and in time."
    reasons = ", ".join(
        f"{FACTORS.get(factor, factor).lower()} ({number})" for factor, number in leading_factors(short)
    )
    cut = f"; the {MOST} largest of {len(short)} are listed" if len(short) > MOST else ""
    return f"First reasons, by order lines: {reasons}{cut}."


async def _order_codes(client: AsyncClient, short: Sequence[Shortfall]) -> dict[str, str]:
    """What the orders of the listed rows are called, by id: few of a market's many, so each is asked for."""
    found = await asyncio.gather(*(client.orders.get(each) for each in {each.order for each in short}))
    return {order.id: order.code for order in found}


def _row(short: Shortfall, codes: Mapping[str, str], names: Names) -> None:
    first = short.factors[0].factor if short.factors else ""
    ui.label(codes.get(short.order, short.order))
    ui.label(names.items.get(short.item, short.item))
    ui.label(count(short.unmet) if short.unmet else "")
    ui.label(count(short.late) if short.late else "")
    ui.label(FACTORS.get(first, first))
    reasons = [factor.message for factor in short.factors]
    ui.label("; ".join(reasons[:REASONS])).classes("cw-note").tooltip("; ".join(reasons))
