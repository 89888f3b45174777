"""The tables, as SQLAlchemy rows. Importing this package fills `Base.metadata`."""

from __future__ import annotations

from models.tables.base import Base
from models.tables.bills import BillRow, ComponentRow
from models.tables.capabilities import CapabilityRow
from models.tables.capacity import CapacityWindowRow
from models.tables.certificates import CertificateRow
from models.tables.idempotency import IdempotencyRow
from models.tables.items import ItemRow
from models.tables.keys import ApiKeyRow
from models.tables.lanes import LaneRow
from models.tables.lines import LabourPoolRow, LineRow
from models.tables.markets import MarketRow
from models.tables.orders import OrderLineRow, OrderRow
from models.tables.organisations import OrganisationRow
from models.tables.plans import AllocationRow, DrawRow, LoadRow, PlanRow, ProductionRow, ShortfallRow
from models.tables.runs import RunRow, SnapshotRow
from models.tables.sites import SiteRow
from models.tables.supplies import SupplyRow

REVISION = "0010"
"""The migration that makes these tables: the newest one."""

__all__ = [
    "REVISION",
    "AllocationRow",
    "ApiKeyRow",
    "Base",
    "BillRow",
    "CapabilityRow",
    "CapacityWindowRow",
    "CertificateRow",
    "ComponentRow",
    "DrawRow",
    "IdempotencyRow",
    "ItemRow",
    "LabourPoolRow",
    "LaneRow",
    "LineRow",
    "LoadRow",
    "MarketRow",
    "OrderLineRow",
    "OrderRow",
    "OrganisationRow",
    "PlanRow",
    "ProductionRow",
    "RunRow",
    "ShortfallRow",
    "SiteRow",
    "SnapshotRow",
    "SupplyRow",
]
