"""All resources of a market, each declared once; in the order in which they refer to each other.

`COLLECTIONS` has them by the name of their path: `COLLECTIONS["capacity-windows"]`.
"""

from __future__ import annotations

from typing import Any

from models.domain.bills import BillOfMaterials, Component
from models.domain.capabilities import Capability
from models.domain.capacity import CapacityWindow
from models.domain.certificates import Certificate
from models.domain.items import Item
from models.domain.lanes import Lane
from models.domain.lines import LabourPool, Line
from models.domain.orders import Order, OrderLine
from models.domain.organisations import Organisation
from models.domain.sites import Site
from models.domain.supplies import Supply
from models.store.collection import Collection
from models.store.references import Reference
from models.store.rules import (
    bills_have_no_cycle,
    labour_is_of_the_lines_site,
    length_is_available,
    windows_do_not_overlap,
)
from models.store.shape import Children, Shape, Unique
from models.tables import (
    BillRow,
    CapabilityRow,
    CapacityWindowRow,
    CertificateRow,
    ComponentRow,
    ItemRow,
    LabourPoolRow,
    LaneRow,
    LineRow,
    OrderLineRow,
    OrderRow,
    OrganisationRow,
    SiteRow,
    SupplyRow,
)

ORGANISATIONS = Collection("organisation", Organisation, OrganisationRow, owner="id")
OWNER = Reference("organisation", (ORGANISATIONS,))

SITES = Collection("site", Site, SiteRow, references=[OWNER], filters=["organisation", "kind", "region"])
SITE = Reference("site", (SITES,))

LINES = Collection(
    "line",
    Line,
    LineRow,
    references=[SITE],
    inherits={"organisation": ("site",)},
    filters=["organisation", "site"],
)

LABOUR_POOLS = Collection(
    "labour pool",
    LabourPool,
    LabourPoolRow,
    references=[SITE],
    inherits={"organisation": ("site",)},
    filters=["organisation", "site"],
)

ITEMS = Collection(
    "item",
    Item,
    ItemRow,
    owned=False,
    references=[OWNER],
    fixed=["organisation"],
    filters=["organisation", "family"],
)
ITEM = Reference("item", (ITEMS,))

BILLS = Collection(
    "bill of materials",
    BillOfMaterials,
    BillRow,
    references=[ITEM],
    inherits={"organisation": ("item",)},
    unique=[Unique(("item",), "this item has a bill of materials already")],
    children=Children(
        "components", Shape(Component, ComponentRow, references=[ITEM]), "bill_id", keyed=False
    ),
    rules=[bills_have_no_cycle],
    filters=["organisation", "item"],
)

CAPABILITIES = Collection(
    "capability",
    Capability,
    CapabilityRow,
    references=[Reference("line", (LINES,)), ITEM, Reference("labour_pool", (LABOUR_POOLS,))],
    inherits={"organisation": ("line",), "site": ("line",)},
    unique=[Unique(("line", "item"), "this line has a capability for this item already")],
    rules=[labour_is_of_the_lines_site],
    filters=["organisation", "site", "line", "item", "labour_pool"],
)

CERTIFICATES = Collection(
    "certificate",
    Certificate,
    CertificateRow,
    references=[SITE],
    inherits={"organisation": ("site",)},
    filters=["organisation", "site", "kind"],
    period=("valid_from", "valid_until"),
)

CAPACITY_WINDOWS = Collection(
    "capacity window",
    CapacityWindow,
    CapacityWindowRow,
    references=[Reference("line", (LINES,)), Reference("labour_pool", (LABOUR_POOLS,))],
    inherits={"organisation": ("line", "labour_pool")},
    fill=length_is_available,
    rules=[windows_do_not_overlap],
    filters=["organisation", "line", "labour_pool", "rate"],
    period=("starts_at", "ends_at"),
)

SUPPLIES = Collection(
    "supply",
    Supply,
    SupplyRow,
    references=[ITEM, SITE, OWNER],
    inherits={"organisation": ("site",)},
    filters=["organisation", "site", "item"],
    period=("available_from", "available_from"),
)

LANES = Collection(
    "lane",
    Lane,
    LaneRow,
    owned=False,
    references=[Reference("origin_site", (SITES,)), Reference("destination_site", (SITES,))],
    unique=[
        Unique(
            ("origin_site", "origin_region", "destination_site", "destination_region"),
            "there is a lane between these two already",
        )
    ],
    filters=["origin_site", "origin_region", "destination_site", "destination_region"],
)

DESTINATION = Reference("destination_site", (SITES,))

ORDER_LINES = Collection(
    "order line",
    OrderLine,
    OrderLineRow,
    references=[
        ITEM,
        DESTINATION,
        Reference("allowed_factories", (SITES, ORGANISATIONS), many=True),
        Reference("excluded_factories", (SITES, ORGANISATIONS), many=True),
    ],
    filters=["organisation", "order", "item", "priority_class", "commitment"],
    period=("requested_date", "requested_date"),
)
"""Read only: an order line is written with its order."""

ORDERS = Collection(
    "order",
    Order,
    OrderRow,
    references=[OWNER, DESTINATION],
    children=Children("lines", ORDER_LINES, "order_id", keyed=True),
    fixed=["organisation"],
    closed="cancelled",
    filters=["organisation", "item"],
    period=("placed_at", "placed_at"),
)
ORDER_LINES.also_filter(OWNER, Reference("order", (ORDERS,)))
for _inheriting in (LINES, LABOUR_POOLS, BILLS, CAPABILITIES, CERTIFICATES, CAPACITY_WINDOWS):
    _inheriting.also_filter(OWNER, SITE)

COLLECTIONS: dict[str, Collection[Any]] = {
    "organisations": ORGANISATIONS,
    "sites": SITES,
    "lines": LINES,
    "labour-pools": LABOUR_POOLS,
    "items": ITEMS,
    "bills-of-materials": BILLS,
    "capabilities": CAPABILITIES,
    "certificates": CERTIFICATES,
    "capacity-windows": CAPACITY_WINDOWS,
    "supplies": SUPPLIES,
    "lanes": LANES,
    "orders": ORDERS,
    "order-lines": ORDER_LINES,
}
"""Name of the path -> collection, in the order in which they refer to each other."""
