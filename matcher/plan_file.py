"""The product's own file of an outcome: JSON with names for a reader and row numbers for the program.

docs/problem-format.md describes it. `verify` takes what `read` returns, however corrupt its numbers are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from matcher.errors import PlanError
from matcher.plan import Allocations, Draws, GatingFactor, Outcome, Plan, Productions, Shortfall
from matcher.problem import TERMS, Problem
from matcher.problem_file import digest

FORMAT, VERSION = "capweave-plan", 1

Row = dict[str, Any]


def write(
    problem: Problem, outcome: Outcome, path: Path, parameters: Mapping[str, Any] | None = None
) -> None:
    """Write an outcome, and the parameters that it was asked for with. Raises OSError."""
    document = to_document(problem, outcome, parameters)
    parts = [f" {json.dumps(name)}: {_text_of(cell)}" for name, cell in document.items()]
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def read(problem: Problem, path: Path) -> Outcome:
    """Read the outcome of this problem. Raises PlanError, OSError."""
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise PlanError(f"this is not JSON: {error}") from error
    return from_document(problem, document)


def to_document(problem: Problem, outcome: Outcome, parameters: Mapping[str, Any] | None = None) -> Row:
    """Return an outcome as JSON values."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "problem": digest(problem),
        "parameters": dict(parameters or {}),
        "objective": outcome.objective,
        "bound": outcome.bound,
        "gap": outcome.gap,
        "termination": outcome.termination,
        "seconds": outcome.seconds,
        "peak_memory_mb": outcome.peak_memory_mb,
        "seed": outcome.seed,
        "terms": {term: outcome.terms[term] for term in TERMS},
        "allocations": _allocations(problem, outcome.plan.allocations),
        "productions": _productions(problem, outcome.plan.productions),
        "draws": _draws(problem, outcome.plan.draws),
        "shortfalls": [_shortfall(problem, shortfall) for shortfall in outcome.shortfalls],
    }


def from_document(problem: Problem, document: Any) -> Outcome:
    """Return the outcome that JSON values describe. Raises PlanError."""
    reader = _Reader(problem, document)
    claimed = reader.mapping("terms")
    return Outcome(
        plan=reader.plan(),
        terms={term: _whole(claimed.get(term), f"terms, {term}") for term in claimed},
        objective=_whole(document.get("objective"), "objective"),
        bound=_whole(document.get("bound"), "bound"),
        gap=reader.number("gap"),
        termination=reader.text("termination"),
        seconds=reader.number("seconds"),
        peak_memory_mb=reader.number("peak_memory_mb"),
        seed=_whole(document.get("seed"), "seed"),
        shortfalls=tuple(reader.shortfalls()),
    )


def _text_of(cell: Any) -> str:
    """Write a table a row a line, anything else on one."""
    if not isinstance(cell, list) or not cell:
        return json.dumps(cell, ensure_ascii=False)
    return "[\n" + ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in cell) + "\n ]"


def _allocations(problem: Problem, made: Allocations) -> list[Row]:
    columns = (made.order_line, made.capability, made.bucket, made.quantity)
    return [
        {"order_line": problem.order_lines.ids[order_line], **_maker(problem, capability, bucket, quantity)}
        for order_line, capability, bucket, quantity in _rows(*columns)
    ]


def _productions(problem: Problem, made: Productions) -> list[Row]:
    rows = _rows(made.capability, made.bucket, made.quantity)
    return [_maker(problem, capability, bucket, quantity) for capability, bucket, quantity in rows]


def _maker(problem: Problem, capability: int, bucket: int, quantity: int) -> Row:
    """Return a row that makes something; `line` and `item` are there for the reader, `capability` counts."""
    table = problem.capabilities
    return {
        "line": problem.resources.ids[table.line[capability]],
        "item": problem.items[table.item[capability]],
        "capability": capability,
        "bucket": bucket,
        "quantity": quantity,
    }


def _draws(problem: Problem, draws: Draws) -> list[Row]:
    columns = (draws.from_production, draws.source, draws.for_production, draws.consumer, draws.item)
    return [
        {
            **({"production": source} if produced else {"supply": problem.supplies.ids[source]}),
            **({"for_production": consumer} if component else {"for_allocation": consumer}),
            "item": problem.items[item],
            "quantity": quantity,
        }
        for produced, source, component, consumer, item, quantity in _rows(*columns, draws.quantity)
    ]


def _shortfall(problem: Problem, shortfall: Shortfall) -> Row:
    factors = [
        {"factor": factor.factor, "message": factor.message, "object": factor.object, "bucket": factor.bucket}
        for factor in shortfall.factors
    ]
    order_line = problem.order_lines.ids[shortfall.order_line]
    return {"order_line": order_line, "unmet": shortfall.unmet, "late": shortfall.late, "factors": factors}


def _rows(*columns: Any) -> Any:
    return zip(*(column.tolist() for column in columns), strict=True)


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
        )

    def _draws(self, rows: list[Row]) -> Draws:
        made = ["production" in row for row in rows]
        used = ["for_production" in row for row in rows]
        source = [
            _whole(row["production"], "draws") if is_made else _row_of(self._supplies, row, "supply")
            for row, is_made in zip(rows, made, strict=True)
        ]
        consumer = [
            _whole(row.get("for_production" if is_used else "for_allocation"), "draws, consumer")
            for row, is_used in zip(rows, used, strict=True)
        ]
        return Draws(
            np.array(made, dtype=np.bool_),
            _narrow(source),
            np.array(used, dtype=np.bool_),
            _narrow(consumer),
            _narrow([_row_of(self._items, row, "item") for row in rows]),
            _column(rows, "quantity"),
        )

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

    def mapping(self, name: str) -> Row:
        value = self._document.get(name)
        if not isinstance(value, dict):
            raise PlanError(f"{name}: expected an object")
        return value

    def number(self, name: str) -> float:
        value = self._document.get(name)
        return value if type(value) is float else float(_whole(value, name))

    def text(self, name: str) -> Any:
        return _text(self._document, name)


def _table(document: Row, name: str) -> list[Row]:
    rows = document.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PlanError(f"{name}: expected a list of rows")
    return rows


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
