"""The queue: procrastinate's tables and functions, in a schema of their own.

They are those of the installed release, which pyproject.toml holds at 3.10, so that this revision makes the same
tables everywhere. A newer release line needs a revision that runs its migrations (docs/decisions/0032).

Revision: 0008, after 0007
"""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA procrastinate")
    op.execute("SET LOCAL search_path TO procrastinate, public")
    # As the cursor's own text, not through SQLAlchemy: the text is full of colons and per cent signs.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(SchemaManager.get_schema())
    cursor.close()
    op.execute("SET LOCAL search_path TO public, procrastinate")


def downgrade() -> None:
    op.execute("DROP SCHEMA procrastinate CASCADE")
