"""Commitment, ways of sending, who may call from where, retention, and the audit's chain.

Revision ID: 0005
Revises: 0004
"""

from datetime import UTC

import sqlalchemy as sa
from alembic import op

from db.audit_chain import Link, digest
from db.audit_guards import unguard

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
RETENTION_INDEXES = (
    ("ix_study_patient_id_issuer", "study", ["patient_id", "issuer"]),
    ("ix_job_study_id", "job", ["study_id"]),
    ("ix_rejection_study_uid", "rejection", ["study_uid"]),
)
AUDIT_EVENT = sa.table(
    "audit_event",
    sa.column("id", NUMBER),
    sa.column("at", TIME),
    sa.column("actor", TEXT),
    sa.column("action", WORD),
    sa.column("study_id", NUMBER),
    sa.column("instance_id", NUMBER),
    sa.column("details", sa.JSON()),
    sa.column("hash", TEXT),
)
AUDIT_HEAD = sa.table(
    "audit_head", sa.column("id", NUMBER), sa.column("last_id", NUMBER), sa.column("hash", TEXT)
)


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
    op.add_column("peer", sa.Column("commitment_at", TIME, nullable=True))
    op.add_column(
        "peer", sa.Column("commitment_failures", NUMBER, nullable=False, server_default="0")
    )
    op.add_column("peer", sa.Column("commitment_error", TEXT, nullable=True))
    op.add_column("peer", sa.Column("maximum_associations", NUMBER, nullable=True))
    op.add_column("peer", sa.Column("maximum_pdu", NUMBER, nullable=True))
    op.add_column("peer", sa.Column("idle_seconds", sa.Double(), nullable=True))
    op.add_column("peer", sa.Column("last_received_at", TIME, nullable=True))
    op.add_column("peer", sa.Column("mode_changed_at", TIME, nullable=True))
    learned = sa.Column("learned_sr_class", TEXT, nullable=False, server_default="")
    op.add_column("peer", learned)

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
        delivery.add_column(sa.Column("next_attempt_at", TIME, nullable=True))
        delivery.add_column(sa.Column("asks", NUMBER, nullable=False, server_default="0"))
        delivery.add_column(sa.Column("ask_at", TIME, nullable=True))
        delivery.create_foreign_key(
            "fk_delivery_commitment_id_commitment", "commitment", ["commitment_id"], ["id"]
        )
    op.create_index("ix_delivery_commitment_id", "delivery", ["commitment_id"])
    op.create_table(
        "recall",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("reading_id", TEXT, nullable=False),
        sa.Column("peer_id", NUMBER, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recall"),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["reading.id"], name="fk_recall_reading_id_reading"
        ),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name="fk_recall_peer_id_peer"),
        sa.UniqueConstraint("reading_id", "peer_id", name="uq_recall_reading_id_peer_id"),
    )

    op.add_column("instance", sa.Column("removed_at", TIME, nullable=True))
    op.add_column("instance", sa.Column("content_sha256", TEXT, nullable=True))
    op.add_column("result_object", sa.Column("removed_at", TIME, nullable=True))
    op.add_column("quarantine", sa.Column("removed_at", TIME, nullable=True))
    for name, table, columns in RETENTION_INDEXES:
        op.create_index(name, table, columns)
    kept = sa.text("removed_at IS NULL")
    op.create_index(
        "ix_instance_kept", "instance", ["received_at"], sqlite_where=kept, postgresql_where=kept
    )
    _chain_the_audit()


def _chain_the_audit() -> None:
    with op.batch_alter_table("audit_event") as event:
        event.add_column(sa.Column("hash", TEXT, nullable=False, server_default=""))
        event.drop_constraint("fk_audit_event_study_id_study", type_="foreignkey")
        event.drop_constraint("fk_audit_event_instance_id_instance", type_="foreignkey")
    # Places are given by whoever holds the head.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE audit_event ALTER COLUMN id DROP DEFAULT")
        op.execute("DROP SEQUENCE audit_event_id_seq")
    op.create_table(
        "audit_head",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("last_id", NUMBER, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    last_id, last_hash = _hash_what_is_there()
    op.bulk_insert(AUDIT_HEAD, [{"id": 1, "last_id": last_id, "hash": last_hash}])
    with op.batch_alter_table("audit_event") as event:
        event.alter_column("hash", existing_type=TEXT, nullable=False, server_default=None)


def _hash_what_is_there() -> tuple[int, str]:
    connection = op.get_bind()
    last_id, last_hash = 0, ""
    for row in connection.execute(sa.select(AUDIT_EVENT).order_by(AUDIT_EVENT.c.id)).all():
        at = row.at.replace(tzinfo=UTC) if row.at.tzinfo is None else row.at
        link = Link(**{**row._mapping, "at": at})  # noqa: SLF001 - SQLAlchemy's own public name
        last_id, last_hash = link.id, digest(link, last_hash)
        change = sa.update(AUDIT_EVENT).where(AUDIT_EVENT.c.id == last_id)
        connection.execute(change.values(hash=last_hash))
    return last_id, last_hash


def _unchain_the_audit() -> None:
    unguard(op.get_bind())
    with op.batch_alter_table("audit_event") as event:
        event.drop_column("hash")
        for name in ("study", "instance"):
            key = f"{name}_id"
            event.create_foreign_key(f"fk_audit_event_{key}_{name}", name, [key], ["id"])
    op.drop_table("audit_head")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE audit_event_id_seq OWNED BY audit_event.id")
        op.execute(
            "SELECT setval('audit_event_id_seq',"
            " (SELECT coalesce(max(id), 0) + 1 FROM audit_event), false)"
        )
        op.execute(
            "ALTER TABLE audit_event ALTER COLUMN id SET DEFAULT nextval('audit_event_id_seq')"
        )


def downgrade() -> None:
    _unchain_the_audit()
    op.drop_index("ix_instance_kept", "instance")
    for name, table, _ in RETENTION_INDEXES:
        op.drop_index(name, table)
    op.drop_column("quarantine", "removed_at")
    op.drop_column("result_object", "removed_at")
    op.drop_column("instance", "content_sha256")
    op.drop_column("instance", "removed_at")
    op.drop_table("recall")
    op.drop_index("ix_delivery_commitment_id", "delivery")
    with op.batch_alter_table("delivery") as delivery:
        delivery.drop_constraint("fk_delivery_commitment_id_commitment", type_="foreignkey")
        for name in ("next_attempt_at", "commitment_id", "committed_at", "lost", "asks", "ask_at"):
            delivery.drop_column(name)
    op.drop_table("commitment")
    for name in ("commitment_error", "commitment_failures", "commitment_at"):
        op.drop_column("peer", name)
    for name in ("learned_sr_class", "mode_changed_at"):
        op.drop_column("peer", name)
    for name in ("last_received_at", "idle_seconds", "maximum_pdu", "maximum_associations"):
        op.drop_column("peer", name)
    for name in ("commitment_seconds", "lines", *PEER_LISTS, *PEER_TEXTS, *PEER_WORDS):
        op.drop_column("peer", name)
