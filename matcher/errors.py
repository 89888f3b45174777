"""What the matcher refuses. Infeasible, out of time and unmatched are results, not errors."""

from __future__ import annotations


class MatcherError(Exception):
    """The matcher cannot use what it was given."""

    code = "matcher_error"


class ProblemError(MatcherError):
    """The problem is not valid: `table`, `row` (-1: none) and `field` say where, the message why.

    Attributes:
        reason: why, without the place.
        more: what else is wrong, as far as it could be told at once.
    """

    code = "invalid_problem"

    def __init__(self, message: str, table: str = "", field: str = "", row: int = -1) -> None:
        place = [table, f"row {row}" if row >= 0 else "", field]
        where = ", ".join(part for part in place if part)
        super().__init__(f"{where}: {message}" if where else message)
        self.table, self.field, self.row, self.reason = table, field, row, message
        self.more: tuple[ProblemError, ...] = ()


class PlanError(MatcherError):
    """The plan file cannot be read, or answers another problem."""

    code = "invalid_plan"
