"""How a film was taken, and what it may be compared with.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = ("technique", "comparison")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("instance", sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    # Not as a batch, which SQLite would do by dropping a table that others refer to.
    for name in reversed(COLUMNS):
        op.drop_column("instance", name)
