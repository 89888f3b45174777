"""The routes of capacity windows."""

from __future__ import annotations

from api.capacity_windows.schemas import EXAMPLE, CapacityWindowIn, CapacityWindowOut, CapacityWindowQuery
from api.resources.declaration import Declaration, Examples
from api.resources.routes import router_of
from models.domain.organisations import Role
from models.store.resources import CAPACITY_WINDOWS

DECLARED = Declaration(
    singular="capacity-window",
    plural="capacity-windows",
    takes=CapacityWindowIn,
    shows=CapacityWindowOut,
    asks=CapacityWindowQuery,
    stored=CAPACITY_WINDOWS,
    examples=Examples(
        one=EXAMPLE,
        more=(
            {
                "code": "example-line-week-20",
                "line": "example-line",
                "starts_at": "2030-05-13",
                "ends_at": "2030-05-17",
                "available_seconds": "PT80H",
            },
            {
                "labour_pool": "example-sewers",
                "starts_at": "2030-05-06",
                "ends_at": "2030-05-17",
                "available_seconds": 2880000,
                "rate": "overtime",
                "cost_per_hour": "22.5",
            },
        ),
        csv=(
            "line,starts_at,ends_at,available_seconds,rate,cost_per_hour\n"
            "example-line-2,2030-05-06T06:00:00Z,2030-05-10T20:00:00Z,201600,regular,30\n"
        ),
        change={"available_seconds": 300000},
    ),
    writers=frozenset({Role.FACTORY}),
    renamed={"available": "available_seconds"},
)

router = router_of(DECLARED)
