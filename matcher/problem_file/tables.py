"""A problem as the tables of its file, and back. Row numbers stay those of `matcher.problem`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.problem import (
    Capabilities,
    Certificates,
    Components,
    Grid,
    Ints,
    Lanes,
    Lists,
    OrderLines,
    Places,
    Problem,
    Resources,
    Segments,
    Supplies,
)
from matcher.problem_file.schema import TABLES

Cells = NDArray[Any] | Lists
"""A column's values."""


@dataclass(frozen=True, slots=True)
class Tables:
    """`names` of each table that has any; `columns` by table and column; the grid and the weights."""

    names: dict[str, tuple[str, ...]]
    columns: dict[str, dict[str, Cells]]
    boundaries: Ints
    convention: Any
    weights: Ints

    def targets(self) -> dict[str, tuple[int, Sequence[str]]]:
        """Return what a reference may name: the row number of the first row, and the names."""
        names = self.names
        return {
            **{table: (0, names[table]) for table in names},
            "places": (0, names["sites"] + names["regions"]),
            "regions": (len(names["sites"]), names["regions"]),
            "resources": (0, names["lines"] + names["labour_pools"]),
            "labour_pools": (len(names["lines"]), names["labour_pools"]),
            "buckets": (0, [str(bucket) for bucket in range(max(0, len(self.boundaries) - 1))]),
        }


def tables_of(problem: Problem) -> Tables:
    """Take a problem apart."""
    places, resources = problem.places, problem.resources
    sites, lines = places.sites, resources.lines
    columns = {
        table: {column.name: getattr(getattr(problem, table), column.name) for column in TABLES[table]}
        for table in TABLES
        if table not in {"sites", "lines", "labour_pools"}
    }
    columns["sites"] = {"owner": places.owner, "region": places.region, "fixed_cost": places.fixed_cost}
    columns["lines"] = {"site": resources.site[:lines], "fixed_cost": resources.fixed_cost}
    columns["labour_pools"] = {"site": resources.site[lines:]}
    names = {
        "organisations": problem.organisations,
        "sites": places.ids[:sites],
        "regions": places.ids[sites:],
        "lines": resources.ids[:lines],
        "labour_pools": resources.ids[lines:],
        "items": problem.items,
        "supplies": problem.supplies.ids,
        "certificate_kinds": problem.certificate_kinds,
        "demand_classes": problem.demand_classes,
        "orders": problem.orders,
        "order_lines": problem.order_lines.ids,
    }
    return Tables(names, columns, problem.grid.boundaries, problem.grid.convention, problem.weights)


def problem_of(tables: Tables) -> Problem:
    """Put a problem together. The tables are complete; whether they make sense, `validate` says."""
    names, columns = tables.names, tables.columns
    of: dict[str, dict[str, Any]] = columns
    site = np.concatenate([of["lines"]["site"], of["labour_pools"]["site"]])
    return Problem(
        grid=Grid(tables.boundaries, tables.convention),
        organisations=names["organisations"],
        places=Places(ids=names["sites"] + names["regions"], **of["sites"]),
        resources=Resources(
            ids=names["lines"] + names["labour_pools"], site=site, fixed_cost=of["lines"]["fixed_cost"]
        ),
        segments=Segments(**of["segments"]),
        items=names["items"],
        capabilities=Capabilities(**of["capabilities"]),
        components=Components(**of["components"]),
        supplies=Supplies(ids=names["supplies"], **of["supplies"]),
        lanes=Lanes(**of["lanes"]),
        certificate_kinds=names["certificate_kinds"],
        certificates=Certificates(**of["certificates"]),
        demand_classes=names["demand_classes"],
        orders=names["orders"],
        order_lines=OrderLines(ids=names["order_lines"], **of["order_lines"]),
        weights=tables.weights,
    )
