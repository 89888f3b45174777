"""Supplies and lanes.

Revision: 0004, after 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lanes",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("market_id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("origin_site_id", sa.Text(collation="C")),
        sa.Column("origin_region", sa.Text()),
        sa.Column("destination_site_id", sa.Text(collation="C")),
        sa.Column("destination_region", sa.Text()),
        sa.Column("cost_per_unit", sa.BigInteger(), nullable=False),
        sa.Column("transit", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'withdrawn')", name=op.f("ck_lanes_status")),
        sa.CheckConstraint(
            "cost_per_unit BETWEEN 0 AND 1000000000000000000", name=op.f("ck_lanes_cost_per_unit")
        ),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 200", name=op.f("ck_lanes_code")),
        sa.CheckConstraint(
            "num_nonnulls(destination_site_id, destination_region) = 1",
            name=op.f("ck_lanes_destination_site"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(origin_site_id, origin_region) = 1", name=op.f("ck_lanes_origin_site")
        ),
        sa.CheckConstraint("transit BETWEEN 0 AND 3155760000000000", name=op.f("ck_lanes_transit")),
        sa.ForeignKeyConstraint(["destination_site_id"], ["sites.id"], name="fk_lanes_destination_site_id"),
        sa.ForeignKeyConstraint(["market_id"], ["markets.id"], name="fk_lanes_market_id"),
        sa.ForeignKeyConstraint(["origin_site_id"], ["sites.id"], name="fk_lanes_origin_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lanes"),
        sa.UniqueConstraint("market_id", "code", name="uq_lanes_market_id_code"),
    )
    op.create_index("ix_lanes_destination_site_id", "lanes", ["destination_site_id"])
    op.create_index("ix_lanes_origin_site_id", "lanes", ["origin_site_id"])
    op.create_index(
        "uq_lanes_ends_active",
        "lanes",
        ["market_id", "origin_site_id", "origin_region", "destination_site_id", "destination_region"],
        unique=True,
        postgresql_where=sa.text("status = 'active'"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "supplies",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("market_id", sa.Text(collation="C"), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(collation="C"), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("available_from", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("own_stock", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'withdrawn')", name=op.f("ck_supplies_status")),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 200", name=op.f("ck_supplies_code")),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000000000", name=op.f("ck_supplies_quantity")),
        sa.CheckConstraint(
            "unit_price BETWEEN 0 AND 1000000000000000000", name=op.f("ck_supplies_unit_price")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_supplies_item_id"),
        sa.ForeignKeyConstraint(["market_id"], ["markets.id"], name="fk_supplies_market_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_supplies_organisation_id"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_supplies_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_supplies"),
        sa.UniqueConstraint("market_id", "code", name="uq_supplies_market_id_code"),
    )
    op.create_index("ix_supplies_item_id", "supplies", ["item_id"])
    op.create_index("ix_supplies_organisation_id", "supplies", ["organisation_id"])
    op.create_index("ix_supplies_site_id", "supplies", ["site_id"])


def downgrade() -> None:
    op.drop_table("supplies")
    op.drop_table("lanes")
