"""The levels of a plan, aims that came before money, and what it gives up of an earlier plan.

Revision: 0009, after 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("levels", "released"):
        op.add_column(
            "plans", sa.Column(name, postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'"))
        )


def downgrade() -> None:
    op.drop_column("plans", "released")
    op.drop_column("plans", "levels")
