"""The compiler's types of what the loops of this package are annotated with; read only where they are compiled."""

from __future__ import annotations

from typing import Any

from numba import types

from matcher.improve.competition.tables import Given, State

# numba's own types are not annotated.
named: Any = types.NamedTuple
INTS, REALS = types.int64[::1], types.float64[::1]
ASKS_FOR_MEMORY = False
SIGNATURE = {
    "int": types.int64,
    "float": types.float64,
    "Ints": INTS,
    "Reals": REALS,
    "Given": named(
        [types.int64] * Given._fields.index("ints")
        + [INTS, REALS, INTS, types.int32[::1], types.int16[::1], INTS, INTS],
        Given,
    ),
    "State": named([types.int64] * State._fields.index("now") + [INTS, INTS, REALS], State),
}
