"""Everything that can be wrong, as one tree of exceptions.

    CapweaveError
    |-- Refused                 what was sent cannot be stored; `errors` says where and why
    |   |-- DuplicateCode
    |   |-- UnknownReference
    |   |-- OverlappingWindow
    |   |-- CyclicBill
    |   `-- BrokenRule
    |-- NotFound
    |-- Conflict                what was asked for does not fit the present state
    |   |-- StillReferenced
    |   `-- AlreadyFinished
    |-- IdempotencyKeyReused
    |-- Unauthenticated
    |-- Forbidden
    |-- LostClaim               a worker lost its run to another; it must drop what it did
    `-- Unavailable             the database cannot be reached, or is not at the expected revision

Each class has a stable `code`; its docstring is the default message. Nothing here knows HTTP statuses.
"""

# ruff: noqa: N818 - the tree's names are the words of the business; all of them are raised, none needs "Error"
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong in one row.

    Attributes:
        row: position in what was sent, from 0.
        path: where in the row: field names, and positions in nested lists, such as `("lines", 2, "item")`.
        code: `duplicate_code`, `unknown_reference`, `withdrawn_reference`, `overlapping_window`,
            `cyclic_bill`, `broken_rule` or `forbidden_organisation`.
        message: one sentence for the person who sent it.
        expected: what would have been right, where that can be said.
    """

    row: int
    path: tuple[str | int, ...]
    code: str
    message: str
    expected: str | None = None

    @property
    def field(self) -> str:
        """The path as text: `lines.2.item`."""
        return ".".join(str(step) for step in self.path)


class CapweaveError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        super().__init__(self.message)


class Refused(CapweaveError):
    """What was sent cannot be stored."""

    code = "refused"

    def __init__(self, errors: Sequence[RowError] = (), message: str | None = None) -> None:
        self.errors = tuple(errors)
        super().__init__(message or (self.errors[0].message if len(self.errors) == 1 else None))


class DuplicateCode(Refused):
    """Another one has this code already."""

    code = "duplicate_code"


class UnknownReference(Refused):
    """Something referred to does not exist in this market, or is withdrawn."""

    code = "unknown_reference"


class OverlappingWindow(Refused):
    """Two capacity windows of one resource and one rate overlap."""

    code = "overlapping_window"


class CyclicBill(Refused):
    """Bills of materials form a cycle: an item would be made out of itself."""

    code = "cyclic_bill"


class BrokenRule(Refused):
    """A value breaks a rule of its field."""

    code = "broken_rule"


_REFUSALS: dict[str, type[Refused]] = {
    "duplicate_code": DuplicateCode,
    "unknown_reference": UnknownReference,
    "withdrawn_reference": UnknownReference,
    "overlapping_window": OverlappingWindow,
    "cyclic_bill": CyclicBill,
    "broken_rule": BrokenRule,
}


def refusal(errors: Sequence[RowError]) -> Refused:
    """Return the most telling exception: the class of the errors' kind if all are of one, else `Refused`."""
    kinds = {_REFUSALS.get(error.code, Refused) for error in errors}
    return (kinds.pop() if len(kinds) == 1 else Refused)(errors)


class NotFound(CapweaveError):
    """There is nothing with this id or code."""

    code = "not_found"


class Conflict(CapweaveError):
    """The request does not fit the present state."""

    code = "conflict"


class StillReferenced(Conflict):
    """It cannot be withdrawn: others refer to it."""

    code = "still_referenced"

    def __init__(self, message: str | None = None, *, referrers: Sequence[str] = (), total: int = 0) -> None:
        self.referrers = tuple(referrers)
        self.total = total
        super().__init__(message)


class AlreadyFinished(Conflict):
    """The run has ended already."""

    code = "already_finished"


class IdempotencyKeyReused(CapweaveError):
    """This idempotency key was used before, for a different request."""

    code = "idempotency_key_reused"


class Unauthenticated(CapweaveError):
    """A valid API key is needed."""

    code = "unauthenticated"


class Forbidden(CapweaveError):
    """This API key may not do that."""

    code = "forbidden"


class LostClaim(CapweaveError):
    """The run was given to another worker, or has ended; this attempt's results do not count."""

    code = "lost_claim"


class Unavailable(CapweaveError):
    """The database is not ready."""

    code = "unavailable"
