"""The routes of bills of materials."""

from __future__ import annotations

from api.bills_of_materials.schemas import (
    EXAMPLE,
    BillOfMaterialsIn,
    BillOfMaterialsOut,
    BillOfMaterialsQuery,
    ComponentIn,
)
from api.resources.declaration import Declaration, Examples
from api.resources.routes import router_of
from api.resources.rows import Parts
from models.store.resources import BILLS

DECLARED = Declaration(
    singular="bill-of-materials",
    plural="bills-of-materials",
    takes=BillOfMaterialsIn,
    shows=BillOfMaterialsOut,
    asks=BillOfMaterialsQuery,
    stored=BILLS,
    examples=Examples(
        one=EXAMPLE,
        more=(
            {
                "code": "example-gown-bill",
                "item": "example-gown",
                "components": [{"item": "example-fleece", "quantity": 120}],
            },
        ),
        csv=("item,component,quantity,per\nexample-elastic,example-fleece,1,4\n"),
        change={"components": [{"item": "example-fleece", "quantity": 5, "per": 2}]},
    ),
    parts=Parts(
        "components", ComponentIn, {"component": "item", "quantity": "quantity", "per": "per"}, "item"
    ),
)

router = router_of(DECLARED)
