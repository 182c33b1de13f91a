"""Policies, rejected films, signed reports, and fetches that say what for.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.Integer()
TEXT = sa.Text()
TIME = sa.DateTime(timezone=True)
WORD = sa.String(32)
# One statement that both databases take: a constraint added by itself would make SQLite copy the
# table, to which others refer.
FETCHED = """
    ALTER TABLE instance ADD COLUMN retrieval_id INTEGER
    CONSTRAINT fk_instance_retrieval_id_retrieval REFERENCES retrieval (id)
"""


def upgrade() -> None:
    _policy()
    _rejection()
    _signed_report()
    # Nothing was ever fetched by the revisions before.
    op.drop_table("retrieval")
    _retrieval()
    op.add_column("instance", sa.Column("policy_version", NUMBER, nullable=True))
    op.add_column("instance", sa.Column("asked_of_pixels", TEXT, nullable=False, server_default=""))
    for name in ("corrects_uid", "derived_from_uid", "rejection_code"):
        op.add_column("instance", sa.Column(name, TEXT, nullable=True))
    op.create_index("ix_instance_rejection_code", "instance", ["rejection_code"])
    op.execute(FETCHED)
    for name in ("takes_rejections", "gives_priors"):
        no = sa.false()
        op.add_column("peer", sa.Column(name, sa.Boolean(), nullable=False, server_default=no))
    op.add_column("result_object", sa.Column("predecessor_uid", TEXT, nullable=True))
    op.add_column("result_object", sa.Column("series_uid", TEXT, nullable=False, server_default=""))
    op.add_column("delivery", sa.Column("rejection_uid", TEXT, nullable=True))


def downgrade() -> None:
    op.drop_column("delivery", "rejection_uid")
    for name in ("series_uid", "predecessor_uid"):
        op.drop_column("result_object", name)
    for name in ("gives_priors", "takes_rejections"):
        op.drop_column("peer", name)
    op.execute("ALTER TABLE instance DROP COLUMN retrieval_id")
    op.drop_index("ix_instance_rejection_code", "instance")
    for name in (
        "rejection_code",
        "derived_from_uid",
        "corrects_uid",
        "asked_of_pixels",
        "policy_version",
    ):
        op.drop_column("instance", name)
    for name in ("retrieval", "signed_report", "rejection", "policy"):
        op.drop_table(name)
    _first_retrieval()


def _policy() -> None:
    op.create_table(
        "policy",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy"),
        sa.UniqueConstraint("version", name="uq_policy_version"),
    )


def _rejection() -> None:
    op.create_table(
        "rejection",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("note_uid", TEXT, nullable=False),
        sa.Column("study_uid", TEXT, nullable=False),
        sa.Column("instance_uid", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("calling_ae", TEXT, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rejection"),
        sa.UniqueConstraint("note_uid", "instance_uid", name="uq_rejection_note_uid_instance_uid"),
    )
    op.create_index("ix_rejection_instance_uid", "rejection", ["instance_uid"])


def _signed_report() -> None:
    op.create_table(
        "signed_report",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("study_id", NUMBER, nullable=False),
        sa.Column("uid", TEXT, nullable=False),
        sa.Column("instance_id", NUMBER, nullable=True),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("verified_at", TIME, nullable=True),
        sa.Column("received_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instance.id"], name="fk_signed_report_instance_id_instance"
        ),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name="fk_signed_report_study_id_study"),
        sa.PrimaryKeyConstraint("id", name="pk_signed_report"),
        sa.UniqueConstraint("uid", name="uq_signed_report_uid"),
    )
    op.create_index("ix_signed_report_study_id", "signed_report", ["study_id"])


def _retrieval() -> None:
    op.create_table(
        "retrieval",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("peer_id", NUMBER, nullable=False),
        sa.Column("study_uid", TEXT, nullable=False),
        sa.Column("series_uids", sa.JSON(), nullable=False),
        sa.Column("purpose", WORD, nullable=False),
        sa.Column("campaign", TEXT, nullable=False),
        sa.Column("for_study_id", NUMBER, nullable=True),
        sa.Column("patient_id", TEXT, nullable=False),
        sa.Column("issuer", TEXT, nullable=False),
        sa.Column("study_date", TEXT, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("token", NUMBER, nullable=False),
        sa.Column("worker", TEXT, nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("completed", NUMBER, nullable=False),
        sa.Column("failed", NUMBER, nullable=False),
        sa.Column("error", TEXT, nullable=True),
        sa.Column("requested_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name="fk_retrieval_peer_id_peer"),
        sa.ForeignKeyConstraint(
            ["for_study_id"], ["study.id"], name="fk_retrieval_for_study_id_study"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_retrieval"),
        sa.UniqueConstraint(
            "campaign",
            "peer_id",
            "study_uid",
            "purpose",
            name="uq_retrieval_campaign_peer_id_study_uid_purpose",
        ),
    )
    op.create_index("ix_retrieval_study_uid", "retrieval", ["study_uid"])
    op.create_index("ix_retrieval_state_due_at", "retrieval", ["state", "due_at"])


def _first_retrieval() -> None:
    op.create_table(
        "retrieval",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("peer_id", NUMBER, nullable=False),
        sa.Column("study_uid", TEXT, nullable=False),
        sa.Column("purpose", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("error", TEXT, nullable=True),
        sa.Column("requested_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name="fk_retrieval_peer_id_peer"),
        sa.PrimaryKeyConstraint("id", name="pk_retrieval"),
    )
    op.create_index("ix_retrieval_study_uid", "retrieval", ["study_uid"])
