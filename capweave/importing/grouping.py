"""Rows of a table made into the objects of the API: an order of its lines, a bill of its components."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from capweave.importing.columns import LINE_COLUMNS, Table
from capweave.importing.problems import Problem

Rows = list[tuple[int, dict[str, Any]]]


@dataclass(frozen=True)
class Draft:
    """One object to post, and the rows of the file that it came from."""

    body: dict[str, Any]
    rows: tuple[int, ...]


def grouped(table: Table, rows: Rows, file: str, problems: list[Problem]) -> Iterator[Draft]:
    """The objects of a table, in the order in which they begin."""
    if table.group_by is None:
        yield from (Draft(row, (number,)) for number, row in rows)
        return
    make = {"orders": _order, "bills-of-materials": _bill}[table.resource]
    groups: dict[str, Rows] = {}
    for number, row in rows:
        # An order without a number of its own is an order by itself.
        groups.setdefault(row.get(table.group_by) or f"\0{number}", []).append((number, row))
    for group in groups.values():
        yield Draft(make(group, file, problems), tuple(number for number, _ in group))


def _order(group: Rows, file: str, problems: list[Problem]) -> dict[str, Any]:
    first_number, first = group[0]
    order = {name: first[name] for name in ("code", "organisation", "placed_at") if name in first}
    for number, row in group[1:]:
        for name in ("organisation", "placed_at"):
            if name in row and row[name] != first.get(name):
                message = f"differs from row {first_number}, which has the same order number"
                problems.append(Problem(file, number, name, message))
    lines = [{name: value for name, value in row.items() if name in LINE_COLUMNS} for _, row in group]
    for line in lines:
        if "line_code" in line:
            line["code"] = line.pop("line_code")
    places = [
        {name: row[name] for name in ("destination_site", "destination_region") if name in row}
        for _, row in group
    ]
    if all(place == places[0] for place in places):
        return order | places[0] | {"lines": lines}
    return order | {"lines": [line | place for line, place in zip(lines, places, strict=True)]}


def _bill(group: Rows, _file: str, _problems: list[Problem]) -> dict[str, Any]:
    item = group[0][1]["item"]
    components = [
        {"item": row["component"]} | {name: row[name] for name in ("quantity", "per") if name in row}
        for _, row in group
    ]
    return {"code": item, "item": item, "components": components}
