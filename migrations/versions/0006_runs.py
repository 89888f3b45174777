"""Runs, kept to their states, and the problems that they solved.

Revision: 0006, after 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEEP_TO_STATES = """
CREATE FUNCTION runs_keep_to_their_states() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What has ended stays as it is.
    IF OLD.status IN ('started', 'solving')
        OR (OLD.status = 'scheduled' AND NEW.status IN ('scheduled', 'started', 'failed', 'cancelled'))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a run cannot go from % to %', OLD.status, NEW.status
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_runs_transition', TABLE = 'runs';
END $$
"""
NOTIFY = """
CREATE FUNCTION runs_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('capweave_runs', NEW.id);
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("market_id", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("phase", sa.Text()),
        sa.Column("incumbent", sa.BigInteger()),
        sa.Column("bound", sa.BigInteger()),
        sa.Column("gap", sa.Double()),
        sa.Column("elapsed", sa.BigInteger()),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("lease", sa.Text()),
        sa.Column("error_code", sa.Text()),
        sa.Column("error_message", sa.Text()),
        sa.Column("cancel_requested_at", sa.TIMESTAMP(timezone=True)),
        sa.Column("heartbeat_at", sa.TIMESTAMP(timezone=True)),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("started_at", sa.TIMESTAMP(timezone=True)),
        sa.Column("finished_at", sa.TIMESTAMP(timezone=True)),
        sa.CheckConstraint(
            "status IN ('scheduled', 'started', 'solving', 'completed', 'incomplete', 'failed', 'cancelled')",
            name=op.f("ck_runs_status"),
        ),
        sa.CheckConstraint("attempt >= 0", name=op.f("ck_runs_attempt")),
        sa.ForeignKeyConstraint(["market_id"], ["markets.id"], name="fk_runs_market_id"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_market_id_id", "runs", ["market_id", "id"])
    op.create_table(
        "snapshots",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("market_id", sa.Text(collation="C"), nullable=False),
        sa.Column("run_id", sa.Text(collation="C"), nullable=False),
        sa.Column("taken_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["market_id"], ["markets.id"], name="fk_snapshots_market_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_snapshots_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_snapshots"),
        sa.UniqueConstraint("run_id", name="uq_snapshots_run_id"),
    )
    # The content is compressed already.
    op.execute("ALTER TABLE snapshots ALTER COLUMN content SET STORAGE EXTERNAL")
    op.execute(KEEP_TO_STATES)
    op.execute(
        "CREATE TRIGGER runs_keep_to_their_states BEFORE UPDATE ON runs"
        " FOR EACH ROW EXECUTE FUNCTION runs_keep_to_their_states()"
    )
    op.execute(NOTIFY)
    op.execute(
        "CREATE TRIGGER runs_notify AFTER INSERT OR UPDATE ON runs"
        " FOR EACH ROW EXECUTE FUNCTION runs_notify()"
    )


def downgrade() -> None:
    op.drop_table("snapshots")
    op.drop_table("runs")
    op.execute("DROP FUNCTION runs_notify()")
    op.execute("DROP FUNCTION runs_keep_to_their_states()")
