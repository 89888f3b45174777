"""Whether the rows of different tables fit together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.errors import ProblemError
from matcher.problem import NONE, Indices, Problem


def check_consistency(problem: Problem) -> None:
    """Raise ProblemError, naming table, row and field, where rows contradict one another."""
    _rows_stand_once(problem)
    _certificates_end_after_they_begin(problem)
    _own_stock_has_an_owner(problem)
    _capabilities_keep_to_their_line(problem)
    _substitutes_are_other_items(problem)
    _vouchers_pay_for_one_thing(problem)


def _rows_stand_once(problem: Problem) -> None:
    bill, lanes, baseline = problem.components, problem.lanes, problem.baseline
    equipment, substitutes = problem.equipment, problem.substitutes
    keys: dict[tuple[str, str], Sequence[Indices]] = {
        ("components", "component"): (bill.item, bill.component),
        ("lanes", "destination"): (lanes.origin, lanes.destination),
        ("equipment", "item"): (equipment.conversion, equipment.item),
        ("substitutes", "substitute"): (substitutes.component, substitutes.item),
        ("baseline", "bucket"): (baseline.order_line, baseline.capability, baseline.bucket),
    }
    for (table, field), columns in keys.items():
        row = _second_of_a_kind(columns)
        if row != NONE:
            what = "pair" if len(columns) == 2 else "decision"  # noqa: PLR2004 - a pair is two
            raise ProblemError(f"the {what} stands there twice", table, field, row)


def _second_of_a_kind(columns: Sequence[NDArray[np.int32]]) -> int:
    """Return the first row that says what a row before it says; NONE where there is none."""
    order = np.lexsort(columns[::-1])
    same = np.ones(max(0, len(order) - 1), dtype=bool)
    for column in columns:
        same &= column[order[1:]] == column[order[:-1]]
    return int(order[1:][same].min(initial=len(order))) if same.any() else NONE


def _certificates_end_after_they_begin(problem: Problem) -> None:
    held = problem.certificates
    for row in np.flatnonzero(held.valid_until < held.valid_from):
        raise ProblemError("expected not to be before valid_from", "certificates", "valid_until", int(row))


def _own_stock_has_an_owner(problem: Problem) -> None:
    supplies = problem.supplies
    for row in np.flatnonzero(supplies.own_stock & (supplies.owner == NONE)):
        raise ProblemError("expected an owner, as it is own stock", "supplies", "owner", int(row))


def _capabilities_keep_to_their_line(problem: Problem) -> None:
    table, ids = problem.capabilities, problem.resources.ids
    for field, column, owners in (
        ("family", table.family, problem.families),
        ("conversion", table.conversion, problem.conversions),
    ):
        named = np.flatnonzero(column != NONE)
        elsewhere = named[owners.line[column[named]] != table.line[named]]
        for row in elsewhere.tolist():
            name, line = owners.ids[column[row]], ids[owners.line[column[row]]]
            message = f"expected one of line {ids[table.line[row]]}, but {name} is of line {line}"
            raise ProblemError(message, "capabilities", field, row)


def _substitutes_are_other_items(problem: Problem) -> None:
    table = problem.substitutes
    for row in np.flatnonzero(table.item == problem.components.component[table.component]).tolist():
        raise ProblemError(
            "expected another item than the component itself", "substitutes", "substitute", row
        )


def _vouchers_pay_for_one_thing(problem: Problem) -> None:
    table = problem.vouchers
    for row in np.flatnonzero((table.capability == NONE) == (table.conversion == NONE)).tolist():
        message = "expected either a capability (line and item) or a conversion"
        raise ProblemError(message, "vouchers", "conversion", row)
    for row in np.flatnonzero((table.conversion != NONE) & (table.demand_class != NONE)).tolist():
        message = "expected none, as a conversion serves orders of any class"
        raise ProblemError(message, "vouchers", "demand_class", row)
