"""The compiler's types of what the loops of this package are annotated with; read only where they are compiled."""

from __future__ import annotations

from typing import Any

from numba import types

from matcher.improve.lots.tables import Given, State

# numba's own types are not annotated.
named: Any = types.NamedTuple
INTS, REALS, PAIRS = types.int64[::1], types.float64[::1], types.int64[:, ::1]
ASKS_FOR_MEMORY = False
OF_COSTS = {"cost", "priced", "set_cost", "set_priced", "unmet", "dear", "value", "gain"}
OF_PAIRS = {"used", "log", "kept", "kept_units"}


def _columns(table: Any) -> Any:
    kinds = [REALS if name in OF_COSTS else PAIRS if name in OF_PAIRS else INTS for name in table._fields]
    return named(kinds, table)


SIGNATURE = {
    "int": types.int64,
    "float": types.float64,
    "bool": types.boolean,
    "Ints": INTS,
    "Reals": REALS,
    "Pairs": PAIRS,
    "Given": _columns(Given),
    "State": _columns(State),
}
