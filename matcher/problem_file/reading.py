"""From the JSON values of a problem to the tables of its file."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.errors import ProblemError
from matcher.problem import RANK_PRICE, TERMS, Lists
from matcher.problem_file.archive import FORMAT, VERSION
from matcher.problem_file.cells import filled_in, number_of
from matcher.problem_file.columns import Column
from matcher.problem_file.faults import Faults
from matcher.problem_file.schema import (
    BOUNDARY,
    CONVENTIONS,
    NAMED,
    NAMES,
    RETIRED,
    ROWS_UNDER,
    SETTINGS,
    TABLES,
    WEIGHT,
)
from matcher.problem_file.tables import Tables

Row = dict[str, Any]

LISTS_TOO = {"substitutes"}
"""Tables with single values that may be a list of their rows, where the single values are the usual ones."""


class Reader:
    """Turns a JSON document into tables. Raises ProblemError, naming table, row and field."""

    def __init__(self, document: Any) -> None:
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ProblemError(f'expected an object with "format": "{FORMAT}"')
        if document.get("version") != VERSION:
            raise ProblemError(f"expected version {VERSION}, found {document.get('version')}")
        unknown = document.keys() - {"format", "version", "grid", "weights", *NAMES, *TABLES}
        if unknown:
            raise ProblemError(f"{min(unknown)} is no part of a problem")
        self._document = document
        self._objects = {table: _object(document, table) for table in SETTINGS}
        self._rows = {table: self._rows_of(table) for table in TABLES}
        self._names = {table: self._ids(table) for table in NAMED}
        self._names |= {table: self._given_or_collected(table) for table in NAMES}
        self._rows["orders"] = self._headers()
        self._rows["priorities"] = self._by_class()
        self._columns: dict[str, dict[str, Any]] = {}
        self._faults = Faults()
        self._numbers: dict[str, dict[str, int]] = {}
        self._pairs: dict[str, dict[tuple[int, ...], list[int]]] = {}

    def tables(self) -> Tables:
        """Return the tables."""
        grid = self._document.get("grid")
        if not isinstance(grid, dict) or not isinstance(grid.get("boundaries"), list):
            raise ProblemError("expected an object with a list of boundaries", "grid")
        if grid.keys() - {"boundaries", "convention"}:
            raise ProblemError("expected only boundaries and convention", "grid")
        instants = [number_of(BOUNDARY, value, "grid", row) for row, value in enumerate(grid["boundaries"])]
        boundaries = np.array(instants, dtype=np.int64)
        convention = grid.get("convention", CONVENTIONS[0])
        bare = Tables(self._names, {}, boundaries, convention, self._weights())
        self._numbers = {
            target: {name: row for row, name in enumerate(names, first)}
            for target, (first, names) in bare.targets().items()
        }
        for table in TABLES:
            self._columns[table] = self._table(table)
        self._faults.tell()
        return Tables(self._names, self._columns, boundaries, convention, bare.weights, self._settings())

    def _weights(self) -> NDArray[np.int64]:
        weights = self._document.get("weights", {})
        if not isinstance(weights, dict) or weights.keys() - set(TERMS):
            raise ProblemError(f"expected an object with some of {', '.join(TERMS)}", "weights")
        values = [number_of(WEIGHT, weights.get(term, WEIGHT.default), "weights", -1) for term in TERMS]
        return np.array(values, dtype=np.int64)

    def _settings(self) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for table, columns in SETTINGS.items():
            given = self._objects[table]
            found[table] = {
                column.name: column.filler
                if given.get(column.name) is None
                else number_of(column, given[column.name], table, -1)
                for column in columns
            }
        if self._objects["substitutes"].get("rank_price") is None:
            found["substitutes"]["rank_price"] = self._rank_price()
        found["priorities"]["lexicographic"] = bool(found["priorities"]["lexicographic"])
        if found["priorities"]["lexicographic"] and "demand_classes" not in self._document:
            raise ProblemError("expected demand_classes, in the order of their priority", "priorities")
        return found

    def _rank_price(self) -> int:
        """Return the least that keeps ranks apart where prices are rounded up: by unit drawn, several for one at most."""
        table: dict[str, Any] = self._columns["substitutes"]
        ranked = table["rank"] > 0
        ratios = -(-table["quantity"][ranked] // table["per"][ranked])
        return int(ratios.max(initial=RANK_PRICE))

    # ---- rows

    def _rows_of(self, table: str) -> list[Row]:
        name = ROWS_UNDER.get(table)
        rows = self._objects[table].get(name, []) if name else self._document.get(table, [])
        if not isinstance(rows, list):
            raise ProblemError("expected a list of rows", table)
        known = {field for column in TABLES[table] for field in column.fields}
        known |= {"id"} if table in NAMED or table == "orders" else set()
        known |= {"demand_class"} if table == "priorities" else set()
        faults = Faults()
        for number, row in enumerate(rows):
            if table == "orders" and isinstance(row, str):
                continue
            if not isinstance(row, dict):
                raise ProblemError("expected an object", table, "", number)
            for field in sorted(row.keys() - known):
                faults.add(ProblemError("no such field", table, field, number))
        faults.tell()
        return [{"id": row} if isinstance(row, str) else row for row in rows]

    def _ids(self, table: str) -> tuple[str, ...]:
        for number, row in enumerate(self._rows[table]):
            if type(row.get("id")) is not str:
                raise ProblemError("expected a name", table, "id", number)
        return tuple(row["id"] for row in self._rows[table])

    def _given_or_collected(self, table: str) -> tuple[str, ...]:
        """Return a list of names; one that is left out holds what the rows name, in order."""
        if table in self._document:
            if table == "orders":
                return self._ids(table)
            names = self._document[table]
            if not isinstance(names, list) or not all(type(name) is str for name in names):
                raise ProblemError("expected a list of names", table)
            return tuple(names)
        places = {"regions": ("places", "regions")}.get(table, (table,))
        taken = set(self._names["sites"]) if table == "regions" else set()
        found: dict[str, None] = {}
        for source, columns in TABLES.items():
            for column in columns:
                if column.to in places:
                    for row in self._rows[source]:
                        cell = row.get(column.fields[0])
                        found |= dict.fromkeys(name for name in _listed(cell) if name not in taken)
        return tuple(found)

    def _headers(self) -> list[Row]:
        """Return a row an order; those that are only named by order lines have no fields."""
        return self._rows["orders"] or [{} for _ in self._names["orders"]]

    def _by_class(self) -> list[Row]:
        """Return a row a demand class, empty where `priorities` says nothing of it."""
        classes = {name: row for row, name in enumerate(self._names["demand_classes"])}
        found: list[Row] = [{} for _ in classes]
        for number, row in enumerate(self._rows["priorities"]):
            place = classes.get(row["demand_class"]) if isinstance(row.get("demand_class"), str) else None
            if place is None:
                message = (
                    f"expected the name of one of the demand classes, found {row.get('demand_class')!r:.80}"
                )
                raise ProblemError(message, "priorities", "demand_class", number)
            if found[place]:
                raise ProblemError("the class stands there twice", "priorities", "demand_class", number)
            found[place] = row
        return found

    # ---- columns

    def _table(self, table: str) -> dict[str, NDArray[Any] | Lists]:
        columns: dict[str, NDArray[Any] | Lists] = {}
        rows = self._rows[table]
        for column in TABLES[table]:
            if column.kind == "list":
                columns[column.name] = self._lists(column, [row.get(column.name) for row in rows], table)
            # What names rows of another table means little while that table is wrong.
            elif not column.pair or not self._faults:
                columns[column.name] = np.array(self._values(column, table), dtype=column.dtype)
        return columns

    def _values(self, column: Column, table: str) -> list[int]:
        """Read a column; what cannot be read is noted, and stands as 0."""
        read, values = self._pair if column.pair else self._cell, []
        for row, cells in enumerate(self._rows[table]):
            try:
                values.append(read(column, cells, table, row))
            except ProblemError as error:
                self._faults.add(error)
                values.append(0)
        return values

    def _lists(self, column: Column, cells: list[Any], table: str) -> Lists:
        starts, values = [0], []
        for row, cell in enumerate(cells):
            if cell is not None and not isinstance(cell, list):
                raise ProblemError("expected a list of names", table, column.name, row)
            try:
                values += [self._reference(column, name, table, column.name, row) for name in cell or []]
            except ProblemError as error:
                self._faults.add(error)
            starts.append(len(values))
        return Lists(np.array(starts, dtype=np.int64), np.array(values, dtype=column.dtype))

    def _cell(self, column: Column, cells: Row, table: str, row: int) -> int:
        field = column.fields[0]
        cell = cells.get(field)
        if cell is None:
            return filled_in(column, table, row)
        if column.kind == "reference" and column.to != "buckets":
            return self._reference(column, cell, table, field, row)
        return number_of(column, cell, table, row)

    def _reference(self, column: Column, cell: Any, table: str, field: str, row: int) -> int:
        number = self._numbers[column.to].get(cell) if isinstance(cell, str) else None
        if number is None:
            what = column.to.replace("_", " ")
            raise ProblemError(
                f"expected the name of one of the {what}, found {cell!r:.80}", table, field, row
            )
        return number

    def _pair(self, column: Column, cells: Row, table: str, row: int) -> int:
        """Read a row of a table without ids: two of its columns, or its number."""
        given = [field for field in column.fields if cells.get(field) is not None]
        if not given and column.absent is not None:
            return column.absent
        halves = [field for field in column.pair if field in given]
        if column.field in given:
            number = number_of(column, cells[column.field], table, row)
            known = range(len(self._rows[column.to]))
            if number not in known:
                raise ProblemError(f"expected a row of {column.to}, found {number}", table, column.field, row)
            matching = [number]
        elif len(halves) < len(column.pair):
            missing = next(field for field in column.pair if field not in given)
            raise ProblemError("expected a value", table, missing, row)
        else:
            matching = self._matching(column, [cells[field] for field in halves], table, row)
        agree = all(self._rows[column.to][matching[0]].get(field) == cells[field] for field in halves)
        if len(matching) > 1 and column.field:
            message = (
                f"{len(matching)} {column.to} are of this {' and '.join(column.pair)}: give the row of one"
            )
            raise ProblemError(message, table, column.field, row)
        if not agree:
            raise ProblemError(f"row {matching[0]} of {column.to} has another", table, halves[0], row)
        return matching[0]

    def _matching(self, column: Column, cells: list[Any], table: str, row: int) -> list[int]:
        targets = {each.name: each for each in TABLES[column.to]}
        key = tuple(
            self._reference(targets[field], cell, table, field, row)
            for field, cell in zip(column.pair, cells, strict=True)
        )
        if column.to not in self._pairs:
            self._pairs[column.to] = defaultdict(list)
            columns = [self._columns[column.to][field].tolist() for field in column.pair]
            for number, pair in enumerate(zip(*columns, strict=True)):
                self._pairs[column.to][pair].append(number)
        matching = self._pairs[column.to].get(key)
        if not matching:
            message = f"none of the {column.to} is of {' and '.join(map(repr, cells)):.80}"
            raise ProblemError(message, table, column.pair[-1], row)
        return matching


def _object(document: Row, table: str) -> Row:
    """Return a table that is an object of single values and rows; empty where it is left out.

    Where it may be left at rows alone, these are a list.
    """
    found, rows = document.get(table), ROWS_UNDER[table]
    if found is None:
        return {}
    if isinstance(found, list) and table in LISTS_TOO:
        return {rows: found}
    known = {rows, *(column.name for column in SETTINGS[table])}
    if not isinstance(found, dict) or found.keys() - known - {*RETIRED.get(table, ())}:
        expected = f"an object with some of {', '.join(sorted(known))}"
        raise ProblemError(f"expected {'a list of rows or ' * (table in LISTS_TOO)}{expected}", table)
    return found


def _listed(cell: Any) -> list[str]:
    return [name for name in (cell if isinstance(cell, list) else [cell]) if isinstance(name, str)]
