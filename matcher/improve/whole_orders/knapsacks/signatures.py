"""The compiler's types of what the loops of this package are annotated with; read only where they are compiled."""

from __future__ import annotations

from typing import Any

from numba import types

from matcher.improve.whole_orders.knapsacks.tables import Open

# numba's own types are not annotated.
named: Any = types.NamedTuple
INTS, REALS, MARKS = types.int64[::1], types.float64[::1], types.uint8[:, ::1]
ASKS_FOR_MEMORY = False
TABLE, SHEET, SHEETS = types.int64[:, ::1], types.float64[:, ::1], types.float64[:, :, ::1]
SIGNATURE = {
    "int": types.int64,
    "float": types.float64,
    "bool": types.boolean,
    "Ints": INTS,
    "Reals": REALS,
    "Marks": MARKS,
    "Table": TABLE,
    "Sheet": SHEET,
    "Open": named(
        [
            SHEETS,
            TABLE,
            types.uint8[:, :, ::1],
            types.int32[:, :, ::1],
            SHEET,
            TABLE,
            SHEET,
            TABLE,
            INTS,
            SHEET,
            REALS,
            INTS,
            SHEET,
            TABLE,
            INTS,
        ],
        Open,
    ),
}
