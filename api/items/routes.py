"""The routes of items."""

from __future__ import annotations

from api.items.schemas import EXAMPLE, ItemIn, ItemOut, ItemQuery
from api.resources.declaration import Declaration, Examples
from api.resources.routes import router_of
from models.store.resources import ITEMS

DECLARED = Declaration(
    singular="item",
    plural="items",
    takes=ItemIn,
    shows=ItemOut,
    asks=ItemQuery,
    stored=ITEMS,
    examples=Examples(
        one=EXAMPLE,
        more=(
            {"code": "example-fleece", "name": "Melt-blown fleece", "unit": "GRM", "family": "materials"},
            {"code": "example-elastic", "name": "Elastic band", "unit": "C62"},
        ),
        csv=("code,name,unit,family,holding_cost_per_day\nexample-gown,Isolation gown,C62,gowns,0.01\n"),
        change={"family": "surgical masks"},
    ),
)

router = router_of(DECLARED)
