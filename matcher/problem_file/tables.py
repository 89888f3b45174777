"""A problem as the tables of its file, and back. Row numbers stay those of `matcher.problem`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.problem import (
    Baseline,
    Budgets,
    Capabilities,
    Certificates,
    Components,
    Conversions,
    Equipment,
    Grid,
    Ints,
    Lanes,
    Lists,
    OrderHeaders,
    OrderLines,
    Places,
    Priorities,
    Problem,
    Resources,
    Segments,
    SetupFamilies,
    Substitutes,
    Supplies,
    Vouchers,
    WorkFloors,
)
from matcher.problem_file.columns import Column
from matcher.problem_file.schema import FIRST_TERMS, SETTINGS, TABLES, WEIGHT

Cells = NDArray[Any] | Lists
"""A column's values."""

MEMBERS = {"orders": "headers", "setup_families": "families"}
"""Tables that a Problem has under another name."""

_SPLIT = {"sites", "lines", "labour_pools"}
"""Tables that a Problem holds together with others."""


@dataclass(frozen=True, slots=True)
class Tables:
    """`names` of each table that has any; `columns` by table and column; the grid and the weights.

    `settings` are the single values of a table, by table and name.
    """

    names: dict[str, tuple[str, ...]]
    columns: dict[str, dict[str, Cells]]
    boundaries: Ints
    convention: Any
    weights: Ints
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)

    def targets(self) -> dict[str, tuple[int, Sequence[Any]]]:
        """Return what a reference may name: the row number of the first row, and the names."""
        names = self.names
        unnamed = {"capabilities": "line", "components": "item"}
        return {
            **{table: (0, names[table]) for table in names},
            "places": (0, names["sites"] + names["regions"]),
            "regions": (len(names["sites"]), names["regions"]),
            "resources": (0, names["lines"] + names["labour_pools"]),
            "labour_pools": (len(names["lines"]), names["labour_pools"]),
            "buckets": (0, range(max(0, len(self.boundaries) - 1))),
            **{table: (0, range(self._rows(table, name))) for table, name in unnamed.items()},
        }

    def written_settings(self) -> dict[str, dict[str, int]]:
        """Return the settings that are not the default."""
        found = {
            table: {
                column.name: int(self.settings[table][column.name])
                for column in columns
                if self.settings[table][column.name] != column.filler
            }
            for table, columns in SETTINGS.items()
        }
        return {table: values for table, values in found.items() if values}

    def written_weights(self) -> Ints:
        """Return the weights without those at the end that older files do not have, where they are 1000."""
        last = len(self.weights)
        while last > FIRST_TERMS and self.weights[last - 1] == WEIGHT.default:
            last -= 1
        return self.weights[:last]

    def _rows(self, table: str, column: str) -> int:
        cells: Any = self.columns.get(table, {}).get(column, ())
        return len(cells)


def is_left_out(column: Column, cells: Any) -> bool:
    """Whether a column that older files do not have holds nothing but its default."""
    return column.later and bool(np.all(np.asarray(cells) == column.filler))


def tables_of(problem: Problem) -> Tables:
    """Take a problem apart."""
    places, resources = problem.places, problem.resources
    sites, lines = places.sites, resources.lines
    columns = {
        table: {
            column.name: getattr(getattr(problem, MEMBERS.get(table, table)), column.name)
            for column in TABLES[table]
        }
        for table in TABLES
        if table not in _SPLIT
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
        "setup_families": problem.families.ids,
        "conversions": problem.conversions.ids,
        "budgets": problem.budgets.ids,
    }
    settings = {
        table: {column.name: getattr(getattr(problem, table), column.name) for column in SETTINGS[table]}
        for table in SETTINGS
    }
    grid = problem.grid
    return Tables(names, columns, grid.boundaries, grid.convention, problem.weights, settings)


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
        headers=OrderHeaders(**of["orders"]),
        priorities=Priorities(**of["priorities"], **tables.settings["priorities"]),
        families=SetupFamilies(ids=names["setup_families"], **of["setup_families"]),
        conversions=Conversions(ids=names["conversions"], **of["conversions"]),
        equipment=Equipment(**of["equipment"]),
        substitutes=Substitutes(**of["substitutes"], **tables.settings["substitutes"]),
        budgets=Budgets(ids=names["budgets"], **of["budgets"]),
        vouchers=Vouchers(**of["vouchers"]),
        work_floors=WorkFloors(**of["work_floors"]),
        baseline=Baseline(**of["baseline"], **tables.settings["baseline"]),
    )
