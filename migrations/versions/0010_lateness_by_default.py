"""What being late costs may be left to the run, as what is unmet is.

Orders that named no cost were stored with 0, by which the matcher had no reason to be in time; they take the run's now.

Revision: 0010, after 0009
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("order_lines", "lateness_cost_per_day", nullable=True)
    op.execute("UPDATE order_lines SET lateness_cost_per_day = NULL WHERE lateness_cost_per_day = 0")


def downgrade() -> None:
    op.execute("UPDATE order_lines SET lateness_cost_per_day = 0 WHERE lateness_cost_per_day IS NULL")
    op.alter_column("order_lines", "lateness_cost_per_day", nullable=False)
