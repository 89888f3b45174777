"""The routes of lanes."""

from __future__ import annotations

from api.access import EVERYTHING
from api.lanes.schemas import EXAMPLE, LaneIn, LaneOut, LaneQuery
from api.resources.declaration import Declaration, Examples
from api.resources.routes import router_of
from models.store.resources import LANES

DECLARED = Declaration(
    singular="lane",
    plural="lanes",
    takes=LaneIn,
    shows=LaneOut,
    asks=LaneQuery,
    stored=LANES,
    examples=Examples(
        one=EXAMPLE,
        more=(
            {
                "code": "example-lakeside-to-south",
                "origin_region": "lakeside",
                "destination_region": "south",
                "cost_per_unit": "0.006",
                "transit_days": "PT36H",
            },
        ),
        csv=(
            "origin_site,destination_site,cost_per_unit,transit_days\nexample-hall,example-depot,0.001,0.25\n"
        ),
        change={"transit_days": 2},
    ),
    readers=EVERYTHING,  # a lane has no owner, and its cost is what its two ends agreed on
    renamed={"transit": "transit_days"},
)

router = router_of(DECLARED)
