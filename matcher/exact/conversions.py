"""Conversions of lines: columns, rows and values (R15)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.exact.groups import Groups, group, makes_nothing_without
from matcher.exact.model import Model
from matcher.exact.setting import Scope
from matcher.plan import Plan
from matcher.problem import NONE, Flags, Ints, Problem

MILLION = 1_000_000
SAFE = 2**60


@dataclass(frozen=True, slots=True)
class Conversions:
    """`starts` by start of the scope: 1 where that conversion begins with that bucket.

    `families` is keyed by (family, conversion, bucket), where a family holds capabilities of several
    conversions or of none beside them: the use of the family by those of one conversion.
    """

    starts: Ints
    families: Groups

    @property
    def columns(self) -> Ints:
        """All columns."""
        return np.concatenate([self.starts, self.families.columns])

    def fill(self, scope: Scope, plan: Plan, x: Ints, values: Ints) -> None:
        """Set the columns to what a plan converts."""
        values[self.families.columns] = self.families.switched(x)
        begun = plan.conversions
        chosen = set(zip(begun.conversion.tolist(), begun.bucket.tolist(), strict=True))
        starts = zip(scope.converting.tolist(), scope.starting.tolist(), strict=True)
        values[self.starts] = [start in chosen for start in starts]


def conversions_of(model: Model, scope: Scope) -> Conversions:
    """Add the columns."""
    problem, table = scope.setting.problem, scope.setting.problem.capabilities
    cost = scope.setting.weight["conversion"] * problem.conversions.cost[scope.converting]
    starts = model.add_columns(np.ones(len(scope.converting), dtype=np.int64), cost)
    family, conversion = table.family[scope.capability], table.conversion[scope.capability]
    has = (conversion != NONE) & (family != NONE)
    if has.any():
        has[has] = problem.families.setup_time[family[has]] > 0
    keys, of = group(has, family, conversion, scope.bucket)
    columns = model.add_columns(np.ones(len(keys[0]), dtype=np.int64))
    return Conversions(starts, Groups(keys, of, columns))


def converted_lines_wait(
    model: Model, scope: Scope, x: Ints, conversions: Conversions, set_ups: Groups, families: Groups
) -> None:
    """(R15) One conversion a line; nothing while it is down; what it brings, after it and at its rate."""
    table, needs = scope.setting.problem.conversions, scope.setting.problem.capabilities.conversion
    needed = needs[scope.capability]
    line, number = np.unique(table.line[scope.converting], return_inverse=True)
    model.add_rows(len(line), (number, conversions.starts, 1), upper=1)
    has = np.flatnonzero(conversions.families.of != NONE)
    switch = conversions.families.columns[conversions.families.of[has]]
    makes_nothing_without(model, x[has], switch, scope.limit[has])
    for row in line.tolist():
        mine = table.line[scope.converting] == row
        for bucket in np.unique(scope.bucket[scope.line == row]).tolist():
            _line_is_down(model, scope, x, conversions, set_ups, families, row, bucket, mine)
    # Behind a fence that leaves no start there is nothing that the conversion could bring.
    for conversion in np.unique(needed[needed != NONE]).tolist():
        brought = needed == conversion
        for bucket in np.unique(scope.bucket[brought]).tolist():
            _brought_later(model, scope, x, conversions, set_ups, conversion, bucket, brought)


def is_down(problem: Problem, conversion: Ints, start: Ints, bucket: int) -> Flags:
    """(R15) Say for conversions that start with a bucket whether their line makes nothing in another one."""
    begins, boundaries = problem.grid.boundaries[start], problem.grid.boundaries
    waits = boundaries[bucket] < begins + problem.conversions.down[conversion]
    return np.asarray((start <= bucket) & ((start == bucket) | waits), dtype=bool)


def rates_in(
    problem: Problem, conversion: Ints, start: Ints, bucket: int, offered: int
) -> tuple[Flags, Ints]:
    """(R15) Say which conversions are over in a bucket, and how much of the line what they bring may use."""
    begins, now = problem.grid.boundaries[start], int(problem.grid.boundaries[bucket])
    ends = begins + problem.conversions.down[conversion]
    over = (start < bucket) & (now >= ends)
    ramping = now < ends + problem.conversions.ramp[conversion]
    share = [offered * int(ppm) // MILLION for ppm in problem.conversions.ramp_ppm[conversion]]
    rate = np.where(ramping, np.array(share, dtype=np.int64), offered)
    return np.asarray(over, dtype=bool), np.where(over, rate, 0)


def _line_is_down(
    model: Model,
    scope: Scope,
    x: Ints,
    conversions: Conversions,
    set_ups: Groups,
    families: Groups,
    line: int,
    bucket: int,
    mine: Flags,
) -> None:
    """Add `load <= offered · (1 - sum v)` and, for what takes no time, `x <= limit · (1 - sum v)`."""
    problem = scope.setting.problem
    down = np.flatnonzero(mine)[is_down(problem, scope.converting[mine], scope.starting[mine], bucket)]
    here = np.flatnonzero((scope.line == line) & (scope.bucket == bucket))
    offered = min(int(scope.setting.making.offered[line, bucket]), SAFE)
    k, t = set_ups.keys
    own = np.flatnonzero((problem.capabilities.line[k] == line) & (t == bucket))
    f, u = families.keys
    shared = np.flatnonzero((problem.families.line[f] == line) & (u == bucket))
    _row(
        model,
        (x[here], scope.time[here]),
        (set_ups.columns[own], problem.capabilities.setup_time[k[own]]),
        (families.columns[shared], problem.families.setup_time[f[shared]]),
        (conversions.starts[down], np.full(len(down), offered)),
        upper=offered,
    )
    timeless = here[scope.time[here] == 0]
    rows = np.arange(len(timeless))
    model.add_rows(
        len(rows),
        (rows, x[timeless], 1),
        (
            np.repeat(rows, len(down)),
            np.tile(conversions.starts[down], len(rows)),
            np.repeat(scope.limit[timeless], len(down)),
        ),
        upper=scope.limit[timeless],
    )


def _brought_later(
    model: Model,
    scope: Scope,
    x: Ints,
    conversions: Conversions,
    set_ups: Groups,
    conversion: int,
    bucket: int,
    brought: Flags,
) -> None:
    """Add `load of what the conversion brings <= sum rate · v`, and `x <= limit · sum v` over those ended."""
    problem = scope.setting.problem
    mine = np.flatnonzero(scope.converting == conversion)
    offered = min(int(scope.setting.making.offered[problem.conversions.line[conversion], bucket]), SAFE)
    over, rate = rates_in(problem, scope.converting[mine], scope.starting[mine], bucket, offered)
    here = np.flatnonzero(brought & (scope.bucket == bucket))
    k, t = set_ups.keys
    own = np.flatnonzero((problem.capabilities.conversion[k] == conversion) & (t == bucket))
    f, c, u = conversions.families.keys
    shared = np.flatnonzero((c == conversion) & (u == bucket))
    _row(
        model,
        (x[here], scope.time[here]),
        (set_ups.columns[own], problem.capabilities.setup_time[k[own]]),
        (conversions.families.columns[shared], problem.families.setup_time[f[shared]]),
        (conversions.starts[mine], -rate),
        upper=0,
    )
    rows, ended = np.arange(len(here)), conversions.starts[mine[over]]
    model.add_rows(
        len(rows),
        (rows, x[here], 1),
        (np.repeat(rows, len(ended)), np.tile(ended, len(rows)), -np.repeat(scope.limit[here], len(ended))),
        upper=0,
    )


def _row(model: Model, *terms: tuple[Ints, Ints], upper: int) -> None:
    """Add one row of (columns, coefficients)."""
    model.add_rows(
        1, *((np.zeros(len(column), dtype=np.int64), column, value) for column, value in terms), upper=upper
    )
