"""Capabilities, certificates and capacity windows.

Revision: 0003, after 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Equality of texts inside a GiST exclusion; a trusted extension, so the database's owner may create it.
    # It stays after a downgrade: others may have come to use it.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "certificates",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("market_id", sa.Text(collation="C"), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text()),
        sa.Column("valid_from", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("valid_until", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'withdrawn')", name=op.f("ck_certificates_status")),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 200", name=op.f("ck_certificates_code")),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_certificates_valid_until")),
        sa.ForeignKeyConstraint(
            ["site_id", "organisation_id"],
            ["sites.id", "sites.organisation_id"],
            name="fk_certificates_site_id_organisation_id",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_certificates"),
        sa.UniqueConstraint("market_id", "code", name="uq_certificates_market_id_code"),
    )
    op.create_index("ix_certificates_site_id", "certificates", ["site_id"])
    op.create_table(
        "capabilities",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("market_id", sa.Text(collation="C"), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=False),
        sa.Column("line_id", sa.Text(collation="C"), nullable=False),
        sa.Column("item_id", sa.Text(collation="C"), nullable=False),
        sa.Column("time_per_unit", sa.BigInteger(), nullable=False),
        sa.Column("labour_pool_id", sa.Text(collation="C")),
        sa.Column("labour_per_unit", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost", sa.BigInteger(), nullable=False),
        sa.Column("setup_time", sa.BigInteger(), nullable=False),
        sa.Column("setup_cost", sa.BigInteger(), nullable=False),
        sa.Column("minimum_batch", sa.BigInteger(), nullable=False),
        sa.Column("yield_ppm", sa.BigInteger(), nullable=False),
        sa.Column("lead_time", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'withdrawn')", name=op.f("ck_capabilities_status")),
        sa.CheckConstraint(
            "labour_per_unit BETWEEN 0 AND 3155760000000000", name=op.f("ck_capabilities_labour_per_unit")
        ),
        sa.CheckConstraint(
            "lead_time BETWEEN 0 AND 3155760000000000", name=op.f("ck_capabilities_lead_time")
        ),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 200", name=op.f("ck_capabilities_code")),
        sa.CheckConstraint(
            "minimum_batch BETWEEN 0 AND 1000000000000", name=op.f("ck_capabilities_minimum_batch")
        ),
        sa.CheckConstraint(
            "setup_cost BETWEEN 0 AND 1000000000000000000", name=op.f("ck_capabilities_setup_cost")
        ),
        sa.CheckConstraint(
            "setup_time BETWEEN 0 AND 3155760000000000", name=op.f("ck_capabilities_setup_time")
        ),
        sa.CheckConstraint(
            "time_per_unit BETWEEN 0 AND 3155760000000000", name=op.f("ck_capabilities_time_per_unit")
        ),
        sa.CheckConstraint(
            "unit_cost BETWEEN 0 AND 1000000000000000000", name=op.f("ck_capabilities_unit_cost")
        ),
        sa.CheckConstraint("yield_ppm BETWEEN 1 AND 1000000", name=op.f("ck_capabilities_yield_ppm")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_capabilities_item_id"),
        sa.ForeignKeyConstraint(
            ["labour_pool_id", "site_id"],
            ["labour_pools.id", "labour_pools.site_id"],
            name="fk_capabilities_labour_pool_id_site_id",
        ),
        sa.ForeignKeyConstraint(
            ["line_id", "site_id", "organisation_id"],
            ["lines.id", "lines.site_id", "lines.organisation_id"],
            name="fk_capabilities_line_id_site_id_organisation_id",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_capabilities"),
        sa.UniqueConstraint("market_id", "code", name="uq_capabilities_market_id_code"),
    )
    op.create_index("ix_capabilities_item_id", "capabilities", ["item_id"])
    op.create_index("ix_capabilities_labour_pool_id", "capabilities", ["labour_pool_id"])
    op.create_index("ix_capabilities_line_id", "capabilities", ["line_id"])
    op.create_index(
        "uq_capabilities_line_id_item_id_active",
        "capabilities",
        ["line_id", "item_id"],
        unique=True,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "capacity_windows",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("market_id", sa.Text(collation="C"), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Text(collation="C")),
        sa.Column("labour_pool_id", sa.Text(collation="C")),
        sa.Column("starts_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("cost_per_hour", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("coalesce(line_id, labour_pool_id)"), "="),
            (sa.literal_column("rate"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("status = 'active'"),
            deferrable=True,
            initially="IMMEDIATE",
            using="gist",
            name="ex_capacity_windows_overlap",
        ),
        sa.CheckConstraint("rate IN ('regular', 'overtime')", name=op.f("ck_capacity_windows_rate")),
        sa.CheckConstraint("status IN ('active', 'withdrawn')", name=op.f("ck_capacity_windows_status")),
        sa.CheckConstraint(
            "available BETWEEN 0 AND 3155760000000000", name=op.f("ck_capacity_windows_available")
        ),
        sa.CheckConstraint(
            "cost_per_hour BETWEEN 0 AND 1000000000000000000", name=op.f("ck_capacity_windows_cost_per_hour")
        ),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 200", name=op.f("ck_capacity_windows_code")),
        sa.CheckConstraint(
            "num_nonnulls(line_id, labour_pool_id) = 1", name=op.f("ck_capacity_windows_line")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_capacity_windows_ends_at")),
        sa.ForeignKeyConstraint(
            ["labour_pool_id", "organisation_id"],
            ["labour_pools.id", "labour_pools.organisation_id"],
            name="fk_capacity_windows_labour_pool_id_organisation_id",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["line_id", "organisation_id"],
            ["lines.id", "lines.organisation_id"],
            name="fk_capacity_windows_line_id_organisation_id",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_capacity_windows"),
        sa.UniqueConstraint("market_id", "code", name="uq_capacity_windows_market_id_code"),
    )
    op.create_index(
        "ix_capacity_windows_labour_pool_id", "capacity_windows", ["labour_pool_id"], unique=False
    )
    op.create_index("ix_capacity_windows_line_id", "capacity_windows", ["line_id"])


def downgrade() -> None:
    op.drop_table("capacity_windows")
    op.drop_table("capabilities")
    op.drop_table("certificates")
