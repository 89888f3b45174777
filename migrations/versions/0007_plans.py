"""Plans and their parts.

Revision: 0007, after 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plans",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("market_id", sa.Text(collation="C"), nullable=False),
        sa.Column("run_id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("objective", sa.BigInteger(), nullable=False),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.Column("bound", sa.BigInteger(), nullable=False),
        sa.Column("gap", sa.Double(), nullable=False),
        sa.Column("termination", sa.Text(), nullable=False),
        sa.Column("elapsed", sa.BigInteger(), nullable=False),
        sa.Column("peak_memory_mb", sa.Double(), nullable=False),
        sa.Column("snapshot_hash", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("convention", sa.Text(), nullable=False),
        sa.Column("buckets", postgresql.JSONB(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("published_at", sa.TIMESTAMP(timezone=True)),
        sa.CheckConstraint("convention IN ('conservative', 'same_bucket')", name=op.f("ck_plans_convention")),
        sa.CheckConstraint("status IN ('draft', 'published', 'superseded')", name=op.f("ck_plans_status")),
        sa.CheckConstraint(
            "termination IN ('optimal', 'gap', 'time_limit', 'cancelled')", name=op.f("ck_plans_termination")
        ),
        sa.ForeignKeyConstraint(["market_id"], ["markets.id"], name="fk_plans_market_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_plans_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
        sa.UniqueConstraint("run_id", name="uq_plans_run_id"),
    )
    op.create_index("ix_plans_market_id_id", "plans", ["market_id", "id"])
    op.create_index(
        "uq_plans_market_id_published",
        "plans",
        ["market_id"],
        unique=True,
        postgresql_where="status = 'published'",
    )
    op.create_table(
        "plan_loads",
        sa.Column("plan_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C"), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=False),
        sa.Column("line_id", sa.Text(collation="C")),
        sa.Column("labour_pool_id", sa.Text(collation="C")),
        sa.Column("bucket", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("available_overtime", sa.BigInteger(), nullable=False),
        sa.Column("used_overtime", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("num_nonnulls(line_id, labour_pool_id) = 1", name=op.f("ck_plan_loads_line")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_plan_loads_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", "id", name="pk_plan_loads"),
    )
    op.create_table(
        "material_draws",
        sa.Column("plan_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C"), nullable=False),
        sa.Column("supplier_id", sa.Text(collation="C"), nullable=False),
        sa.Column("supply_id", sa.Text(collation="C")),
        sa.Column("from_production_id", sa.Text(collation="C")),
        sa.Column("allocation_id", sa.Text(collation="C")),
        sa.Column("for_production_id", sa.Text(collation="C")),
        sa.Column("item_id", sa.Text(collation="C"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(allocation_id, for_production_id) = 1", name=op.f("ck_material_draws_allocation")
        ),
        sa.CheckConstraint(
            "num_nonnulls(supply_id, from_production_id) = 1", name=op.f("ck_material_draws_supply")
        ),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000000000", name=op.f("ck_material_draws_quantity")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_material_draws_plan_id"),
        sa.ForeignKeyConstraint(["supply_id"], ["supplies.id"], name="fk_material_draws_supply_id"),
        sa.PrimaryKeyConstraint("plan_id", "id", name="pk_material_draws"),
    )
    op.create_table(
        "allocations",
        sa.Column("plan_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C"), nullable=False),
        sa.Column("buyer_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_line_id", sa.Text(collation="C"), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=False),
        sa.Column("line_id", sa.Text(collation="C"), nullable=False),
        sa.Column("capability_id", sa.Text(collation="C"), nullable=False),
        sa.Column("item_id", sa.Text(collation="C"), nullable=False),
        sa.Column("bucket", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("delivery_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('proposed', 'offered', 'accepted', 'declined', 'countered', 'expired', "
            "'in_production', 'completed')",
            name=op.f("ck_allocations_status"),
        ),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000000000", name=op.f("ck_allocations_quantity")),
        sa.ForeignKeyConstraint(["capability_id"], ["capabilities.id"], name="fk_allocations_capability_id"),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name="fk_allocations_order_line_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_allocations_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", "id", name="pk_allocations"),
    )
    op.create_index("ix_allocations_order_line_id", "allocations", ["order_line_id"])
    op.create_table(
        "productions",
        sa.Column("plan_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C"), nullable=False),
        sa.Column("site_id", sa.Text(collation="C"), nullable=False),
        sa.Column("line_id", sa.Text(collation="C"), nullable=False),
        sa.Column("capability_id", sa.Text(collation="C"), nullable=False),
        sa.Column("item_id", sa.Text(collation="C"), nullable=False),
        sa.Column("bucket", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000000000", name=op.f("ck_productions_quantity")),
        sa.ForeignKeyConstraint(["capability_id"], ["capabilities.id"], name="fk_productions_capability_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_productions_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", "id", name="pk_productions"),
    )
    op.create_table(
        "shortfalls",
        sa.Column("plan_id", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("organisation_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Text(collation="C"), nullable=False),
        sa.Column("order_line_id", sa.Text(collation="C"), nullable=False),
        sa.Column("item_id", sa.Text(collation="C"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unmet", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("factors", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("late BETWEEN 0 AND quantity - unmet", name=op.f("ck_shortfalls_late")),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000000000", name=op.f("ck_shortfalls_quantity")),
        sa.CheckConstraint("unmet BETWEEN 0 AND quantity", name=op.f("ck_shortfalls_unmet")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name="fk_shortfalls_order_line_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_shortfalls_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", "id", name="pk_shortfalls"),
    )


def downgrade() -> None:
    op.drop_table("shortfalls")
    op.drop_table("productions")
    op.drop_table("allocations")
    op.drop_table("material_draws")
    op.drop_table("plan_loads")
    op.drop_table("plans")
