"""Alembic's scripts; `db.upgrade` runs them."""
