"""A plan in frePPLe's two lists, checked by the peer's own script and compared with frePPLe's plan."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from matcher.plan import Outcome
from matcher.problem import Problem

if TYPE_CHECKING:
    from bench.adapters.frepple import Tables

PARTS = 1000
"""A unit of the file is so many base units of ours."""
SCRIPT = "check_plan.py"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "frepple-peer"
TOLERANCE = 1e-3
"""What the script may find too much of time, material or product; frePPLe's own plans stay within a tenth of it."""
FOUND = {
    "overload": r"max overload (\S+) h",
    "material": r"min material stock (\S+);",
    "product": r"min product stock (\S+);",
    "beyond": r"beyond max-late (\d+)",
    "cost": r"cost (\d+)",
}
Deliveries = list[list[Any]]


class Report:
    """What is printed beside the usual keys: hours by class, cost, sources an order, the peer's verdict."""

    def __init__(self, path: Path, tables: Tables, problem: Problem, reading: float) -> None:
        self._path, self._tables, self._problem, self._reading = path, tables, problem, reading

    def __call__(self, outcome: Outcome) -> dict[str, object]:
        """Write the plan, have it checked, measure it."""
        began = time.perf_counter()
        deliveries, productions = self._lists(outcome)
        with tempfile.TemporaryDirectory() as folder:
            plan = Path(folder) / "plan.json.gz"
            lists = {"deliveries": deliveries, "productions": productions, "times": {}, "rss_mb": {}}
            with gzip.open(plan, "wt", compresslevel=1) as text:
                json.dump(lists, text)
            writing = time.perf_counter() - began
            found = checked(self._path, plan)
        ours, all_hours = self.on_time(deliveries)
        theirs = self._peer()
        made = outcome.plan.allocations
        sources = np.unique(
            np.stack([made.order_line, self._problem.capabilities.line[made.capability]]), axis=1
        ).shape[1]
        served = len(np.unique(made.order_line))
        return {
            "on_time_percent": [round(100 * a / b, 3) for a, b in zip(ours, all_hours, strict=True)],
            "peer_on_time_percent": None
            if theirs is None
            else [round(100 * a / b, 3) for a, b in zip(theirs, all_hours, strict=True)],
            "late_percent": round(100 * self._hours(deliveries, late=True) / sum(all_hours), 3),
            "unplanned_percent": round(100 * (1 - self._hours(deliveries) / sum(all_hours)), 3),
            "cost": found["cost"],
            "sources_per_order": round(sources / max(served, 1), 2),
            "allocations_per_order": round(len(made.quantity) / max(served, 1), 2),
            "wall_seconds": round(self._reading + outcome.seconds + writing, 2),
            "peer_check": found["ok"],
        }

    def _lists(self, outcome: Outcome) -> tuple[Deliveries, Deliveries]:
        """Return deliveries [order, week, quantity] and productions [product, line, week, quantity]."""
        tables, made = self._tables, outcome.plan.allocations
        week = np.maximum(tables.due[made.order_line], made.bucket + tables.route_lead[made.capability])
        key = made.order_line.astype(np.int64) * (tables.weeks * 4) + week
        keys, number = np.unique(key, return_inverse=True)
        quantity = np.bincount(number, made.quantity) / PARTS
        order, at = np.divmod(keys, tables.weeks * 4)
        deliveries = [
            [tables.order_ids[o], w, q]
            for o, w, q in zip(order.tolist(), at.tolist(), quantity.tolist(), strict=True)
        ]
        cells, number = np.unique(
            made.capability.astype(np.int64) * tables.weeks + made.bucket, return_inverse=True
        )
        amount = np.bincount(number, made.quantity) / PARTS
        route, bucket = np.divmod(cells, tables.weeks)
        productions = [
            [tables.product_ids[tables.route_product[r]], tables.line_ids[tables.route_line[r]], b, q]
            for r, b, q in zip(route.tolist(), bucket.tolist(), amount.tolist(), strict=True)
        ]
        return deliveries, productions

    def on_time(self, deliveries: Deliveries) -> tuple[list[float], list[float]]:
        """Return by priority the hours (at the mean route) delivered on time, and all that are asked for."""
        tables, row = self._tables, self._rows
        hours = tables.mean_hours[tables.order_product]
        classes = int(tables.priority.max()) + 1
        on_time = np.zeros(classes)
        for order, week, quantity in deliveries:
            o = row[order]
            if week <= tables.due[o]:
                on_time[tables.priority[o]] += quantity * hours[o]
        every = np.bincount(tables.priority, tables.order_quantity * hours, classes)
        return on_time[every > 0].tolist(), every[every > 0].tolist()

    def _hours(self, deliveries: Deliveries, *, late: bool = False) -> float:
        tables, row = self._tables, self._rows
        hours = tables.mean_hours[tables.order_product]
        return float(sum(q * hours[row[o]] for o, w, q in deliveries if not late or w > tables.due[row[o]]))

    @property
    def _rows(self) -> dict[int, int]:
        return {order: row for row, order in enumerate(self._tables.order_ids)}

    def _peer(self) -> list[float] | None:
        """Return frePPLe's hours on time, where its plan stands beside the instance."""
        path = self._path.with_name(self._path.name.replace("instance_", "frepple_plan_"))
        if path == self._path or not path.is_file():
            return None
        with gzip.open(path, "rt") as text:
            return self.on_time(json.load(text)["deliveries"])[0]


def checked(instance: Path, plan: Path) -> dict[str, float | bool | None]:
    """Run the peer's script, which stands beside the instance or in the shared data; `ok` None where it is missing."""
    script = next((s / SCRIPT for s in (instance.parent, DATA) if (s / SCRIPT).is_file()), None)
    if script is None:
        return {"ok": None, "cost": None}
    run = subprocess.run(
        [sys.executable, str(script), str(instance), str(plan)], capture_output=True, text=True, check=True
    )
    found = {name: float(match[1]) for name, text in FOUND.items() if (match := re.search(text, run.stdout))}
    ok = len(found) == len(FOUND) and found["beyond"] == 0 and found["overload"] <= TOLERANCE
    ok = ok and found["material"] >= -TOLERANCE and found["product"] >= -TOLERANCE
    return {"ok": ok, "cost": found.get("cost")}
