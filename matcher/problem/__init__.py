"""The columnar problem: one market frozen at one instant, as arrays.

A row is an index into the arrays of its table; a reference to another table is that table's row number,
`NONE` where there is none. Units as in docs/formulation.md: quantities in base units, money in micros,
durations in microseconds, instants in microseconds since 1970-01-01T00:00Z. `matcher.problem_file` reads and
writes it.
"""

from matcher.problem.capacity import (
    Capabilities,
    Certificates,
    Convention,
    Conversions,
    Equipment,
    Grid,
    Places,
    Resources,
    Segments,
    SetupFamilies,
    WorkFloors,
)
from matcher.problem.columns import (
    ALWAYS,
    DAY,
    FULL_YIELD,
    HOUR,
    NEVER,
    NONE,
    Flags,
    Indices,
    Ints,
    Lists,
)
from matcher.problem.demand import (
    Baseline,
    Budgets,
    OrderHeaders,
    OrderLines,
    Priorities,
    Vouchers,
)
from matcher.problem.market import (
    TERMS,
    Problem,
)
from matcher.problem.materials import (
    RANK_PRICE,
    Components,
    Lanes,
    Substitutes,
    Supplies,
)

__all__ = [
    "ALWAYS",
    "DAY",
    "FULL_YIELD",
    "HOUR",
    "NEVER",
    "NONE",
    "RANK_PRICE",
    "TERMS",
    "Baseline",
    "Budgets",
    "Capabilities",
    "Certificates",
    "Components",
    "Convention",
    "Conversions",
    "Equipment",
    "Flags",
    "Grid",
    "Indices",
    "Ints",
    "Lanes",
    "Lists",
    "OrderHeaders",
    "OrderLines",
    "Places",
    "Priorities",
    "Problem",
    "Resources",
    "Segments",
    "SetupFamilies",
    "Substitutes",
    "Supplies",
    "Vouchers",
    "WorkFloors",
]
