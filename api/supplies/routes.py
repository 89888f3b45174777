"""The routes of supplies."""

from __future__ import annotations

from api.resources.declaration import Declaration, Examples
from api.resources.routes import router_of
from api.supplies.schemas import EXAMPLE, SupplyIn, SupplyOut, SupplyQuery
from models.domain.organisations import Role
from models.store.resources import SUPPLIES

DECLARED = Declaration(
    singular="supply",
    plural="supplies",
    takes=SupplyIn,
    shows=SupplyOut,
    asks=SupplyQuery,
    stored=SUPPLIES,
    examples=Examples(
        one=EXAMPLE,
        more=(
            {
                "code": "example-elastic-lot-1",
                "item": "example-elastic",
                "site": "example-depot",
                "quantity": 1000000,
                "available_from": "2030-05-03T00:00:00Z",
                "own_stock": True,
            },
        ),
        csv=(
            "item,site,quantity,available_from,unit_price,own_stock\n"
            "example-fleece,example-depot,90000,2030-05-13,0.011,no\n"
        ),
        change={"quantity": 300000},
    ),
    writers=frozenset({Role.FACTORY, Role.SUPPLIER}),
)

router = router_of(DECLARED)
