"""The market in numbers."""

from __future__ import annotations

from nicegui import ui

from capweave.client.outcomes import Summary
from console.wording import DASH, count

FIGURES = (
    ("open orders", "orders"),
    ("order lines", "order_lines"),
    ("organisations", "organisations"),
    ("sites", "sites"),
    ("lines", "lines"),
    ("items", "items"),
    ("supplies on offer", "supplies"),
)
CLASSES = ("emergency", "firm", "forecast")


class Numbers:
    """A row of figures that change in place."""

    def __init__(self) -> None:
        """Lay the row out with dashes."""
        self._values: dict[str, ui.label] = {}
        with ui.element("div").classes("cw-numbers"):
            for title, key in FIGURES:
                with ui.column().classes("cw-number"):
                    self._values[key] = ui.label(DASH).classes("cw-figure")
                    ui.label(title).classes("cw-note")
        self._demand = ui.label().classes("cw-note")

    def show(self, summary: Summary) -> None:
        """Write the summary's figures."""
        for key, element in self._values.items():
            element.set_text(count(getattr(summary, key)))
        classes = [f"{count(summary.demand[name])} {name}" for name in CLASSES if summary.demand.get(name)]
        self._demand.set_text(f"Units asked for: {', '.join(classes)}." if classes else "No open demand.")
