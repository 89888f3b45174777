"""Orders and their lines.

Revision: 0005, after 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("market_id", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("destination_site_id", sa.Text(collation="C")),
        sa.Column("destination_region", sa.Text()),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('open', 'cancelled')", name=op.f("ck_orders_status")),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 200", name=op.f("ck_orders_code")),
        sa.ForeignKeyConstraint(["destination_site_id"], ["sites.id"], name="fk_orders_destination_site_id"),
        sa.ForeignKeyConstraint(["market_id"], ["markets.id"], name="fk_orders_market_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_orders_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("id", "organisation_id", name="uq_orders_id_organisation_id"),
        sa.UniqueConstraint("market_id", "code", name="uq_orders_market_id_code"),
    )
    op.create_index("ix_orders_destination_site_id", "orders", ["destination_site_id"])
    op.create_index("ix_orders_organisation_id", "orders", ["organisation_id"])
    op.create_table(
        "order_lines",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("market_id", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(collation="C"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("earliest_start", sa.TIMESTAMP(timezone=True)),
        sa.Column("requested_date", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("latest_date", sa.TIMESTAMP(timezone=True)),
        sa.Column("priority_class", sa.Text(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("price_ceiling", sa.BigInteger()),
        sa.Column("lateness_cost_per_day", sa.BigInteger(), nullable=False),
        sa.Column("shortfall_cost", sa.BigInteger()),
        sa.Column("max_sources", sa.BigInteger()),
        sa.Column("smallest_lot", sa.BigInteger()),
        sa.Column("ship_complete", sa.Boolean(), nullable=False),
        sa.Column("required_certificates", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("allowed_factories", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("excluded_factories", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("destination_site_id", sa.Text(collation="C")),
        sa.Column("destination_region", sa.Text()),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("commitment IN ('firm', 'forecast')", name=op.f("ck_order_lines_commitment")),
        sa.CheckConstraint(
            "priority_class IN ('emergency', 'standard')", name=op.f("ck_order_lines_priority_class")
        ),
        sa.CheckConstraint("status IN ('open', 'cancelled')", name=op.f("ck_order_lines_status")),
        sa.CheckConstraint("earliest_start < requested_date", name=op.f("ck_order_lines_earliest_start")),
        sa.CheckConstraint(
            "lateness_cost_per_day BETWEEN 0 AND 1000000000000000000",
            name=op.f("ck_order_lines_lateness_cost_per_day"),
        ),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 200", name=op.f("ck_order_lines_code")),
        sa.CheckConstraint("max_sources BETWEEN 1 AND 1000000", name=op.f("ck_order_lines_max_sources")),
        sa.CheckConstraint(
            "price_ceiling BETWEEN 0 AND 1000000000000000000", name=op.f("ck_order_lines_price_ceiling")
        ),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000000000", name=op.f("ck_order_lines_quantity")),
        sa.CheckConstraint("requested_date <= latest_date", name=op.f("ck_order_lines_latest_date")),
        sa.CheckConstraint(
            "shortfall_cost BETWEEN 0 AND 1000000000000000000", name=op.f("ck_order_lines_shortfall_cost")
        ),
        sa.CheckConstraint(
            "smallest_lot BETWEEN 1 AND 1000000000000", name=op.f("ck_order_lines_smallest_lot")
        ),
        sa.ForeignKeyConstraint(
            ["destination_site_id"], ["sites.id"], name="fk_order_lines_destination_site_id"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_order_lines_item_id"),
        sa.ForeignKeyConstraint(
            ["order_id", "organisation_id"],
            ["orders.id", "orders.organisation_id"],
            name="fk_order_lines_order_id_organisation_id",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_order_lines"),
        sa.UniqueConstraint("order_id", "code", name="uq_order_lines_order_id_code"),
    )
    op.create_index(
        "ix_order_lines_destination_site_id", "order_lines", ["destination_site_id"], unique=False
    )
    op.create_index("ix_order_lines_item_id", "order_lines", ["item_id"])
    op.create_index("ix_order_lines_market_id_id", "order_lines", ["market_id", "id"])
    op.create_index("ix_order_lines_order_id", "order_lines", ["order_id"])


def downgrade() -> None:
    op.drop_table("order_lines")
    op.drop_table("orders")
