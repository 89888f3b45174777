"""Sites with their lines and labour pools; items and bills of materials.

Revision: 0002, after 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "items",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("market_id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C")),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("gtin", sa.Text()),
        sa.Column("family", sa.Text()),
        sa.Column("holding_cost_per_day", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("gtin ~ '^([0-9]{8}|[0-9]{12,14})$'", name=op.f("ck_items_gtin")),
        sa.CheckConstraint("status IN ('active', 'withdrawn')", name=op.f("ck_items_status")),
        sa.CheckConstraint(
            "holding_cost_per_day BETWEEN 0 AND 1000000000000000000",
            name=op.f("ck_items_holding_cost_per_day"),
        ),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 200", name=op.f("ck_items_code")),
        sa.ForeignKeyConstraint(["market_id"], ["markets.id"], name="fk_items_market_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_items_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_items"),
        sa.UniqueConstraint("market_id", "code", name="uq_items_market_id_code"),
    )
    op.create_index("ix_items_organisation_id", "items", ["organisation_id"])
    op.create_table(
        "sites",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("market_id", sa.Text(collation="C"), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region", sa.Text()),
        sa.Column("country", sa.Text()),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.Column("fixed_cost", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_sites_country")),
        sa.CheckConstraint("kind IN ('factory', 'warehouse', 'customer')", name=op.f("ck_sites_kind")),
        sa.CheckConstraint("status IN ('active', 'withdrawn')", name=op.f("ck_sites_status")),
        sa.CheckConstraint("fixed_cost BETWEEN 0 AND 1000000000000000000", name=op.f("ck_sites_fixed_cost")),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_sites_latitude")),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 200", name=op.f("ck_sites_code")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_sites_longitude")),
        sa.ForeignKeyConstraint(["market_id"], ["markets.id"], name="fk_sites_market_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_sites_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sites"),
        sa.UniqueConstraint("id", "organisation_id", name="uq_sites_id_organisation_id"),
        sa.UniqueConstraint("market_id", "code", name="uq_sites_market_id_code"),
    )
    op.create_index("ix_sites_organisation_id", "sites", ["organisation_id"])
    op.create_table(
        "bills",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("market_id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C")),
        sa.Column("item_id", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'withdrawn')", name=op.f("ck_bills_status")),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 200", name=op.f("ck_bills_code")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_bills_item_id"),
        sa.ForeignKeyConstraint(["market_id"], ["markets.id"], name="fk_bills_market_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_bills_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bills"),
        sa.UniqueConstraint("market_id", "code", name="uq_bills_market_id_code"),
    )
    op.create_index("ix_bills_item_id", "bills", ["item_id"])
    op.create_index(
        "uq_bills_item_id_active",
        "bills",
        ["item_id"],
        unique=True,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "labour_pools",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("market_id", sa.Text(collation="C"), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("skill", sa.Text()),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'withdrawn')", name=op.f("ck_labour_pools_status")),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 200", name=op.f("ck_labour_pools_code")),
        sa.ForeignKeyConstraint(
            ["site_id", "organisation_id"],
            ["sites.id", "sites.organisation_id"],
            name="fk_labour_pools_site_id_organisation_id",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_labour_pools"),
        sa.UniqueConstraint("id", "organisation_id", name="uq_labour_pools_id_organisation_id"),
        sa.UniqueConstraint("id", "site_id", name="uq_labour_pools_id_site_id"),
        sa.UniqueConstraint("market_id", "code", name="uq_labour_pools_market_id_code"),
    )
    op.create_index("ix_labour_pools_site_id", "labour_pools", ["site_id"])
    op.create_table(
        "lines",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("market_id", sa.Text(collation="C"), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fixed_cost", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'withdrawn')", name=op.f("ck_lines_status")),
        sa.CheckConstraint("fixed_cost BETWEEN 0 AND 1000000000000000000", name=op.f("ck_lines_fixed_cost")),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 200", name=op.f("ck_lines_code")),
        sa.ForeignKeyConstraint(
            ["site_id", "organisation_id"],
            ["sites.id", "sites.organisation_id"],
            name="fk_lines_site_id_organisation_id",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_lines"),
        sa.UniqueConstraint("id", "organisation_id", name="uq_lines_id_organisation_id"),
        sa.UniqueConstraint("id", "site_id", "organisation_id", name="uq_lines_id_site_id_organisation_id"),
        sa.UniqueConstraint("market_id", "code", name="uq_lines_market_id_code"),
    )
    op.create_index("ix_lines_site_id", "lines", ["site_id"])
    op.create_table(
        "bill_components",
        sa.Column("bill_id", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.Text(collation="C"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("per", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("per BETWEEN 1 AND 1000000000000", name=op.f("ck_bill_components_per")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_bill_components_position")),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000000000", name=op.f("ck_bill_components_quantity")),
        sa.ForeignKeyConstraint(["bill_id"], ["bills.id"], name="fk_bill_components_bill_id"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_bill_components_item_id"),
        sa.PrimaryKeyConstraint("bill_id", "position", name="pk_bill_components"),
    )
    op.create_index("ix_bill_components_item_id", "bill_components", ["item_id"])


def downgrade() -> None:
    op.drop_table("bill_components")
    op.drop_table("lines")
    op.drop_table("labour_pools")
    op.drop_table("bills")
    op.drop_table("sites")
    op.drop_table("items")
