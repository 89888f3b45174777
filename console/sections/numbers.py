"""The market in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from capweave.client.outcomes import Summary
from console.wording import DASH, count

FIGURES = (
    ("open orders", "orders"),
    ("order lines", "order_lines"),
    ("buyers and makers", "organisations"),
    ("sites", "sites"),
    ("lines", "lines"),
    ("items", "items"),
    ("open supplies", "supplies"),
)


class Numbers:
    """A row of figures that change in place."""

    def __init__(self) -> None:
        """Lay the row out with dashes."""
        self._values: dict[str, ui.html] = {}
        with ui.element("div").classes("cw-numbers"):
            for title, key in FIGURES:
                with ui.column().classes("cw-number"):
                    self._values[key] = ui.html(f"<b>{DASH}</b>", sanitize=False)
                    ui.html(f"<span>{title}</span>", sanitize=False)

    def show(self, summary: Summary) -> None:
        """Write the summary's figures."""
        for key, element in self._values.items():
            element.set_content(f"<b>{count(_number(summary, key))}</b>")


def _number(summary: Summary, key: str) -> int | None:
    value: Any = getattr(summary, key, None)
    if isinstance(value, Mapping):
        value = value.get("open", value.get("active"))
    return value if isinstance(value, int) else None
