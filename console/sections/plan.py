"""What the plan costs, by term, and how good it is proven to be."""

from __future__ import annotations

from nicegui import ui

from capweave import AsyncClient
from capweave.client.outcomes import Plan
from console.market import Names
from console.wording import DASH, TERMINATIONS, count, money, share


class PlanCard:
    """The plan in figures."""

    def __init__(self) -> None:
        """Lay out the empty card."""
        with ui.column().classes("cw-card"):
            self._body = ui.column().classes("w-full gap-2")
            with self._body:
                ui.label("No plan yet").classes("cw-title")

    async def show(self, client: AsyncClient, plan: Plan, names: Names) -> None:  # noqa: ARG002 - the sections' common call
        """Write the plan's figures."""
        self._body.clear()
        with self._body:
            _heading(plan)
            _row(_counts(plan))
            ui.label("What it costs, term by term, in the market's money").classes("cw-note")
            _row([(term, money(value)) for term, value in plan.terms.items() if value])


def _heading(plan: Plan) -> None:
    with ui.row().classes("items-center gap-3"):
        ui.label("Plan").classes("cw-title")
        ui.label(plan.status).classes(f"cw-chip {plan.status}")
        proof = (
            "nothing proven" if plan.gap is None else f"no plan can save more than {share(plan.gap)} of it"
        )
        ended = TERMINATIONS.get(plan.termination or "", plan.termination or DASH)
        ui.label(f"{money(plan.objective)} in all, {proof}; {ended}").classes("cw-note")


def _row(figures: list[tuple[str, str]]) -> None:
    with ui.element("div").classes("cw-numbers"):
        for title, value in figures:
            with ui.column().classes("cw-number"):
                ui.label(value).classes("cw-figure")
                ui.label(title).classes("cw-note")


def _counts(plan: Plan) -> list[tuple[str, str]]:
    counts = plan.counts or {}
    filled, of = counts.get("filled"), counts.get("order_lines")
    figures = [(f"of {count(of)} order lines filled", count(filled))]
    figures += [(f"order lines {word}", count(counts.get(word))) for word in ("short", "late")]
    both = sum(counts.get(word, 0) for word in ("filled", "short", "late")) - (of or 0)
    return [*figures, ("of these both short and late", count(both))] if both > 0 else figures
