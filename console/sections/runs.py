"""The last runs, with live progress."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from capweave.client.outcomes import Run
from console.wording import moment, money, seconds, share

HEAD = ("started", "state", "doing", "best plan", "proven bound", "gap", "time")


class Runs:
    """A table of runs; the one under way moves."""

    def __init__(self) -> None:
        """Lay out the empty card."""
        self._shown: list[tuple[str, str]] = []
        with ui.column().classes("cw-card"):
            ui.label("Runs").classes("cw-title")
            self._rows = ui.element("div").classes("cw-grid cw-runs")

    def show(self, runs: Sequence[Run]) -> None:
        """Draw the table again if anything in it changed."""
        state = [
            (run.id, f"{run.status} {run.phase} {run.incumbent} {run.bound} {run.elapsed_seconds}")
            for run in runs
        ]
        if state == self._shown:
            return
        self._shown = state
        self._rows.clear()
        with self._rows:
            for title in HEAD:
                ui.label(title).classes("cw-head")
            for run in runs:
                _row(run)
        if not runs:
            with self._rows:
                ui.label("No run yet: `capweave run` starts one.").classes("cw-note")


def _row(run: Run) -> None:
    ui.label(moment(run.started_at or run.created_at))
    ui.label(run.status).classes(f"cw-chip {run.status}")
    _doing(run)
    ui.label(money(run.incumbent))
    ui.label(money(run.bound))
    ui.label(share(run.gap))
    ui.label(seconds(run.elapsed_seconds))


def _doing(run: Run) -> None:
    if run.is_final:
        ui.label(run.error.message if run.error else "").classes("cw-note")
        return
    with ui.row(wrap=False).classes("items-center w-full"):
        ui.label(run.phase or "waiting for a worker").classes("cw-note")
        ui.linear_progress(show_value=False).props("indeterminate").classes("w-24")
