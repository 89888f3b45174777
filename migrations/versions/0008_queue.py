"""The queue: procrastinate's tables and functions, in a schema of their own.

The file `sql/procrastinate-3.10.sql` is that release's own `schema.sql` (MIT licence), frozen: what an
installed version says may differ one day, what this revision makes may not. A newer procrastinate that brings
migrations needs a revision that runs them.

Revision: 0008, after 0007
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).resolve().parent.parent / "sql" / "procrastinate-3.10.sql"


def upgrade() -> None:
    op.execute("CREATE SCHEMA procrastinate")
    op.execute("SET LOCAL search_path TO procrastinate, public")
    # As the cursor's own text, not through SQLAlchemy: the file is full of colons and per cent signs.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(SCHEMA.read_text(encoding="utf-8"))
    cursor.close()
    op.execute("SET LOCAL search_path TO public, procrastinate")


def downgrade() -> None:
    op.execute("DROP SCHEMA procrastinate CASCADE")
