"""The routes of capabilities."""

from __future__ import annotations

from api.capabilities.schemas import EXAMPLE, CapabilityIn, CapabilityOut, CapabilityQuery
from api.resources.declaration import Declaration, Examples
from api.resources.routes import router_of
from models.domain.organisations import Role
from models.store.resources import CAPABILITIES

DECLARED = Declaration(
    singular="capability",
    plural="capabilities",
    takes=CapabilityIn,
    shows=CapabilityOut,
    asks=CapabilityQuery,
    stored=CAPABILITIES,
    examples=Examples(
        one=EXAMPLE,
        more=(
            {
                "code": "example-line-2-makes-masks",
                "line": "example-line-2",
                "item": "example-mask",
                "seconds_per_unit": "PT0.8S",
                "unit_cost": "0.09",
            },
        ),
        csv=(
            "line,item,seconds_per_unit,labour_pool,labour_seconds_per_unit,unit_cost,yield\n"
            "example-line-3,example-gown,95,example-cutters,30,2.4,0.97\n"
        ),
        change={"unit_cost": "0.075"},
    ),
    writers=frozenset({Role.FACTORY}),
    renamed={
        "time_per_unit": "seconds_per_unit",
        "labour_per_unit": "labour_seconds_per_unit",
        "setup_time": "setup_seconds",
        "yield_ppm": "yield",
        "lead_time": "lead_time_days",
    },
)

router = router_of(DECLARED)
