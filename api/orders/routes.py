"""The routes of orders."""

from __future__ import annotations

from api.orders.schemas import (
    EXAMPLE,
    OrderIn,
    OrderLineIn,
    OrderLineOut,
    OrderLineQuery,
    OrderOut,
    OrderQuery,
)
from api.resources.declaration import Declaration, Examples, Listed
from api.resources.routes import readers_of, router_of
from api.resources.rows import Parts
from models.domain.organisations import Role
from models.store.resources import ORDER_LINES, ORDERS

LINE_COLUMNS = {name: name for name in OrderLineIn.model_fields if name != "code"} | {"line_code": "code"}
"""CSV has one record an order line: what stands here is the line's, all other columns are the order's."""

DECLARED = Declaration(
    singular="order",
    plural="orders",
    takes=OrderIn,
    shows=OrderOut,
    asks=OrderQuery,
    stored=ORDERS,
    examples=Examples(
        one=EXAMPLE,
        more=(
            {
                "code": "example-order-2",
                "organisation": "example-works",
                "destination_site": "example-depot",
                "lines": [
                    {
                        "item": "example-gown",
                        "quantity": 4000,
                        "requested_date": "2030-05-24",
                        "commitment": "forecast",
                    }
                ],
            },
        ),
        csv=(
            "code,organisation,line_code,item,quantity,requested_date,destination_region\n"
            "example-order-3,example-works,A,example-mask,50000,2030-05-22,lakeside\n"
            "example-order-3,example-works,B,example-gown,800,2030-05-29,lakeside\n"
        ),
        change={"destination_region": "lakeside"},
    ),
    writers=frozenset({Role.ENTERPRISE}),
    ends_by="cancel",
    parts=Parts("lines", OrderLineIn, LINE_COLUMNS, "code"),
)

LINES_DECLARED = Listed(
    singular="order-line",
    plural="order-lines",
    shows=OrderLineOut,
    asks=OrderLineQuery,
    stored=ORDER_LINES,
)

router = router_of(DECLARED)
lines_router = readers_of(LINES_DECLARED)
