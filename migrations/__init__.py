"""Alembic's scripts: how the database came to be what it is. `migrations.run` is the way in."""
