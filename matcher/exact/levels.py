"""What comes before money in a part's model: columns, rows and values of each aim (part 6, levels)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, vstack

from matcher.exact.model import FREE, Frozen, Model
from matcher.exact.setting import Scope
from matcher.formulation.lateness import late_days
from matcher.formulation.levels import FULL, Aim, aims_of, buyers_of
from matcher.problem import Ints


@dataclass(frozen=True, slots=True)
class Buyers:
    """Those of an aim's class that the part concerns: units `ordered` over all their order lines of the class.

    `order` are indices of order lines of the part, `of` the buyer of each.
    """

    ordered: Ints
    order: Ints
    of: Ints


@dataclass(frozen=True, slots=True)
class Aimed:
    """An aim's value is `sum coefficient · column`; `own` are the columns that it alone has."""

    aim: Aim
    columns: Ints
    coefficients: Ints
    own: Ints
    buyers: Buyers

    def cost(self, columns: int) -> Ints:
        """Return the value as the costs of all columns of a model."""
        cost = np.zeros(columns, dtype=np.int64)
        cost[self.columns] = self.coefficients
        return cost

    def fill(self, scope: Scope, unmet: Ints, values: Ints) -> None:
        """Set the columns to what is `unmet` by order line of the part."""
        if not len(self.own):
            return
        lacks = _lacking(scope, self.buyers, unmet)
        if self.aim.name == "fair_share":
            values[self.own] = max(
                -(-FULL * lack // ordered)
                for lack, ordered in zip(lacks, self.buyers.ordered.tolist(), strict=True)
            )
        else:
            wanted = _floors(scope, self.aim, self.buyers)
            got = [ordered - lack for ordered, lack in zip(self.buyers.ordered.tolist(), lacks, strict=True)]
            values[self.own] = [max(0, floor - units) for floor, units in zip(wanted, got, strict=True)]


def aims_in(model: Model, scope: Scope, x: Ints, unmet: Ints, released: Ints) -> tuple[Aimed, ...]:
    """Add the columns of all aims of the problem; those of what is `released` are there."""
    none = np.zeros(0, dtype=np.int64)
    return tuple(
        Aimed(aim, released, np.ones_like(released), none, Buyers(none, none, none))
        if aim.name == "released"
        else _aimed(model, scope, x, unmet, aim)
        for aim in aims_of(scope.setting.problem)
    )


def _aimed(model: Model, scope: Scope, x: Ints, unmet: Ints, aim: Aim) -> Aimed:
    buyers = _buyers(scope, aim)
    if aim.name == "service":
        columns, coefficients = _service(scope, x, unmet, buyers.order)
        return Aimed(aim, columns, coefficients, np.zeros(0, dtype=np.int64), buyers)
    if aim.name == "fair_share":
        own = model.add_columns(np.full(min(len(buyers.ordered), 1), FULL))
    else:
        own = model.add_columns(np.array(_floors(scope, aim, buyers), dtype=np.int64))
    return Aimed(aim, own, np.ones(len(own), dtype=np.int64), own, buyers)


def _buyers(scope: Scope, aim: Aim) -> Buyers:
    problem = scope.setting.problem
    rows = np.flatnonzero(problem.order_lines.demand_class == aim.demand_class)
    ours = np.flatnonzero(problem.order_lines.demand_class[scope.part.order_lines] == aim.demand_class)
    buyer = buyers_of(problem)
    if aim.name == "fair_share" and len(ours):
        # One number for all buyers of the class that count.
        rows = rows[scope.setting.counted[rows]]
        known = np.unique(buyer[rows])
    else:
        known = np.unique(buyer[scope.part.order_lines[ours]])
        rows = rows[np.isin(buyer[rows], known)]
    of = np.searchsorted(known, buyer[scope.part.order_lines[ours]])
    ordered = np.zeros(len(known), dtype=np.int64)
    np.add.at(ordered, np.searchsorted(known, buyer[rows]), problem.order_lines.quantity[rows])
    return Buyers(ordered, ours.astype(np.int64), of.astype(np.int64))


def _lacking(scope: Scope, buyers: Buyers, unmet: Ints) -> list[int]:
    """Return by buyer the units unmet of the class, those of order lines that no part holds included."""
    filled = np.zeros(len(buyers.ordered), dtype=np.int64)
    np.add.at(filled, buyers.of, (scope.quantity - unmet)[buyers.order])
    lacks: list[int] = (buyers.ordered - filled).tolist()
    return lacks


def _floors(scope: Scope, aim: Aim, buyers: Buyers) -> list[int]:
    floor = int(scope.setting.problem.priorities.floor_ppm[aim.demand_class])
    return [-(-ordered * floor // FULL) for ordered in buyers.ordered.tolist()]


def _service(scope: Scope, x: Ints, unmet: Ints, order: Ints) -> tuple[Ints, Ints]:
    """Return the columns of a class and their weighted cost of shortfall and lateness."""
    setting, lines = scope.setting, scope.setting.problem.order_lines
    mine = np.zeros(len(scope.quantity), dtype=bool)
    mine[order] = True
    activity = np.flatnonzero(mine[scope.order[: scope.arcs]])
    rows = scope.part.arcs[activity]
    order_line = setting.arcs.order_line[rows]
    where = order_line, setting.arcs.capability[rows], setting.arcs.bucket[rows]
    late = late_days(setting.problem, setting.transport, *where) * lines.lateness_cost[order_line]
    short = lines.shortfall_cost[scope.part.order_lines[order]]
    return (
        np.concatenate([unmet[order], x[activity]]),
        np.concatenate([setting.weight["shortfall"] * short, setting.weight["lateness"] * late]),
    )


def aims_are_measured(model: Model, scope: Scope, unmet: Ints, aims: tuple[Aimed, ...]) -> None:
    """(Part 6, levels) `ordered · (10^6 - F) >= 10^6 · lacking` for every buyer; `short >= floor - filled`."""
    for aimed in aims:
        buyers, count = aimed.buyers, len(aimed.buyers.ordered)
        if not len(aimed.own):
            continue
        each, here = np.arange(count), np.zeros(count, dtype=np.int64)
        np.add.at(here, buyers.of, scope.quantity[buyers.order])
        elsewhere = buyers.ordered - here
        if aimed.aim.name == "fair_share":
            share = (each, np.repeat(aimed.own, count), buyers.ordered)
            lacking = (buyers.of, unmet[buyers.order], -FULL)
            model.add_rows(count, share, lacking, lower=FULL * elsewhere)
        else:
            floors = np.array(_floors(scope, aimed.aim, buyers), dtype=np.int64)
            short, lacking = (each, aimed.own, 1), (buyers.of, unmet[buyers.order], -1)
            model.add_rows(count, short, lacking, lower=floors - here)


def kept_at(frozen: Frozen, aimed: Aimed, value: int) -> Frozen:
    """Return the model with a row more: the aim's value is at most what was reached."""
    if not len(aimed.columns):
        return frozen
    row = csr_array(aimed.cost(len(frozen.upper))[None, :])
    return replace(
        frozen,
        matrix=csr_array(vstack([frozen.matrix, row], format="csr")),
        row_lower=np.append(frozen.row_lower, -FREE),
        row_upper=np.append(frozen.row_upper, value),
    )
