"""From the JSON values of a plan file to an outcome."""

from __future__ import annotations

from typing import Any

import numpy as np

from matcher.errors import PlanError
from matcher.plan import (
    Allocations,
    ConversionStarts,
    Draws,
    GatingFactor,
    Grants,
    Level,
    Outcome,
    Plan,
    Productions,
    Released,
    Shortfall,
)
from matcher.plan_file.writing import FORMAT, VERSION, Row
from matcher.problem import TERMS, Problem
from matcher.problem_file import digest
from matcher.problem_file.schema import FIRST_TERMS


def from_document(problem: Problem, document: Any) -> Outcome:
    """Return the outcome that JSON values describe. Raises PlanError."""
    reader = _Reader(problem, document)
    # Files from before the later terms do not say that these are 0.
    claimed = dict.fromkeys(TERMS[FIRST_TERMS:], 0) | reader.mapping("terms")
    return Outcome(
        plan=reader.plan(),
        terms={term: _whole(value, f"terms, {term}") for term, value in claimed.items()},
        objective=_whole(document.get("objective"), "objective"),
        bound=_whole(document.get("bound"), "bound"),
        gap=reader.number("gap"),
        termination=reader.text("termination"),
        seconds=reader.number("seconds"),
        peak_memory_mb=reader.number("peak_memory_mb"),
        seed=_whole(document.get("seed"), "seed"),
        shortfalls=tuple(reader.shortfalls()),
        levels=tuple(reader.levels()),
        released=tuple(reader.released()),
    )


class _Reader:
    """Takes a document apart; every error says where."""

    def __init__(self, problem: Problem, document: Any) -> None:
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise PlanError(f'expected an object with "format": "{FORMAT}"')
        if document.get("version") != VERSION:
            raise PlanError(f"expected version {VERSION}, found {document.get('version')}")
        if document.get("problem") != digest(problem):
            raise PlanError(f"the plan answers another problem, {document.get('problem')}")
        self._document = document
        self._order_lines = {name: row for row, name in enumerate(problem.order_lines.ids)}
        self._supplies = {name: row for row, name in enumerate(problem.supplies.ids)}
        self._conversions = {name: row for row, name in enumerate(problem.conversions.ids)}
        self._items = {name: row for row, name in enumerate(problem.items)}

    def plan(self) -> Plan:
        made, produced = self.table("allocations"), self.table("productions")
        makers = ("capability", "bucket", "quantity")
        return Plan(
            Allocations(
                _narrow([_row_of(self._order_lines, row, "order_line") for row in made]),
                *(_column(made, name) for name in makers),
            ),
            Productions(*(_column(produced, name) for name in makers)),
            self._draws(self.table("draws")),
            self._starts(self.optional("conversions")),
            self._grants(self.optional("grants")),
        )

    def _draws(self, rows: list[Row]) -> Draws:
        made = ["production" in row for row in rows]
        source = [
            _whole(row["production"], "draws") if is_made else _row_of(self._supplies, row, "supply")
            for row, is_made in zip(rows, made, strict=True)
        ]
        users = [_consumer_of(row) for row in rows]
        stands_for = [
            _row_of(self._items, row, "stands_for" if "stands_for" in row else "item") for row in rows
        ]
        return Draws(
            np.array(made, dtype=np.bool_),
            _narrow(source),
            np.array([user == "for_production" for user in users], dtype=np.bool_),
            _narrow([_whole(row[user], f"draws, {user}") for row, user in zip(rows, users, strict=True)]),
            _narrow([_row_of(self._items, row, "item") for row in rows]),
            _column(rows, "quantity"),
            np.array([user == "for_conversion" for user in users], dtype=np.bool_),
            _narrow(stands_for),
        )

    def _starts(self, rows: list[Row]) -> ConversionStarts:
        conversion = [_row_of(self._conversions, row, "conversion") for row in rows]
        return ConversionStarts(_narrow(conversion), _column(rows, "bucket"))

    def _grants(self, rows: list[Row]) -> Grants:
        return Grants(_column(rows, "voucher"), _column(rows, "quantity"))

    def levels(self) -> list[Level]:
        return [
            Level(
                _text(row, "name"),
                _text(row, "demand_class"),
                _whole(row.get("value"), "levels, value"),
                _whole(row.get("bound"), "levels, bound"),
                _number(row, "gap"),
            )
            for row in self.optional("levels")
        ]

    def released(self) -> list[Released]:
        return [
            Released(
                _whole(row.get("row"), "released, row"), _whole(row.get("quantity"), "released, quantity")
            )
            for row in self.optional("released")
        ]

    def shortfalls(self) -> list[Shortfall]:
        return [
            Shortfall(
                _row_of(self._order_lines, row, "order_line"),
                _whole(row.get("unmet"), "shortfalls, unmet"),
                _whole(row.get("late"), "shortfalls, late"),
                tuple(_factor(factor) for factor in _table(row, "factors")),
            )
            for row in self.table("shortfalls")
        ]

    def table(self, name: str) -> list[Row]:
        return _table(self._document, name)

    def optional(self, name: str) -> list[Row]:
        """Return a table that may be left out where it would be empty."""
        return self.table(name) if name in self._document else []

    def mapping(self, name: str) -> Row:
        value = self._document.get(name)
        if not isinstance(value, dict):
            raise PlanError(f"{name}: expected an object")
        return value

    def number(self, name: str) -> float:
        return _number(self._document, name)

    def text(self, name: str) -> Any:
        return _text(self._document, name)


def _table(document: Row, name: str) -> list[Row]:
    rows = document.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PlanError(f"{name}: expected a list of rows")
    return rows


def _consumer_of(row: Row) -> str:
    """Return the field of a draw that names its consumer."""
    named = [field for field in ("for_allocation", "for_production", "for_conversion") if field in row]
    if len(named) != 1:
        raise PlanError("draws: expected one of for_allocation, for_production and for_conversion")
    return named[0]


def _number(row: Row, name: str) -> float:
    value = row.get(name)
    return value if type(value) is float else float(_whole(value, name))


def _column(rows: list[Row], name: str) -> Any:
    values = [_whole(row.get(name), name) for row in rows]
    return np.array(values, dtype=np.int64) if name == "quantity" else _narrow(values)


def _narrow(values: list[int]) -> Any:
    """Return row numbers in 32 bits; larger ones name no row of any table."""
    if any(abs(value) >= 2**31 for value in values):
        raise PlanError("a row number is too large for any table")
    return np.array(values, dtype=np.int32)


def _whole(value: Any, place: str) -> int:
    if type(value) is not int or abs(value) >= 2**63:
        raise PlanError(f"{place}: expected a whole number of 64 bits, found {value!r:.80}")
    return value


def _row_of(rows: dict[str, int], row: Row, field: str) -> int:
    name = row.get(field)
    if not isinstance(name, str) or name not in rows:
        raise PlanError(f"{field}: {name!r:.80} is not in the problem")
    return rows[name]


def _factor(row: Row) -> GatingFactor:
    bucket = _whole(row.get("bucket", -1), "factors, bucket")
    return GatingFactor(_text(row, "factor"), _text(row, "message"), _text(row, "object"), bucket)


def _text(row: Row, field: str) -> Any:
    value = row.get(field)
    if not isinstance(value, str):
        raise PlanError(f"{field}: expected text")
    return value
