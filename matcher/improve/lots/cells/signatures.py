"""The compiler's types of what the loops of this package are annotated with; read only where they are compiled."""

from __future__ import annotations

from typing import Any

from numba import types

from matcher.improve.lots.cells.tables import Cells, Work

# numba's own types are not annotated.
named: Any = types.NamedTuple
INTS, REALS = types.int64[::1], types.float64[::1]
OF_INTS = {"first", "first_set", "order", "set_up", "arc", "chosen", "tried"}


def _columns(table: Any) -> Any:
    return named([INTS if name in OF_INTS else REALS for name in table._fields], table)


SIGNATURE = {
    "int": types.int64,
    "float": types.float64,
    "Ints": INTS,
    "Reals": REALS,
    "Cells": _columns(Cells),
    "Work": _columns(Work),
}
