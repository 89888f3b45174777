"""The plan as a picture: lines by buckets, coloured by how full they are."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from capweave import AsyncClient
from capweave.client.outcomes import Plan
from console.market import LoadPicture, Names, load_picture

LINES_SHOWN = 60
ROW_PIXELS = 17
FULL = 100
COLOURS = ["#eef3ef", "#cfe3d6", "#93c4a8", "#4b9a76", "#e0a33c", "#c4492f"]


class LoadCard:
    """A heat map that is drawn again with each plan."""

    def __init__(self) -> None:
        """Lay out the empty card."""
        with ui.column().classes("cw-card"):
            ui.label("Load of the lines").classes("cw-title")
            self._note = ui.label("The picture appears with the first plan.").classes("cw-note")
            self._place = ui.element("div").classes("w-full")

    async def show(self, client: AsyncClient, plan: Plan, names: Names) -> None:
        """Draw the load of the busiest lines."""
        picture = await load_picture(client, plan, names, LINES_SHOWN)
        self._note.set_text(
            f"The {len(picture.lines)} busiest lines by bucket: percent of the time on offer."
        )
        self._place.clear()
        with self._place:
            ui.echart(_chart(picture)).style(
                f"height: {110 + ROW_PIXELS * len(picture.lines)}px; width: 100%"
            )


def _chart(picture: LoadPicture) -> dict[str, Any]:
    # What lies beyond the last time on offer would be an empty half of the picture.
    buckets = picture.buckets[: 1 + max((bucket for bucket, _, _ in picture.cells), default=-1)]
    axis = {"type": "category", "splitArea": {"show": False}, "axisTick": {"show": False}}
    return {
        "animation": False,
        "grid": {"left": 170, "right": 16, "top": 8, "bottom": 78},
        "tooltip": {"position": "top", ":formatter": "p => p.name + ': ' + p.value[2] + ' %'"},
        "xAxis": {**axis, "data": list(buckets)},
        "yAxis": {
            **axis,
            "data": list(picture.lines),
            "axisLabel": {"fontSize": 11, "width": 160, "overflow": "truncate"},
        },
        "visualMap": {
            "min": 0,
            "max": FULL,
            "calculable": False,
            "orient": "horizontal",
            "left": "center",
            "bottom": 4,
            "itemHeight": 220,
            "itemWidth": 12,
            "text": ["full", "idle"],
            "inRange": {"color": COLOURS},
        },
        "series": [
            {
                "type": "heatmap",
                "data": [list(cell) for cell in picture.cells],
                "itemStyle": {"borderColor": "#fff", "borderWidth": 1},
            }
        ],
    }
