"""Commitment, ways of sending, who may call from where, retention, and the audit's chain.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.Integer()
TEXT = sa.Text()
TIME = sa.DateTime(timezone=True)
WORD = sa.String(32)
PEER_WORDS = {"mode": "send", "commitment": "none"}
PEER_TEXTS = {"quiet_from": "", "quiet_until": ""}
PEER_LISTS = ("calling_networks", "certificate_names")


def upgrade() -> None:
    for name, default in PEER_WORDS.items():
        op.add_column("peer", sa.Column(name, WORD, nullable=False, server_default=default))
    for name, default in PEER_TEXTS.items():
        op.add_column("peer", sa.Column(name, TEXT, nullable=False, server_default=default))
    for name in PEER_LISTS:
        op.add_column("peer", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("peer", sa.Column("lines", NUMBER, nullable=False, server_default="1"))
    patience: sa.Column[float] = sa.Column(
        "commitment_seconds", sa.Double(), nullable=False, server_default="600"
    )
    op.add_column("peer", patience)
    op.add_column("peer", sa.Column("maximum_associations", NUMBER, nullable=True))
    op.add_column("peer", sa.Column("maximum_pdu", NUMBER, nullable=True))
    op.add_column("peer", sa.Column("idle_seconds", sa.Double(), nullable=True))
    op.add_column("peer", sa.Column("last_received_at", TIME, nullable=True))

    op.create_table(
        "commitment",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("peer_id", NUMBER, nullable=False),
        sa.Column("transaction_uid", TEXT, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("words", TEXT, nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("answered_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_commitment"),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name="fk_commitment_peer_id_peer"),
        sa.UniqueConstraint("transaction_uid", name="uq_commitment_transaction_uid"),
    )
    op.create_index("ix_commitment_state_due_at", "commitment", ["state", "due_at"])
    # One statement for each column: SQLite adds no foreign key to a table that is there.
    with op.batch_alter_table("delivery") as delivery:
        delivery.add_column(sa.Column("commitment_id", NUMBER, nullable=True))
        delivery.add_column(sa.Column("committed_at", TIME, nullable=True))
        delivery.add_column(sa.Column("lost", NUMBER, nullable=False, server_default="0"))
        delivery.create_foreign_key(
            "fk_delivery_commitment_id_commitment", "commitment", ["commitment_id"], ["id"]
        )
    op.create_index("ix_delivery_commitment_id", "delivery", ["commitment_id"])

    op.add_column("instance", sa.Column("removed_at", TIME, nullable=True))
    op.add_column("instance", sa.Column("content_sha256", TEXT, nullable=True))
    op.add_column("result_object", sa.Column("removed_at", TIME, nullable=True))
    op.add_column("quarantine", sa.Column("removed_at", TIME, nullable=True))
    op.add_column("audit_event", sa.Column("hash", TEXT, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("audit_event", "hash")
    op.drop_column("quarantine", "removed_at")
    op.drop_column("result_object", "removed_at")
    op.drop_column("instance", "content_sha256")
    op.drop_column("instance", "removed_at")
    op.drop_index("ix_delivery_commitment_id", "delivery")
    with op.batch_alter_table("delivery") as delivery:
        delivery.drop_constraint("fk_delivery_commitment_id_commitment", type_="foreignkey")
        for name in ("commitment_id", "committed_at", "lost"):
            delivery.drop_column(name)
    op.drop_table("commitment")
    for name in ("last_received_at", "idle_seconds", "maximum_pdu", "maximum_associations"):
        op.drop_column("peer", name)
    for name in ("commitment_seconds", "lines", *PEER_LISTS, *PEER_TEXTS, *PEER_WORDS):
        op.drop_column("peer", name)
